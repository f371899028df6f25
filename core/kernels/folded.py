"""A catalogue scored by a small network on folded songs, and its best songs without a score written down.

Songs stand in blocks of 32, `songs` (blocks, rows, 32): a block is read from memory once and in order, what is
worked out of it stays in the first cache, and sums over its rows in registers. The first `widths[0]` rows are what
songs add to the first hidden layer, all rows after them are multiplied by `factors` of the listener:

    x = relu(shift + song), then x = relu(W x + b) for each further layer, score = head · x + factors · song + constant

Widths are multiples of `ROWS`, padded with zeros, which change nothing. `weights` is flat: of each layer, of each 8 of
its rows, the biases (8,), then the columns of W (widths[l], 8).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from musicrec.core.kernels.compiled import compiled
from musicrec.core.kernels.heaps import sink
from musicrec.core.kernels.lanes import LANES, all_of, plus, times
from musicrec.core.kernels.ranking_tiles import (
    COLUMNS,
    ROWS,
    any_beyond,
    line,
    narrow_tile,
    next_line,
    positive_of,
    put,
    turn,
    wide_tile,
)
from musicrec.core.kernels.tiles import fetch
from musicrec.core.kernels.together import add, wait

_CACHE = 16_000_000  # bytes of songs from which they come from memory: those of the next block are asked for ahead


@compiled
def score_catalogue(
    songs: Any, shifts: Any, factors: Any, constants: Any, weights: Any, widths: Any, head: Any, scores: Any,
    first: int, end: int,
) -> None:  # fmt: skip
    """Score blocks `first` … `end` - 1 of songs for B listeners, into `scores` (B, S).

    `shifts` (B, widths[0]), `factors` (B, rows - widths[0]) and `constants` (B,) are the listeners'; `head` is
    (widths[-1],).
    """
    room, total = _room(widths)
    size = COLUMNS * (shifts.shape[1] + factors.shape[1])
    for block in range(first, end):
        start = block * COLUMNS
        count = min(COLUMNS, scores.shape[1] - start)
        for row in range(len(shifts)):
            _score_block(
                songs, block * size, shifts, factors, constants, row, weights, widths, head, room, total, count
            )
            for column in range(count):
                scores[row, start + column] = total[column]


@compiled
def score_chosen(
    songs: Any, chosen: Any, shifts: Any, factors: Any, constants: Any, weights: Any, widths: Any, head: Any,
    scores: Any, first: int, end: int,
) -> None:  # fmt: skip
    """Score for listeners `first` … `end` - 1 their own songs `chosen` (B, n), into `scores` (B, n).

    `songs` (S, ≥ rows) has the rows of a block side by side, filled with zeros to a multiple of 16: songs are put
    together to blocks of their own. The rest is as for `score_catalogue`, and so is every bit of the scores.
    """
    room, total = _room(widths)
    block, own = np.zeros((songs.shape[1], COLUMNS), dtype=np.float32), np.zeros(COLUMNS, dtype=np.int64)
    flat, each, last = block.reshape(-1), chosen.reshape(-1), end * chosen.shape[1]
    for row in range(first, end):
        for start in range(0, chosen.shape[1], COLUMNS):
            count = min(COLUMNS, chosen.shape[1] - start)
            place = row * chosen.shape[1] + start
            for column in range(0, count, LANES):
                for lane in range(column, column + LANES):
                    own[lane] = each[min(place + lane, last - 1)]
                    fetch(songs, each[min(place + lane + COLUMNS, last - 1)])
                turn(songs, own[column:], block[:, column:])
            _score_block(flat, 0, shifts, factors, constants, row, weights, widths, head, room, total, count)
            for column in range(count):
                scores[row, start + column] = total[column]


@compiled
def keep_best_of_catalogue(
    songs: Any, count: int, shifts: Any, factors: Any, constants: Any, weights: Any, widths: Any, head: Any, heard: Any,
    allowed: Any, shared: Any, part: int, values: Any, places: Any, last: bool,
) -> None:  # fmt: skip
    """Score `count` songs for one listener and keep the best in a heap, `values` (k,) and `places` (k,), k at least 1.

    Scores stay in registers: 32 at once are compared with the worst of the best so far, and looked at one by one if
    any is above. No candidates are `heard` (n,), which rises, and those where `allowed` (S,), if it is not empty, is
    false. Threads that share `shared` (4,), 0 at first, take `part` blocks at a time until there are no more; the one
    that is `last` ends when all have. The counters are parts taken, threads that began, threads that ended, and scores
    that are no numbers: a thread that begins too late finds nothing to do, and is not waited for.
    """
    room, total = _room(widths)
    size, blocks = COLUMNS * (shifts.shape[1] + factors.shape[1]), (count + COLUMNS - 1) // COLUMNS
    add(shared, 1)
    while True:
        first = add(shared, 0) * part
        if first >= blocks:
            break
        for block in range(first, min(first + part, blocks)):
            if songs.nbytes > _CACHE:
                fetch(songs, min(block + 1, blocks - 1))
            _score_block(
                songs, block * size, shifts, factors, constants, 0, weights, widths, head, room, total, COLUMNS
            )
            worst = values[0]
            if any_beyond(line(total, 0), worst) or any_beyond(next_line(total, 0), worst):
                for column in range(min(COLUMNS, count - block * COLUMNS)):
                    score, song = total[column], block * COLUMNS + column
                    if score > values[0]:
                        if (len(allowed) == 0 or allowed[song]) and not _has(heard, song):
                            values[0], places[0] = score, song
                            sink(values, places, len(values))
                    elif score != score:
                        add(shared, 3)
    add(shared, 2)
    if last:
        wait(shared, 2, shared[1])


@compiled
def _has(rising: Any, value: int) -> Any:
    """Whether `rising` (n,) has `value`."""
    low, high = 0, len(rising)
    while low < high:
        middle = (low + high) // 2
        if rising[middle] < value:
            low = middle + 1
        else:
            high = middle
    return low < len(rising) and rising[low] == value


@compiled
def _room(widths: Any) -> Any:
    return np.zeros(2 * widths.max() * COLUMNS, np.float32), np.empty(COLUMNS, np.float32)


@compiled
def _score_block(
    songs: Any, start: int, shifts: Any, factors: Any, constants: Any, row: int, weights: Any, widths: Any, head: Any,
    room: Any, total: Any, count: int,
) -> None:  # fmt: skip
    """Score the first `count` songs of the block at `start` for the listener of `row`, into `total` (32,)."""
    hidden, at, x, y = widths[0], 0, 0, len(room) // 2
    if len(widths) == 1:
        for each in range(hidden):
            shift, column = all_of(shifts[row, each]), each * COLUMNS
            put(room, column, positive_of(plus(line(songs, start + column), shift)))
            put(room, column + LANES, positive_of(plus(next_line(songs, start + column), shift)))
    for layer in range(len(widths) - 1):
        inner = widths[layer]
        for each in range(y, y + widths[layer + 1] * COLUMNS, ROWS * COLUMNS):
            if layer == 0 and count > LANES:
                wide_tile(weights, at, songs, start, shifts, row, room, each, inner)
            elif layer == 0:
                narrow_tile(weights, at, songs, start, shifts, row, room, each, inner)
            elif count > LANES:
                wide_tile(weights, at, room, x, None, 0, room, each, inner)
            else:
                narrow_tile(weights, at, room, x, None, 0, room, each, inner)
            at += ROWS * (1 + inner)
        x, y = y, x
    one, other = all_of(constants[row]), all_of(constants[row])
    for each in range(len(head)):
        factor, column = all_of(head[each]), x + each * COLUMNS
        one = plus(one, times(factor, line(room, column)))
        other = plus(other, times(factor, next_line(room, column)))
    for each in range(factors.shape[1]):
        factor, column = all_of(factors[row, each]), start + (hidden + each) * COLUMNS
        one = plus(one, times(factor, line(songs, column)))
        other = plus(other, times(factor, next_line(songs, column)))
    put(total, 0, one)
    put(total, LANES, other)
