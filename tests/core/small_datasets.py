"""Datasets written down as who played what."""

from __future__ import annotations

from itertools import pairwise

import torch

from musicrec.core.dataset import Dataset
from musicrec.core.ragged import Ragged, offsets_of

SONGS = 7


def dataset(plays: list[list[int]], songs: int = SONGS) -> Dataset:
    """Make a dataset of one list of training plays a listener, oldest first."""
    return split_dataset([[(song, 0) for song in row] for row in plays], songs)


def split_dataset(playlists: list[list[tuple[int, int]]], songs: int) -> Dataset:
    """Make a dataset of one list of (song, split) a listener, oldest first; 0 is training, 1 validation, 2 test."""
    torch.set_num_threads(1)
    flat = [play for playlist in playlists for play in playlist]
    split = torch.tensor([part for _, part in flat], dtype=torch.uint8)
    played = torch.tensor([song for song, _ in flat], dtype=torch.int64)
    return Dataset(
        name="handmade",
        fingerprint="0" * 32,
        listener_count=len(playlists),
        song_count=songs,
        offsets=offsets_of(torch.tensor([len(playlist) for playlist in playlists])),
        songs=played,
        behaviours=torch.zeros_like(played),
        split=split,
        behaviour_names=(),
        popularity=torch.bincount(played[split == 0], minlength=songs).float(),
        lengths=torch.zeros(songs),
    )


def sets_of(rows: Ragged) -> list[set[int]]:
    """Return each row as a set."""
    return [set(rows.values[start:end].tolist()) for start, end in pairwise(rows.offsets.tolist())]
