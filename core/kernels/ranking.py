"""The loops of ranking: scores of a catalogue, the best of many scores, and where held-out songs stand."""

from __future__ import annotations

from typing import Any

import numpy as np

from musicrec.core.kernels.compiled import compiled
from musicrec.core.kernels.folded import keep_best_of_catalogue, score_catalogue, score_chosen
from musicrec.core.kernels.heaps import NOWHERE, keep_best, sort_best
from musicrec.core.kernels.lanes import LANES
from musicrec.core.kernels.ranking_tiles import COLUMNS, ROWS

_PART = 4096  # scores of a row that stay in the first cache while they are counted


@compiled
def bar(scores: Any, barred: Any, kept: Any, first: int, end: int) -> None:
    """Put songs `first` … `end` - 1 of `scores` (S,) into `kept` (S,): -inf where `barred` (S,), else a number."""
    least, none = np.float32(np.finfo(np.float32).min), np.float32(-np.inf)
    for at in range(first, end):
        kept[at] = none if barred[at] else max(scores[at], least)


@compiled
def find_best(scores: Any, k: int) -> Any:
    """Return the places of the `k` highest of `scores` (S,), falling, the first of equal ones first: int64 (≤ k,).

    A score of -inf is no candidate; none is NaN.
    """
    values, places = np.full(k, -np.inf, dtype=np.float32), np.full(k, NOWHERE, dtype=np.int64)
    keep_best(scores, 0, values, places)
    return places[: sort_best(values, places)]


@compiled
def place_rows(
    scores: Any, barred: Any, barred_offsets: Any, open_to_all: Any, held: Any, held_offsets: Any, higher: Any,
    tied: Any, candidates: Any, lists: Any, first: int, end: int,
) -> None:  # fmt: skip
    """Find where held-out songs stand among the candidates of rows `first` … `end` - 1 of `scores` (B, n).

    Row b has the columns `held[held_offsets[b]:held_offsets[b + 1]]`; no candidates are its `barred` columns and those
    where `open_to_all` (n,), if it is not empty, is false: their scores become -inf. `higher` and `tied` get how many
    candidates score above each held-out song and alike, `candidates` (B,) how many there are, -1 where a score was not
    finite, and `lists` (B, k) the columns of the best, the first of equal ones first, and -1 where there are no more.
    """
    most, none = np.float32(np.finfo(np.float32).max), np.float32(-np.inf)
    values, places = np.empty(lists.shape[1], dtype=np.float32), np.empty(lists.shape[1], dtype=np.int64)
    for row in range(first, end):
        own, barred_ones, held_ones = scores[row], barred_offsets[row : row + 2], held_offsets[row : row + 2]
        finite, left = 0, 0
        for each in range(barred_ones[0], barred_ones[1]):
            finite -= not abs(own[barred[each]]) <= most
        for each in range(barred_ones[0], barred_ones[1]):
            finite += own[barred[each]] > none
            own[barred[each]] = none
        higher[held_ones[0] : held_ones[1]] = 0
        tied[held_ones[0] : held_ones[1]] = 0
        values[:] = none
        places[:] = NOWHERE
        for start in range(0, len(own), _PART):
            part = own[start : start + _PART]
            numbers, there = np.int32(0), np.int32(0)
            for at in range(len(part)):
                numbers = np.int32(numbers + (abs(part[at]) <= most))
            if len(open_to_all):
                is_open = open_to_all[start : start + _PART]
                for at in range(len(part)):
                    part[at] = part[at] if is_open[at] else none
            for at in range(len(part)):
                there = np.int32(there + (part[at] > none))
            finite, left = finite + int(numbers), left + int(there)
            for each in range(held_ones[0], held_ones[1]):
                song = held[each]
                value = own[song] if not len(open_to_all) or open_to_all[song] else none
                above, alike = np.int32(0), np.int32(0)
                for at in range(len(part)):
                    above = np.int32(above + (part[at] > value))
                    alike = np.int32(alike + (part[at] == value))
                higher[each] += above
                tied[each] += alike
            keep_best(part, start, values, places)
        candidates[row] = left if finite == len(own) else -1
        found = sort_best(values, places)
        for place in range(lists.shape[1]):
            lists[row, place] = places[place] if place < found else -1


LOOPS = (score_catalogue, score_chosen, keep_best_of_catalogue, bar, find_best, place_rows)


def warm_up() -> None:
    """Compile every loop for the arrays that it is given, or load what was compiled before."""
    floats, integers = np.float32, np.int64
    scores, widths, head = np.zeros((1, 1), floats), np.array([ROWS], integers), np.zeros(ROWS, floats)
    asked = np.zeros((1, ROWS), floats), np.zeros((1, 1), floats), np.zeros(1, floats)
    layers, block = (np.zeros(0, floats), widths, head), np.zeros((1, ROWS + 1, COLUMNS), floats)
    score_catalogue(block, *asked, *layers, scores, 0, 1)
    one, ends, every = np.zeros(1, integers), np.array([0, 1], integers), np.ones(1, np.bool_)
    score_chosen(np.zeros((1, 2 * LANES), floats), one[None], *asked, *layers, scores, 0, 1)
    for each in (block, block.astype(np.int16)):
        keep_best_of_catalogue(
            each, 1, *asked, *layers, one, every, np.zeros(4, integers), 1, scores[0].copy(), ends.copy(), True
        )
    bar(scores[0], every, scores[0].copy(), 0, 1)
    find_best(scores[0], 1)
    place_rows(scores, one, ends, every, one, ends, one, one, one, np.zeros((1, 1), integers), 0, 1)
