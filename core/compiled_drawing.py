"""Draws by compiled loops, where there is numba and they are many; they are those of torch, bit for bit."""

from __future__ import annotations

from importlib.util import find_spec

import torch
from torch import Tensor

from musicrec.core.compiled_ranking import in_parts

WORTH = 2_000_000  # draws, which take torch as long as loading the loops does
_LEAST = 200_000  # of a part: each lays the songs of a listener open anew
_PARTS = 4  # of the guide, for each song


def are_worth(tensor: Tensor) -> bool:
    """Say whether there are so many entries, on the CPU, that the loops should take them."""
    return len(tensor) >= WORTH and tensor.device.type == "cpu" and find_spec("numba") is not None


def find_songs(running: Tensor, chances: Tensor) -> Tensor:
    """Return the first songs whose running sum of chances (S,) is above each of `chances` (n,): int64 (n,)."""
    from musicrec.core.kernels import drawing

    sums, guide = running.numpy(), torch.empty(_PARTS * len(running), dtype=torch.int32).numpy()
    drawing.make_guide(sums, guide)
    found = torch.empty(len(chances), dtype=torch.int64)
    into, places = found.numpy(), chances.numpy()
    in_parts(len(found), lambda first, end: drawing.find_songs(sums, guide, places, into, first, end), _LEAST)
    return found


def mark_played(offsets: Tensor, played: Tensor, listeners: Tensor, songs: Tensor, catalogue: int) -> Tensor:
    """Say of pairs (n,) of `catalogue` songs whether they are played: bool (n,). See `kernels.drawing.mark_played`."""
    from musicrec.core.kernels import drawing

    marks = torch.empty(len(songs), dtype=torch.bool)
    rows, of_rows, ours, theirs, into = (each.numpy() for each in (offsets, played, listeners, songs, marks))

    def work(first: int, end: int) -> None:
        drawing.mark_played(rows, of_rows, ours, theirs, into, catalogue, first, end)

    in_parts(len(marks), work, _LEAST)
    return marks
