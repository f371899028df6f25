"""How many listeners played both of two songs, a block of songs at a time."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from musicrec.core.dataset import Dataset
from musicrec.core.ragged import Ragged, offsets_of

CHUNK_CELLS = 8_000_000  # most pairs in a block: some 200 MB


@dataclass(frozen=True, slots=True)
class CoPlays:
    """For songs (n,) the songs `other` (pairs,) that share listeners with song number `row` (pairs,), and how many.

    Sorted by `row`, then `other`; a song shares all of its own listeners with itself.
    """

    songs: Tensor
    row: Tensor
    other: Tensor
    listeners: Tensor


def heard(data: Dataset, most: int | None = None) -> Tensor:
    """Return each song of `data`, or of its `most` first, with every listener who played it in training, once: (2, P).

    Sorted by song, then listener.
    """
    past, listeners = data.past("validation").songs, data.listener_count
    keys = torch.unique(past.values * listeners + past.row_ids())  # of one number is far sooner than of pairs
    songs = keys // listeners
    pairs = torch.stack([songs, keys - songs * listeners])
    return pairs if most is None else pairs[:, songs < most]


def co_plays(pairs: Tensor, listener_count: int, count: int) -> Iterator[CoPlays]:
    """Count for the first `count` songs, of `pairs` as `heard` gives them; songs without plays do not come.

    Products of sparse matrices: work and memory go by the songs that share a listener, not by all pairs of songs.
    """
    listeners = Ragged(pairs[1], offsets_of(torch.bincount(pairs[0], minlength=count)))
    played = _sparse(pairs.flip(0), (listener_count, count))
    for songs in _blocks(pairs, count):
        rows = listeners.rows(songs)
        by_song = _sparse(torch.stack([rows.row_ids(), rows.values]), (len(songs), listener_count))
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message="Sparse CSR tensor support is in beta")
            both = torch.sparse.mm(by_song, played).coalesce()
        row, other = both.indices()
        yield CoPlays(songs, row, other, both.values())


def _sparse(places: Tensor, shape: tuple[int, int]) -> Tensor:
    return torch.sparse_coo_tensor(places, torch.ones(places.shape[1]), shape, check_invariants=True).coalesce()


def _blocks(pairs: Tensor, count: int) -> Iterator[Tensor]:
    """Yield the songs that somebody played, as many at a time as keep what they share with others within bounds."""
    longest = torch.bincount(pairs[1]).double()[pairs[1]]
    shared = torch.zeros(count, dtype=torch.float64).index_add_(0, pairs[0], longest).clamp_(max=count)
    order = shared.argsort(descending=True, stable=True)
    start, end = 0, int((shared > 0).sum())
    while start < end:
        size = max(1, int(CHUNK_CELLS / shared[order[start]]))
        yield order[start : min(start + size, end)]
        start += size
