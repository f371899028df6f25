"""A catalogue scored by a small network on folded songs, and the best of many scores, without another pass over either.

Songs stand in blocks of 64, `songs` (blocks, rows, 64): what is worked out of a block stays in the first cache, and
sums over its rows in registers. The first `widths[0]` rows are what songs add to the first hidden layer, all rows after
them are multiplied by `factors` of the listener:

    x = relu(shift + song), then x = relu(W x + b) for each further layer, score = head · x + factors · song + constant

Widths are multiples of `ROWS`, padded with zeros, which change nothing.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from musicrec.core.kernels.compiled import compiled
from musicrec.core.kernels.lanes import LANES
from musicrec.core.kernels.ranking_tiles import ROWS, narrow_tile, turn, wide_tile
from musicrec.core.kernels.tiles import fetch

COLUMNS = 64  # songs in a block
_NOWHERE = 2**62  # a place behind all others
_LIST = 64  # scores looked at together before any of them is looked at alone
_PART = 4096  # scores of a row that stay in the first cache while they are counted


@compiled
def score_catalogue(
    songs: Any, shifts: Any, factors: Any, constants: Any, weights: Any, biases: Any, widths: Any, head: Any,
    scores: Any, first: int, end: int,
) -> None:  # fmt: skip
    """Score blocks `first` … `end` - 1 of songs for B listeners, into `scores` (B, S).

    `shifts` (B, widths[0]), `factors` (B, rows - widths[0]) and `constants` (B,) are the listeners'; layer l has
    `weights[l]` (out, in), both at least widths[l + 1] and widths[l], and `biases[l]`; `head` is (widths[-1],).
    """
    x, y, total = _room(widths)
    for block in range(first, end):
        start = block * COLUMNS
        count = min(COLUMNS, scores.shape[1] - start)
        for row in range(len(shifts)):
            _score_block(
                songs[block], shifts[row], factors[row], constants[row], weights, biases, widths, head, x, y, total,
                count,
            )  # fmt: skip
            for column in range(count):
                scores[row, start + column] = total[column]


@compiled
def score_chosen(
    songs: Any, chosen: Any, shifts: Any, factors: Any, constants: Any, weights: Any, biases: Any, widths: Any,
    head: Any, scores: Any, first: int, end: int,
) -> None:  # fmt: skip
    """Score for listeners `first` … `end` - 1 their own songs `chosen` (B, n), into `scores` (B, n).

    `songs` (S, ≥ rows) has the rows of a block side by side, filled with zeros to a multiple of 16: songs are put
    together to blocks of their own. The rest is as for `score_catalogue`, and so is every bit of the scores.
    """
    x, y, total = _room(widths)
    block, own = np.zeros((songs.shape[1], COLUMNS), dtype=np.float32), np.zeros(COLUMNS, dtype=np.int64)
    each, last = chosen.reshape(-1), end * chosen.shape[1]
    for row in range(first, end):
        for start in range(0, chosen.shape[1], COLUMNS):
            count = min(COLUMNS, chosen.shape[1] - start)
            place = row * chosen.shape[1] + start
            for column in range(0, count, LANES):
                for lane in range(column, column + LANES):
                    own[lane] = each[min(place + lane, last - 1)]
                    fetch(songs, each[min(place + lane + COLUMNS, last - 1)])
                turn(songs, own[column:], block[:, column:])
            _score_block(
                block, shifts[row], factors[row], constants[row], weights, biases, widths, head, x, y, total, count
            )
            for column in range(count):
                scores[row, start + column] = total[column]


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
    values, places = np.full(k, -np.inf, dtype=np.float32), np.full(k, _NOWHERE, dtype=np.int64)
    _keep_best(scores, 0, values, places)
    return places[: _sort_best(values, places)]


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
        places[:] = _NOWHERE
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
            _keep_best(part, start, values, places)
        candidates[row] = left if finite == len(own) else -1
        found = _sort_best(values, places)
        for place in range(lists.shape[1]):
            lists[row, place] = places[place] if place < found else -1


@compiled
def _keep_best(scores: Any, start: int, values: Any, places: Any) -> None:
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
                    _sink(values, places, k)


@compiled
def _sort_best(values: Any, places: Any) -> Any:
    """Sort a heap, the best first, and return how many it has found."""
    for last in range(len(values) - 1, 0, -1):
        values[0], values[last] = values[last], values[0]
        places[0], places[last] = places[last], places[0]
        _sink(values, places, last)
    found = 0
    while found < len(places) and places[found] < _NOWHERE:
        found += 1
    return found


@compiled
def _sink(values: Any, places: Any, size: int) -> None:
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


@compiled
def _room(widths: Any) -> Any:
    widest = widths.max()
    room = np.zeros((2, widest, COLUMNS), dtype=np.float32)
    return room[0], room[1], np.empty(COLUMNS, dtype=np.float32)


@compiled
def _score_block(
    block: Any, shift: Any, factors: Any, constant: Any, weights: Any, biases: Any, widths: Any, head: Any, x: Any,
    y: Any, total: Any, count: int,
) -> None:  # fmt: skip
    """Score the first `count` songs of one block (rows, 64) for one listener, into `total` (64,)."""
    hidden, zero = len(shift), np.float32(0)
    for row in range(hidden):
        for column in range(COLUMNS):
            x[row, column] = max(block[row, column] + shift[row], zero)
    wide = (count + LANES - 1) // (2 * LANES) * 2 * LANES  # columns; what is left of so many fits into 16
    for layer in range(len(widths) - 1):
        for row in range(0, widths[layer + 1], ROWS):
            for column in range(0, wide, 2 * LANES):
                wide_tile(weights[layer, row:], biases[layer, row:], x[:, column:], y[row:, column:], widths[layer])
            if wide < count:
                narrow_tile(weights[layer, row:], biases[layer, row:], x[:, wide:], y[row:, wide:], widths[layer])
        x, y = y, x
    for column in range(COLUMNS):
        total[column] = constant
    for row in range(len(head)):
        for column in range(COLUMNS):
            total[column] += head[row] * x[row, column]
    for row in range(len(factors)):
        for column in range(COLUMNS):
            total[column] += factors[row] * block[hidden + row, column]


LOOPS = (score_catalogue, score_chosen, bar, find_best, place_rows)


def warm_up() -> None:
    """Compile every loop for the arrays that it is given, or load what was compiled before."""
    floats, integers = np.float32, np.int64
    scores, widths, head = np.zeros((1, 1), floats), np.array([ROWS], integers), np.zeros(ROWS, floats)
    asked = np.zeros((1, ROWS), floats), np.zeros((1, 1), floats), np.zeros(1, floats)
    layers = np.zeros((0, ROWS, ROWS), floats), np.zeros((0, ROWS), floats)
    score_catalogue(np.zeros((1, ROWS + 1, COLUMNS), floats), *asked, *layers, widths, head, scores, 0, 1)
    chosen = np.zeros((1, 1), integers)
    score_chosen(np.zeros((1, 2 * LANES), floats), chosen, *asked, *layers, widths, head, scores, 0, 1)
    bar(scores[0], np.zeros(1, np.bool_), scores[0].copy(), 0, 1)
    find_best(scores[0], 1)
    one, ends, every = np.zeros(1, integers), np.array([0, 1], integers), np.ones(1, np.bool_)
    place_rows(scores, one, ends, every, one, ends, one, one, one, np.zeros((1, 1), integers), 0, 1)
