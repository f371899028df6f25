"""Datasets written down as who played what."""

from __future__ import annotations

import torch

from musicrec.core.dataset import Dataset
from musicrec.core.ragged import Ragged

SONGS = 7


def dataset(plays: list[list[int]], songs: int = SONGS) -> Dataset:
    """Make a dataset of one list of training plays a listener, oldest first."""
    torch.set_num_threads(1)
    ragged = Ragged.of(plays)
    zeros = torch.zeros_like(ragged.values)
    counts = torch.bincount(ragged.values, minlength=songs).float()
    return Dataset(
        "handmade", "0" * 32, len(plays), songs, ragged.offsets, ragged.values, zeros, zeros.byte(), (), counts, counts
    )
