"""Products of small matrices: the one piece that is written for vector registers by hand."""

from __future__ import annotations

from typing import Any, cast

from llvmlite import ir
from llvmlite.binding import get_host_cpu_features
from numba.core import types
from numba.extending import intrinsic

from musicrec.core.kernels.compiled import cgutils, compiled
from musicrec.core.kernels.lanes import LANES, VECTOR, repeated

ROWS = 4  # of a tile, of 16 columns each: 4 registers of AVX-512, 8 of AVX2, 16 of NEON
# Sums that wait for each other's end leave half of AVX-512 idle with 4 of them; elsewhere 8 do not fit the registers
_TALL = 8 if get_host_cpu_features().get("avx512f") else ROWS
_INDEX = ir.IntType(64)


@compiled
def product(c: Any, a: Any, b: Any, rows: int, inner: int, columns: int, kept: bool) -> None:
    """Put a (rows, inner) · b (inner, columns) into c (rows, columns), all float32, `inner` at least 1.

    What is in c is `kept`, and added to, or not. `rows` is a multiple of 4 and `columns` of 16; the columns of b and c
    stand side by side in memory.
    """
    tall = rows - rows % _TALL
    for row in range(0, tall, _TALL):
        for column in range(0, columns, 16):
            tall_tile(c, a, b, row, column, inner, kept)
    for row in range(tall, rows, ROWS):
        for column in range(0, columns, 16):
            tile(c, a, b, row, column, inner, kept)


def _generate(height: int, c: Any, a: Any, b: Any) -> Any:
    """Put into a tile of c the product of some rows of a and 16 columns of b, held in registers until it is done.

    Left to itself the compiler stores each sum after each product, since c and b might overlap: a fifth of the speed.
    """
    signature = types.void(c, a, b, types.intp, types.intp, types.intp, types.boolean)

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        c, a, b = (
            context.make_array(kind)(context, builder, value)
            for kind, value in zip(signature.args[:3], values[:3], strict=True)
        )
        row, column, inner, kept = values[3:]
        rows = [builder.add(row, _INDEX(each)) for each in range(height)]
        targets = [_address(builder, c, each, column, VECTOR) for each in rows]
        start = builder.block
        nothing = ir.Constant(VECTOR, [0.0] * LANES)
        sums = [builder.select(kept, builder.load(target, align=4), nothing) for target in targets]
        loop, end = builder.append_basic_block("products"), builder.append_basic_block("stored")
        builder.branch(loop)
        builder.position_at_end(loop)
        at = builder.phi(_INDEX)
        at.add_incoming(_INDEX(0), start)
        running = [builder.phi(VECTOR) for _ in rows]
        for phi, first in zip(running, sums, strict=True):
            phi.add_incoming(first, start)
        line = builder.load(_address(builder, b, at, column, VECTOR), align=4)
        added = []
        for each, phi in zip(rows, running, strict=True):
            factor = repeated(builder, builder.load(_address(builder, a, each, at, ir.FloatType())))
            product = builder.fmul(factor, line, flags=["contract"])
            added.append(builder.fadd(product, phi, flags=["contract"]))
        following = builder.add(at, _INDEX(1))
        at.add_incoming(following, loop)
        for phi, value in zip(running, added, strict=True):
            phi.add_incoming(value, loop)
        builder.cbranch(builder.icmp_signed("<", following, inner), loop, end)
        builder.position_at_end(end)
        for target, value in zip(targets, added, strict=True):
            builder.store(value, target, align=4)
        return context.get_dummy_value()

    return signature, generate


@intrinsic
def _tile(typing: Any, c: Any, a: Any, b: Any, row: Any, column: Any, inner: Any, kept: Any) -> Any:
    return _generate(ROWS, c, a, b)


@intrinsic
def _tall_tile(typing: Any, c: Any, a: Any, b: Any, row: Any, column: Any, inner: Any, kept: Any) -> Any:
    return _generate(_TALL, c, a, b)


@intrinsic
def _fetch(typing: Any, table: Any, row: Any) -> Any:
    """Ask for a row of `table` (rows, k, D) float32 before it is needed: rows at random are not foreseen."""
    signature = types.void(table, types.intp)

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        array = context.make_array(signature.args[0])(context, builder, values[0])
        of_row = cgutils.unpack_tuple(builder, array.strides)[0]
        byte, number = ir.IntType(8).as_pointer(), ir.IntType(32)
        start = builder.gep(builder.bitcast(array.data, byte), [builder.mul(values[1], of_row)])
        kind = ir.FunctionType(ir.VoidType(), [byte, number, number, number])
        ask = cgutils.get_or_insert_function(builder.module, kind, "llvm.prefetch.p0")
        loop = cgutils.for_range_slice(builder, _INDEX(0), of_row, _INDEX(64), inc=True)
        with loop as (offset, _):
            builder.call(ask, [builder.gep(start, [offset]), number(0), number(3), number(1)])
        return context.get_dummy_value()

    return signature, generate


# What they compile to is called without the first argument
tile, tall_tile, fetch = cast(Any, _tile), cast(Any, _tall_tile), cast(Any, _fetch)


def _address(builder: Any, array: Any, row: Any, column: Any, kind: Any) -> Any:
    of_row, of_column = cgutils.unpack_tuple(builder, array.strides)
    offset = builder.add(builder.mul(row, of_row), builder.mul(column, of_column))
    start = builder.bitcast(array.data, ir.IntType(8).as_pointer())
    return builder.bitcast(builder.gep(start, [offset]), kind.as_pointer())
