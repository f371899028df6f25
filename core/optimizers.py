"""Optimisers, and how the learning rate moves over a training."""

from __future__ import annotations

import math
from typing import Any

import torch

from musicrec.core.models.configs import GradientConfig

_UNCOMPILED = ("add_param_group", "load_state_dict", "state_dict", "zero_grad")


def make_optimizer(model: torch.nn.Module, config: GradientConfig) -> torch.optim.Optimizer:
    """Make the optimiser that the configuration names."""
    _spare_the_compiler()
    parameters = list(model.parameters())
    if config.optimizer == "sgd":
        return torch.optim.SGD(parameters, lr=config.lr, weight_decay=config.l2)
    if config.optimizer == "adagrad":
        return torch.optim.Adagrad(parameters, lr=config.lr, weight_decay=config.l2)
    kind = torch.optim.AdamW if config.optimizer == "adamw" else torch.optim.Adam
    return kind(parameters, lr=config.lr, weight_decay=config.l2, fused=True)


def _spare_the_compiler() -> None:
    # Torch imports its compiler, a second of code, at the first call of these, to mark them as never compiled. Where
    # the kernel takes the steps nothing else needs it, and a method that is its own mark is taken as it is.
    for name in _UNCOMPILED:
        plain = getattr(getattr(torch.optim.Optimizer, name), "__wrapped__", None)
        if plain is not None and not hasattr(plain, "__dynamo_disable"):
            setattr(plain, "__dynamo_disable", plain)


def learning_rate(config: GradientConfig, step: int, planned: int) -> float:
    """Return the learning rate of `step`, from 0, where `planned` steps are all of the training.

    It rises in equal parts to `lr` over the first `warmup_steps`; then it stays there, or falls to zero in a straight
    line, or as half a cosine (Loshchilov & Hutter, ICLR 2017, without restarts). It depends on the step alone: a
    training that goes on needs no more than that.
    """
    if step < config.warmup_steps:
        return config.lr * (step + 1) / config.warmup_steps
    if config.schedule == "constant":
        return config.lr
    done = min((step - config.warmup_steps) / max(planned - config.warmup_steps, 1), 1.0)
    return config.lr * (1 - done if config.schedule == "linear" else (1 + math.cos(math.pi * done)) / 2)


def take_up_state(optimizer: torch.optim.Optimizer, state: dict[str, Any]) -> None:
    """Let `optimizer` go on from the state of another one like it.

    Raises ValueError where that was of another kind or of other parameters: torch itself would read beyond them.
    """
    mine = optimizer.state_dict()
    groups = state["param_groups"]
    kinds = [{name: type(value) for name, value in group.items()} for group in mine["param_groups"]]
    if kinds != [{name: type(value) for name, value in group.items()} for group in groups] or any(
        group["params"] != other["params"] for group, other in zip(mine["param_groups"], groups, strict=True)
    ):
        raise ValueError("it is the state of another optimiser")
    parameters = dict(enumerate(each for group in optimizer.param_groups for each in group["params"]))
    for number, kept in state["state"].items():
        for name, value in kept.items():
            shape = () if name == "step" else parameters[number].shape
            if value is None:
                continue
            if not isinstance(value, torch.Tensor) or value.shape != shape or not value.is_floating_point():
                raise ValueError(f"{name} of parameter {number} is not as large as the parameter")
    optimizer.load_state_dict(state)


def set_learning_rate(optimizer: torch.optim.Optimizer, lr: float) -> None:
    """Let the next step of `optimizer` be taken with `lr`."""
    for group in optimizer.param_groups:
        group["lr"] = lr
