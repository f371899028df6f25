"""The search of a folded catalogue for one listener, on as many threads as torch and MUSICREC_THREADS allow."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from musicrec.core.compiled_ranking import alongside
from musicrec.core.kernels import folded
from musicrec.core.kernels.heaps import NOWHERE
from musicrec.core.kernels.ranking_tiles import ROWS
from musicrec.core.threads import threads

_SONGS = 15_000  # for which another thread is woken up: 0.1 ms
_PART, _PARTS = 16, 32  # blocks that a thread takes at a time, at least, and into how many parts each takes its share

Floats = NDArray[np.float32]
Bools = NDArray[np.bool_]
Asked = tuple[Floats, Floats, Floats]


@dataclass(frozen=True, slots=True)
class Network:
    """The layers after the first as `kernels.folded` takes them; see there for `weights`, `widths` and `head`."""

    weights: Floats
    widths: NDArray[np.int64]
    head: Floats

    @classmethod
    def of(cls, layers: Sequence[Floats], head: Floats) -> Network:
        """Pack `layers`, each (1 + in, out), biases first, of widths that are multiples of `ROWS`."""
        packed = [each.reshape(len(each), -1, ROWS).swapaxes(0, 1).ravel() for each in layers]
        widths = [*(len(each) - 1 for each in layers), len(head)]
        return cls(np.concatenate([np.zeros(0, np.float32), *packed]), np.array(widths), head)

    @property
    def arrays(self) -> tuple[Floats, NDArray[np.int64], Floats]:
        """All of it, in the order of the loops' arguments."""
        return self.weights, self.widths, self.head


def search(
    blocks: NDArray[np.float32] | NDArray[np.int16],
    songs: int,
    asked: Asked,
    network: Network,
    heard: NDArray[np.int64],
    allowed: Bools,
    k: int,
) -> tuple[Floats, NDArray[np.int64]] | None:
    """Return the scores and places of the best `k` that each thread found, in no order: both (threads, k).

    Where one found less, there is -inf. No candidates are `heard`, which rises, and those where `allowed` (S,), if it
    is not empty, is false. Returns None where a score is not a number.
    """
    count = max(1, min(threads(), torch.get_num_threads(), songs // _SONGS))
    part = max(_PART, len(blocks) // (_PARTS * count))
    values, places = np.full((count, k), -np.inf, np.float32), np.full((count, k), NOWHERE)
    shared, rows = np.zeros(4, np.int64), iter(range(1, count))
    keep, given = folded.keep_best_of_catalogue, (*asked, *network.arrays)

    def work(row: int, last: bool) -> None:
        keep(blocks, songs, *given, heard, allowed, shared, part, values[row], places[row], last)

    alongside(lambda: work(next(rows), False), count - 1)
    work(0, True)
    return None if shared[3] else (values, places)
