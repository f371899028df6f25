"""A catalogue scored by a small network on folded songs, and the best of many scores, without another pass over either.

Songs stand in blocks of 64, `songs` (blocks, rows, 64): what is worked out of a block stays in the first cache, and
sums over its rows in registers. The first `widths[0]` rows are what songs add to the first hidden layer, all rows after
them are multiplied by `factors` of the listener:

    x = relu(shift + song), then x = relu(W x + b) for each further layer, score = head · x + factors · song + constant

Widths are multiples of `ROWS`, padded with zeros, which change nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from llvmlite import ir
from numba.core import cgutils, types
from numba.extending import intrinsic

from musicrec.core.kernels.compiled import compiled

COLUMNS = 64  # songs in a block
ROWS, LANES = 8, 16  # of a tile: 8 rows of 32 sums fill 16 registers of AVX-512
_VECTOR, _FLOAT, _INDEX = ir.VectorType(ir.FloatType(), LANES), ir.FloatType(), ir.IntType(64)
_NOWHERE = 2**62  # a place behind all others
_LIST = 64  # scores looked at together before any of them is looked at alone
_PART = 4096  # scores of a row that stay in the first cache while they are counted


@compiled
def score_catalogue(
    songs: Any,
    shifts: Any,
    factors: Any,
    constants: Any,
    weights: Any,
    biases: Any,
    widths: Any,
    head: Any,
    scores: Any,
    first: int,
    end: int,
) -> None:
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
                songs[block],
                shifts[row],
                factors[row],
                constants[row],
                weights,
                biases,
                widths,
                head,
                x,
                y,
                total,
                count,
            )
            for column in range(count):
                scores[row, start + column] = total[column]


@compiled
def score_chosen(
    songs: Any,
    chosen: Any,
    shifts: Any,
    factors: Any,
    constants: Any,
    weights: Any,
    biases: Any,
    widths: Any,
    head: Any,
    scores: Any,
    first: int,
    end: int,
) -> None:
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
                    _fetch(songs, each[min(place + lane + COLUMNS, last - 1)])  # type: ignore[call-arg]
                _turn(songs, own[column:], block[:, column:])  # type: ignore[call-arg]
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
    scores: Any,
    barred: Any,
    barred_offsets: Any,
    open_to_all: Any,
    held: Any,
    held_offsets: Any,
    higher: Any,
    tied: Any,
    candidates: Any,
    lists: Any,
    first: int,
    end: int,
) -> None:
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
    block: Any,
    shift: Any,
    factors: Any,
    constant: Any,
    weights: Any,
    biases: Any,
    widths: Any,
    head: Any,
    x: Any,
    y: Any,
    total: Any,
    count: int,
) -> None:
    """Score the first `count` songs of one block (rows, 64) for one listener, into `total` (64,)."""
    hidden, zero = len(shift), np.float32(0)
    for row in range(hidden):
        for column in range(COLUMNS):
            x[row, column] = max(block[row, column] + shift[row], zero)
    wide = (count + LANES - 1) // (2 * LANES) * 2 * LANES  # columns; what is left of so many fits into 16
    for layer in range(len(widths) - 1):
        for row in range(0, widths[layer + 1], ROWS):
            for column in range(0, wide, 2 * LANES):
                _wide_tile(weights[layer, row:], biases[layer, row:], x[:, column:], y[row:, column:], widths[layer])  # type: ignore[call-arg]
            if wide < count:
                _narrow_tile(weights[layer, row:], biases[layer, row:], x[:, wide:], y[row:, wide:], widths[layer])  # type: ignore[call-arg]
        x, y = y, x
    for column in range(COLUMNS):
        total[column] = constant
    for row in range(len(head)):
        for column in range(COLUMNS):
            total[column] += head[row] * x[row, column]
    for row in range(len(factors)):
        for column in range(COLUMNS):
            total[column] += factors[row] * block[hidden + row, column]


def _write_tile(w: Any, b: Any, x: Any, y: Any, vectors: int) -> Any:
    """Write relu(w x + b) for 8 rows of w (8, inner) and 16 · `vectors` columns of x (inner, ·), summed in registers.

    Left to itself the compiler stores each sum after each product, as x and y might overlap: less than half the speed.
    """
    signature = types.void(w, b, x, y, types.intp)

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        at = _addresses(context, builder, signature, values)
        zero, start = ir.Constant(_VECTOR, [0.0] * LANES), builder.block
        columns = [_INDEX(LANES * each) for each in range(vectors)]
        tile = [(_INDEX(row), column) for row in range(ROWS) for column in columns]
        sums = [_repeated(builder, builder.load(at(1, row, None, _FLOAT))) for row, _ in tile]
        loop, end = builder.append_basic_block("products"), builder.append_basic_block("summed")
        builder.branch(loop)
        builder.position_at_end(loop)
        step = builder.phi(_INDEX)
        running = [builder.phi(_VECTOR) for _ in tile]
        lines = [builder.load(at(2, step, column, _VECTOR), align=4) for column in columns]
        added = []
        for place, ((row, _), phi) in enumerate(zip(tile, running, strict=True)):
            if place % vectors == 0:
                factor = _repeated(builder, builder.load(at(0, row, step, _FLOAT)))
            product = builder.fmul(factor, lines[place % vectors], flags=["contract"])
            added.append(builder.fadd(product, phi, flags=["contract"]))
        following = builder.add(step, _INDEX(1))
        for phi, before, after in zip((step, *running), (_INDEX(0), *sums), (following, *added), strict=True):
            phi.add_incoming(before, start)
            phi.add_incoming(after, loop)
        builder.cbranch(builder.icmp_signed("<", following, values[4]), loop, end)
        builder.position_at_end(end)
        for (row, column), value in zip(tile, added, strict=True):
            positive = builder.select(builder.fcmp_ordered(">", value, zero), value, zero)
            builder.store(positive, at(3, row, column, _VECTOR), align=4)
        return context.get_dummy_value()

    return signature, generate


@intrinsic
def _wide_tile(typing: Any, w: Any, b: Any, x: Any, y: Any, inner: Any) -> Any:
    """For 32 columns."""
    return _write_tile(w, b, x, y, 2)


@intrinsic
def _narrow_tile(typing: Any, w: Any, b: Any, x: Any, y: Any, inner: Any) -> Any:
    """For 16 columns."""
    return _write_tile(w, b, x, y, 1)


@intrinsic
def _turn(typing: Any, table: Any, chosen: Any, block: Any) -> Any:
    """Put 16 rows of `table` (·, multiple of 16), numbered by `chosen` (≥ 16,), into 16 columns of `block`.

    Squares of 16 × 16 are turned in registers: vectors are exchanged in pairs 1, 2, 4 and 8 apart.
    """
    signature = types.void(table, chosen, block)

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        at = _addresses(context, builder, signature, values)
        table = context.make_array(signature.args[0])(context, builder, values[0])
        width = cgutils.unpack_tuple(builder, table.shape)[1]  # type: ignore[no-untyped-call]
        songs = [builder.load(at(1, _INDEX(lane), None, _INDEX)) for lane in range(LANES)]
        starts = [at(0, song, _INDEX(0), ir.IntType(8)) for song in songs]
        loop = cgutils.for_range_slice(builder, _INDEX(0), width, _INDEX(LANES), inc=True)
        with loop as (row, _):
            offset = builder.mul(row, _INDEX(4))
            square = [
                builder.load(builder.bitcast(builder.gep(start, [offset]), _VECTOR.as_pointer()), align=4)
                for start in starts
            ]
            apart = 1
            while apart < LANES:
                low = [lane if not lane & apart else lane - apart + LANES for lane in range(LANES)]
                high = [lane + apart if not lane & apart else lane + LANES for lane in range(LANES)]
                for one in (lane for lane in range(LANES) if not lane & apart):
                    pair = square[one], square[one + apart]
                    square[one], square[one + apart] = (
                        builder.shuffle_vector(*pair, ir.Constant(ir.VectorType(ir.IntType(32), LANES), order))
                        for order in (low, high)
                    )
                apart *= 2
            for lane, line in enumerate(square):
                builder.store(line, at(2, builder.add(row, _INDEX(lane)), _INDEX(0), _VECTOR), align=4)
        return context.get_dummy_value()

    return signature, generate


@intrinsic
def _fetch(typing: Any, table: Any, row: Any) -> Any:
    """Ask for a row of `table` before it is needed: rows at random are not foreseen."""
    signature = types.void(table, types.intp)

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        start = _addresses(context, builder, signature, values)(0, values[1], _INDEX(0), ir.IntType(8))
        strides = context.make_array(signature.args[0])(context, builder, values[0]).strides
        number = ir.IntType(32)
        kind = ir.FunctionType(ir.VoidType(), [start.type, number, number, number])
        ask = cgutils.get_or_insert_function(builder.module, kind, "llvm.prefetch.p0")  # type: ignore[no-untyped-call]
        length = cgutils.unpack_tuple(builder, strides)[0]  # type: ignore[no-untyped-call]
        with cgutils.for_range_slice(builder, _INDEX(0), length, _INDEX(64), inc=True) as (offset, _):
            builder.call(ask, [builder.gep(start, [offset]), number(0), number(3), number(1)])
        return context.get_dummy_value()

    return signature, generate


def _addresses(context: Any, builder: Any, signature: Any, values: Any) -> Callable[..., Any]:
    """Return what gives the address of one place in one of the arrays, to what stands there."""

    def at(array: int, row: Any, column: Any, kind: Any) -> Any:
        kept = context.make_array(signature.args[array])(context, builder, values[array])
        steps = cgutils.unpack_tuple(builder, kept.strides)  # type: ignore[no-untyped-call]
        offset = builder.mul(row, steps[0])
        if len(steps) == 2:
            offset = builder.add(offset, builder.mul(column, steps[1]))
        start = builder.bitcast(kept.data, ir.IntType(8).as_pointer())
        return builder.bitcast(builder.gep(start, [offset]), kind.as_pointer())

    return at


def _repeated(builder: Any, value: Any) -> Any:
    none = ir.Constant(_VECTOR, ir.Undefined)
    first = builder.insert_element(none, value, ir.IntType(32)(0))
    return builder.shuffle_vector(first, none, ir.Constant(ir.VectorType(ir.IntType(32), LANES), [0] * LANES))


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
