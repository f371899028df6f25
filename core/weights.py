"""Weights on disk, and models made of them again."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

from musicrec.core.dataset import Dataset
from musicrec.core.errors import MusicrecError, WrongDataset, is_out_of_memory
from musicrec.core.models.base import Model
from musicrec.core.models.configs import config_of_run
from musicrec.core.models.registry import build
from musicrec.core.places import Places
from musicrec.core.records import RunCard
from musicrec.core.runs import WEIGHTS, forget_evaluations, mismatch, write_atomically
from musicrec.core.tensor_files import holds, read_tensors, to_chunks

_FILLS = {
    *(nn.init.uniform_, nn.init.normal_, nn.init.constant_, nn.init.kaiming_uniform_),
    *(Tensor.uniform_, Tensor.normal_, Tensor.zero_, Tensor.fill_, Tensor.masked_fill_),
}


class _Unfilled(TorchFunctionMode):
    """Parameters made within have no values: drawing those of a large table takes seconds, and all of its memory."""

    def __torch_function__(
        self, func: Callable[..., Any], types: Sequence[type], args: Any = (), kwargs: Any = None
    ) -> Any:
        given = kwargs or {}
        if func in _FILLS:
            filled = args[0] if args else given["tensor"]
            if isinstance(filled, nn.Parameter) or isinstance(filled._base, nn.Parameter):
                return filled
        return func(*args, **given)


def save_weights(places: Places, name: str, weights: dict[str, Tensor]) -> None:
    """Write `model.safetensors`; figures of other weights go, such as those from before a run was resumed.

    A file that is there with the same weights stays as it is.
    """
    content = to_chunks(weights)
    path = places.run(name) / WEIGHTS
    if holds(path, content):
        return
    forget_evaluations(places, name)
    write_atomically(path, content)
    forget_evaluations(places, name)  # those that somebody kept in between


def load_model(places: Places, card: RunCard, data: Dataset, device: torch.device) -> Model:
    """Make the model of a run again, with its best weights, ready to score.

    Raises WrongDataset where the run was trained on another dataset, MusicrecError where its files are damaged or too
    large for the memory there is.
    """
    check_dataset(card, data.name, data.fingerprint)
    path = places.run(card.name) / WEIGHTS
    try:
        with _Unfilled():
            model = build(card.model, config_of_run(card.model, card.config), data)
        model.load_state_dict(_read(path, model), assign=True)
    except (OSError, ValueError, RuntimeError, MemoryError, MusicrecError) as error:
        if is_out_of_memory(error):
            raise MusicrecError(f"there is too little memory for run {card.name}: close other programs") from error
        first = str(error).splitlines()[0]
        raise MusicrecError(f"run {card.name} cannot be used, train it again: {path} is damaged ({first})") from error
    return model.to(device).eval()


def check_dataset(card: RunCard, name: str, fingerprint: str) -> None:
    """Raise WrongDataset unless `card` was trained on this dataset."""
    if problem := mismatch(card, name, fingerprint):
        raise WrongDataset(problem)


def _read(path: Path, model: Model) -> dict[str, Tensor]:
    dtypes = {name: value.dtype for name, value in model.state_dict().items()}
    weights, _ = read_tensors(path, path.parent)
    for name, value in weights.items():
        wanted = dtypes.get(name, value.dtype)
        if value.dtype != wanted and not (value.is_floating_point() and wanted.is_floating_point):
            raise ValueError(f"{name} holds {value.dtype}, not {wanted}")
        if value.is_floating_point() and value.numel() and not math.isfinite(sum(map(float, value.aminmax()))):
            raise ValueError(f"{name} holds what is no number")
        weights[name] = value.to(wanted)
    return weights
