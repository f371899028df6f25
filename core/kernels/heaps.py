"""The best of many scores: heaps with the worst of the best so far on top."""

from __future__ import annotations

from typing import Any

import numpy as np

from musicrec.core.kernels.compiled import compiled

NOWHERE = 2**62  # a place behind all others
_LIST = 64  # scores looked at together before any of them is looked at alone


@compiled
def keep_best(scores: Any, start: int, values: Any, places: Any) -> None:
    """Let `scores` (n,) of the places from `start` on into a heap, its worst on top, that is full of -inf at first."""
    k = len(values)
    for first in range(0, len(scores) if k else 0, _LIST):
        end = min(first + _LIST, len(scores))
        worst, better = values[0], np.int32(0)
        for at in range(first, end):
            better = np.int32(better + (scores[at] > worst))
        if better:
            for at in range(first, end):
                if scores[at] > values[0]:
                    values[0], places[0] = scores[at], start + at
                    sink(values, places, k)


@compiled
def sort_best(values: Any, places: Any) -> Any:
    """Sort a heap, the best first, and return how many it has found."""
    for last in range(len(values) - 1, 0, -1):
        values[0], values[last] = values[last], values[0]
        places[0], places[last] = places[last], places[0]
        sink(values, places, last)
    found = 0
    while found < len(places) and places[found] < NOWHERE:
        found += 1
    return found


@compiled
def sink(values: Any, places: Any, size: int) -> None:
    """Bring the root of a heap of `size` to its place: no one stands above one worse, or equal and further back."""
    at, value, place = 0, values[0], places[0]
    while 2 * at + 1 < size:
        below = 2 * at + 1
        if below + 1 < size and _is_worse(values[below + 1], places[below + 1], values[below], places[below]):
            below += 1
        if not _is_worse(values[below], places[below], value, place):
            break
        values[at], places[at] = values[below], places[below]
        at = below
    values[at], places[at] = value, place


@compiled
def _is_worse(value: Any, place: Any, other: Any, other_place: Any) -> Any:
    return value < other or (value == other and place > other_place)
