"""The pieces of ranking that are written for vector registers by hand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from llvmlite import ir
from numba.core import cgutils, types
from numba.extending import intrinsic

from musicrec.core.kernels.lanes import LANES, VECTOR, repeated

ROWS = 8  # of a tile: 8 rows of 32 sums fill 16 registers of AVX-512
_FLOAT, _INDEX = ir.FloatType(), ir.IntType(64)


def _write_tile(w: Any, b: Any, x: Any, y: Any, vectors: int) -> Any:
    """Write relu(w x + b) for 8 rows of w (8, inner) and 16 · `vectors` columns of x (inner, ·), summed in registers.

    Left to itself the compiler stores each sum after each product, as x and y might overlap: less than half the speed.
    """
    signature = types.void(w, b, x, y, types.intp)

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        at = _addresses(context, builder, signature, values)
        zero, start = ir.Constant(VECTOR, [0.0] * LANES), builder.block
        columns = [_INDEX(LANES * each) for each in range(vectors)]
        tile = [(_INDEX(row), column) for row in range(ROWS) for column in columns]
        sums = [repeated(builder, builder.load(at(1, row, None, _FLOAT))) for row, _ in tile]
        loop, end = builder.append_basic_block("products"), builder.append_basic_block("summed")
        builder.branch(loop)
        builder.position_at_end(loop)
        step = builder.phi(_INDEX)
        running = [builder.phi(VECTOR) for _ in tile]
        lines = [builder.load(at(2, step, column, VECTOR), align=4) for column in columns]
        added = []
        for place, ((row, _), phi) in enumerate(zip(tile, running, strict=True)):
            if place % vectors == 0:
                factor = repeated(builder, builder.load(at(0, row, step, _FLOAT)))
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
            builder.store(positive, at(3, row, column, VECTOR), align=4)
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
