"""Arithmetic on 16 floats at once, for loops whose arrays the compiler takes to overlap, and so takes one by one."""

from __future__ import annotations

from typing import Any, cast

from llvmlite import ir
from numba.core import types
from numba.extending import intrinsic, models, register_model

from musicrec.core.kernels.compiled import cgutils

LANES = 16  # one register of AVX-512, 2 of AVX2, 4 of NEON
VECTOR = ir.VectorType(ir.FloatType(), LANES)


class _Lanes(types.Type):
    """The type of 16 floats side by side."""


lanes = _Lanes(name="lanes")


@register_model(_Lanes)
class _LanesModel(models.PrimitiveModel):
    def __init__(self, manager: Any, kind: Any) -> None:
        super().__init__(manager, kind, VECTOR)  # type: ignore[no-untyped-call]


def _operation(name: str) -> Any:
    def operation(typing: Any, one: Any, other: Any) -> Any:
        def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
            flags = () if name == "fdiv" else ("contract",)
            return getattr(builder, name)(*values, flags=flags)

        return lanes(lanes, lanes), generate

    return intrinsic(operation)


plus, minus, times, over = (_operation(name) for name in ("fadd", "fsub", "fmul", "fdiv"))


@intrinsic
def _root_of(typing: Any, value: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        kind = ir.FunctionType(VECTOR, [VECTOR])
        root = cgutils.get_or_insert_function(builder.module, kind, f"llvm.sqrt.v{LANES}f32")
        return builder.call(root, values)

    return lanes(lanes), generate


@intrinsic
def _all_of(typing: Any, value: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        return repeated(builder, values[0])

    return lanes(types.float32), generate


@intrinsic
def _load(typing: Any, array: Any, first: Any, second: Any, third: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        return builder.load(_address(context, builder, signature, values), align=4)

    return lanes(array, types.intp, types.intp, types.intp), generate


@intrinsic
def _store(typing: Any, array: Any, first: Any, second: Any, third: Any, value: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        builder.store(values[4], _address(context, builder, signature, values), align=4)
        return context.get_dummy_value()

    return types.void(array, types.intp, types.intp, types.intp, lanes), generate


# What these compile to is called without the first argument
root_of, all_of, load, store = cast(Any, _root_of), cast(Any, _all_of), cast(Any, _load), cast(Any, _store)


def repeated(builder: Any, value: Any) -> Any:
    """A float in every lane."""
    none = ir.Constant(VECTOR, ir.Undefined)
    first = builder.insert_element(none, value, ir.IntType(32)(0))
    return builder.shuffle_vector(first, none, ir.Constant(ir.VectorType(ir.IntType(32), LANES), [0] * LANES))


def _address(context: Any, builder: Any, signature: Any, values: Any) -> Any:
    # Of 16 floats from [first, second, third] of an array of three dimensions
    array = context.make_array(signature.args[0])(context, builder, values[0])
    steps = cgutils.unpack_tuple(builder, array.strides)
    offsets = [builder.mul(place, step) for place, step in zip(values[1:4], steps, strict=True)]
    start = builder.bitcast(array.data, ir.IntType(8).as_pointer())
    return builder.bitcast(
        builder.gep(start, [builder.add(builder.add(offsets[0], offsets[1]), offsets[2])]), VECTOR.as_pointer()
    )
