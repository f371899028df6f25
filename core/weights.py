"""Weights on disk, and models made of them again."""

from __future__ import annotations

import torch
from safetensors import SafetensorError
from safetensors.torch import load, save
from torch import Tensor

from musicrec.core.dataset import Dataset
from musicrec.core.errors import MusicrecError, WrongDataset
from musicrec.core.models.base import Model
from musicrec.core.models.configs import config_for
from musicrec.core.models.registry import build
from musicrec.core.places import Places
from musicrec.core.records import RunCard
from musicrec.core.runs import WEIGHTS, mismatch, write_atomically


def save_weights(places: Places, name: str, weights: dict[str, Tensor]) -> None:
    """Write `model.safetensors`."""
    plain = {key: value.detach().cpu().contiguous() for key, value in weights.items()}
    write_atomically(places.run(name) / WEIGHTS, save(plain))


def load_model(places: Places, card: RunCard, data: Dataset, device: torch.device) -> Model:
    """Make the model of a run again, with its best weights, ready to score.

    Raises WrongDataset where the run was trained on another dataset, MusicrecError where its files are damaged.
    """
    check_dataset(card, data.name, data.fingerprint)
    path = places.run(card.name) / WEIGHTS
    state = torch.random.get_rng_state()
    try:
        model = build(card.model, config_for(card.model, chosen=dict(card.config)), data)
        model.load_state_dict(load(path.read_bytes()))
    except (OSError, SafetensorError, RuntimeError, MusicrecError) as error:
        first = str(error).splitlines()[0]
        raise MusicrecError(f"run {card.name} cannot be used, train it again: {path} is damaged ({first})") from error
    finally:
        torch.random.set_rng_state(state)  # building draws initial weights that are thrown away
    return model.to(device).eval()


def check_dataset(card: RunCard, name: str, fingerprint: str) -> None:
    """Raise WrongDataset unless `card` was trained on this dataset."""
    if problem := mismatch(card, name, fingerprint):
        raise WrongDataset(problem)
