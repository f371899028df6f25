"""The pieces of ranking that are written for vector registers by hand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from llvmlite import ir
from numba.core import types
from numba.extending import intrinsic

from musicrec.core.kernels.compiled import cgutils
from musicrec.core.kernels.lanes import LANES, VECTOR, lanes, repeated

ROWS = 8  # of a tile: 8 rows of 32 sums fill 16 registers of AVX-512
COLUMNS = 32  # songs in a block
_INDEX = ir.IntType(64)


def _write_tile(
    weights: Any, start: Any, x: Any, x_at: Any, shifts: Any, row: Any, y: Any, y_at: Any, inner: Any, vectors: int
) -> Any:
    """Write relu(w x + b) for 8 rows of w (8, inner) and 16 · `vectors` columns of x (inner, 32), summed in registers.

    `weights` has from `start` on b (8,), then the columns of w. Where there are `shifts` (B, inner), relu(x +
    shifts[row]) takes the place of x. All arrays are without gaps, so that an address is a sum of two. Left to itself
    the compiler stores each sum after each product, as x and y might overlap: less than half the speed.
    """
    kinds = weights, types.intp, x, types.intp, shifts, types.intp, y, types.intp, types.intp
    signature = types.void(*kinds)

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        def start_of(array: int, offset: Any = None) -> Any:
            data = context.make_array(signature.args[array])(context, builder, values[array]).data
            return data if offset is None else builder.gep(data, [offset])

        def line(start: Any, offset: int) -> Any:
            return builder.bitcast(builder.gep(start, [_INDEX(offset)]), VECTOR.as_pointer())

        def factor(start: Any, offset: int) -> Any:
            return repeated(builder, builder.load(builder.gep(start, [_INDEX(offset)])))

        shifted = isinstance(signature.args[4], types.Array)
        zero, before = ir.Constant(VECTOR, [0.0] * LANES), builder.block
        biases, source, target = start_of(0, values[1]), start_of(2, values[3]), start_of(6, values[7])
        tile = [(row, vector) for row in range(ROWS) for vector in range(vectors)]
        sums = [factor(biases, row) for row, _ in tile]
        loop, end = builder.append_basic_block("products"), builder.append_basic_block("summed")
        builder.branch(loop)
        builder.position_at_end(loop)
        step = builder.phi(_INDEX)
        running = [builder.phi(VECTOR) for _ in tile]
        factors = builder.gep(biases, [builder.mul(builder.add(step, _INDEX(1)), _INDEX(ROWS))])
        here = builder.gep(source, [builder.mul(step, _INDEX(COLUMNS))])
        lines = _read(builder, here)[:vectors]
        if shifted:
            shift = start_of(4, builder.add(builder.mul(values[5], values[8]), step))
            added = factor(shift, 0)
            lines = [_positive(builder, builder.fadd(each, added), zero) for each in lines]
        after = []
        for (row, vector), phi in zip(tile, running, strict=True):
            product = builder.fmul(factor(factors, row), lines[vector], flags=["contract"])
            after.append(builder.fadd(product, phi, flags=["contract"]))
        following = builder.add(step, _INDEX(1))
        for phi, first, then in zip((step, *running), (_INDEX(0), *sums), (following, *after), strict=True):
            phi.add_incoming(first, before)
            phi.add_incoming(then, loop)
        builder.cbranch(builder.icmp_signed("<", following, values[8]), loop, end)
        builder.position_at_end(end)
        for (row, vector), value in zip(tile, after, strict=True):
            builder.store(_positive(builder, value, zero), line(target, row * COLUMNS + vector * LANES), align=4)
        return context.get_dummy_value()

    return signature, generate


def _read(builder: Any, start: Any) -> list[Any]:
    """Take 32 columns from `start` on: of float32, or of int16, where column i stands beside column 16 + i.

    What is made of an int16 is 65536 times as high, for it is read where it is moved to: the upper half of 32 bits.
    """
    if start.type.pointee == ir.FloatType():
        places = [builder.gep(start, [_INDEX(each)]) for each in (0, LANES)]
        return [builder.load(builder.bitcast(each, VECTOR.as_pointer()), align=4) for each in places]
    whole = ir.VectorType(ir.IntType(32), LANES)
    both = builder.load(builder.bitcast(start, whole.as_pointer()), align=4)
    low = builder.shl(both, ir.Constant(whole, [16] * LANES))
    high = builder.and_(both, ir.Constant(whole, [-65536] * LANES))
    return [builder.sitofp(each, VECTOR) for each in (low, high)]


def _positive(builder: Any, value: Any, zero: Any) -> Any:
    return builder.select(builder.fcmp_ordered(">", value, zero), value, zero)


@intrinsic
def _wide_tile(
    typing: Any, weights: Any, start: Any, x: Any, x_at: Any, shifts: Any, row: Any, y: Any, y_at: Any, inner: Any
) -> Any:
    """For 32 columns."""
    return _write_tile(weights, start, x, x_at, shifts, row, y, y_at, inner, 2)


@intrinsic
def _narrow_tile(
    typing: Any, weights: Any, start: Any, x: Any, x_at: Any, shifts: Any, row: Any, y: Any, y_at: Any, inner: Any
) -> Any:
    """For 16 columns."""
    return _write_tile(weights, start, x, x_at, shifts, row, y, y_at, inner, 1)


def _read_half(array: Any, half: int) -> Any:
    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        data = context.make_array(signature.args[0])(context, builder, values[0]).data
        return _read(builder, builder.gep(data, [values[1]]))[half]

    return lanes(array, types.intp), generate


@intrinsic
def _line(typing: Any, array: Any, start: Any) -> Any:
    """Take the first 16 of 32 columns that stand in `array` from its element `start` on."""
    return _read_half(array, 0)


@intrinsic
def _next_line(typing: Any, array: Any, start: Any) -> Any:
    """Take the other 16 of them."""
    return _read_half(array, 1)


@intrinsic
def _put(typing: Any, array: Any, start: Any, value: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        data = context.make_array(signature.args[0])(context, builder, values[0]).data
        target = builder.bitcast(builder.gep(data, [values[1]]), VECTOR.as_pointer())
        builder.store(values[2], target, align=4)
        return context.get_dummy_value()

    return types.void(array, types.intp, lanes), generate


@intrinsic
def _positive_of(typing: Any, value: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        return _positive(builder, values[0], ir.Constant(VECTOR, [0.0] * LANES))

    return lanes(lanes), generate


@intrinsic
def _any_beyond(typing: Any, value: Any, limit: Any) -> Any:
    """Whether any of 16 floats is above `limit`, or is no number."""

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        beyond = builder.fcmp_unordered(">", values[0], repeated(builder, values[1]))
        mask = builder.bitcast(beyond, ir.IntType(LANES))
        return builder.icmp_unsigned("!=", mask, ir.IntType(LANES)(0))

    return types.boolean(lanes, types.float32), generate


@intrinsic
def _turn(typing: Any, table: Any, chosen: Any, block: Any) -> Any:
    """Put 16 rows of `table` (·, multiple of 16), numbered by `chosen` (≥ 16,), into 16 columns of `block`.

    Squares of 16 × 16 are turned in registers: vectors are exchanged in pairs 1, 2, 4 and 8 apart.
    """
    signature = types.void(table, chosen, block)

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        at = _addresses(context, builder, signature, values)
        table = context.make_array(signature.args[0])(context, builder, values[0])
        width = cgutils.unpack_tuple(builder, table.shape)[1]
        songs = [builder.load(at(1, _INDEX(lane), None, _INDEX)) for lane in range(LANES)]
        starts = [at(0, song, _INDEX(0), ir.IntType(8)) for song in songs]
        loop = cgutils.for_range_slice(builder, _INDEX(0), width, _INDEX(LANES), inc=True)
        with loop as (row, _):
            offset = builder.mul(row, _INDEX(4))
            square = [
                builder.load(builder.bitcast(builder.gep(start, [offset]), VECTOR.as_pointer()), align=4)
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
                builder.store(line, at(2, builder.add(row, _INDEX(lane)), _INDEX(0), VECTOR), align=4)
        return context.get_dummy_value()

    return signature, generate


# What these compile to is called without the first argument
wide_tile, narrow_tile, turn = cast(Any, _wide_tile), cast(Any, _narrow_tile), cast(Any, _turn)
line, next_line, put = cast(Any, _line), cast(Any, _next_line), cast(Any, _put)
positive_of, any_beyond = cast(Any, _positive_of), cast(Any, _any_beyond)


def _addresses(context: Any, builder: Any, signature: Any, values: Any) -> Callable[..., Any]:
    """Return what gives the address of one place in one of the arrays, to what stands there."""

    def at(array: int, row: Any, column: Any, kind: Any) -> Any:
        kept = context.make_array(signature.args[array])(context, builder, values[array])
        steps = cgutils.unpack_tuple(builder, kept.strides)
        offset = builder.mul(row, steps[0])
        if len(steps) == 2:
            offset = builder.add(offset, builder.mul(column, steps[1]))
        start = builder.bitcast(kept.data, ir.IntType(8).as_pointer())
        return builder.bitcast(builder.gep(start, [offset]), kind.as_pointer())

    return at
