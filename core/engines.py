"""What takes the gradient steps of a training: torch, or the compiled kernel where it can."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Literal

import torch

from musicrec.core.errors import UsageError
from musicrec.core.models.base import GradientModel
from musicrec.core.models.config import check_choice
from musicrec.core.models.configs import GradientConfig
from musicrec.core.models.mf import MF
from musicrec.core.models.ncf import NCF

if TYPE_CHECKING:
    from musicrec.core.models.pair_training import FusedSteps

Engine = Literal["torch", "numba"]
VARIABLE = "MUSICREC_ENGINE"
WORTH = 4_000_000  # samples of all passes: fewer are through before the kernel is compiled


def choose_engine(
    model: GradientModel, config: GradientConfig, samples: int, device: torch.device, processes: int, begun: str = ""
) -> Engine:
    """Choose what trains `model` on `samples` samples a pass: what the run was `begun` with, where that is known.

    MUSICREC_ENGINE chooses in place of that: torch, numba (the kernel) or auto. Raises UsageError for another value,
    and where numba is asked for that cannot train this.
    """
    told = os.environ.get(VARIABLE) or "auto"
    check_choice("engine", told, ("auto", "torch", "numba"))
    wanted = told if told != "auto" else begun
    obstacle = None if wanted == "torch" else _obstacle(model, config, device, processes)
    if told == "numba" and obstacle:
        raise UsageError(f"{VARIABLE}=numba: {obstacle}; choose auto or torch")
    if wanted == "torch" or obstacle or (wanted != "numba" and samples * config.epochs < WORTH):
        return "torch"
    return "numba"


def _obstacle(model: GradientModel, config: GradientConfig, device: torch.device, processes: int) -> str | None:
    if not isinstance(model, NCF | MF):
        return "the kernel trains ncf, gmf, mlp and mf"
    if isinstance(model, NCF) and model.config.dropout:
        return "the kernel knows no dropout"
    if config.optimizer not in ("adam", "adamw") or (config.optimizer == "adam" and config.l2):
        return "the kernel knows adamw, and adam without l2"
    if config.lr * config.l2 >= 1:
        return "the kernel knows no weight decay that leaves nothing of a weight"
    if device.type != "cpu" or processes > 1:
        return "the kernel trains on the CPU, in one process"
    try:
        import numba  # noqa: F401
    except ImportError:
        return "numba is not installed"
    return None


def fused_steps(model: GradientModel, optimizer: torch.optim.Optimizer) -> FusedSteps:
    """Make the kernel ready for a model that `choose_engine` chose it for."""
    from musicrec.core.models.pair_training import FusedSteps

    assert isinstance(model, NCF | MF)
    return FusedSteps(model, optimizer)
