"""From a model's name to its weights."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import torch

from musicrec.core.dataset import Dataset
from musicrec.core.errors import UsageError
from musicrec.core.models.base import Model
from musicrec.core.models.configs import MODELS, Config
from musicrec.core.models.dtnmr import DTNMR
from musicrec.core.models.ease import EASE
from musicrec.core.models.implicit_als import ALS
from musicrec.core.models.implicit_bpr import BPR
from musicrec.core.models.itemknn import ItemKNN
from musicrec.core.models.mf import MF
from musicrec.core.models.ncf import NCF
from musicrec.core.models.popularity import Popularity
from musicrec.core.models.recent import RecentPopularity
from musicrec.core.models.sasrec import SASRec

BUILDERS: dict[str, Callable[[Any, Dataset], Model]] = {
    "dtnmr": DTNMR,
    "ncf": NCF,
    "neumf": NCF,
    "gmf": partial(NCF, branches=("gmf",)),
    "mlp": partial(NCF, branches=("mlp",)),
    "mf": MF,
    "itemknn": ItemKNN,
    "popularity": Popularity,
    "recent": RecentPopularity,
    "ease": EASE,
    "als": ALS,
    "bpr": BPR,
    "sasrec": SASRec,
}


def build(model: str, config: Config, data: Dataset) -> Model:
    """Make the untrained model, its initial weights drawn from torch's generator as it stands.

    Raises UsageError where no model is called so.
    """
    if model not in BUILDERS:
        raise UsageError(f"no model is called {model!r}: choose one of {', '.join(MODELS)}")
    return BUILDERS[model](config, data)


def choose_device(device: str = "auto") -> torch.device:
    """Resolve `auto` to the fastest device that is there. Raises UsageError for one that is not, or is no device."""
    present = {"cpu": True, "cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    if device == "auto":
        return torch.device(next(name for name in ("cuda", "mps", "cpu") if present[name]))
    kind, numbered, number = device.partition(":")
    devices = torch.cuda.device_count() if kind == "cuda" else 1
    named = not numbered or (number.isascii() and number.isdecimal() and int(number[:9]) < devices)
    if not (present.get(kind, False) and named):
        here = ", ".join(name for name, there in present.items() if there)
        raise UsageError(f"torch cannot use device {device!r} on this machine: choose auto or one of {here}")
    return torch.device(device)
