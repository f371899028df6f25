"""Counters that threads share."""

from __future__ import annotations

import sys
from typing import Any

from llvmlite import ir
from numba.core import types
from numba.extending import intrinsic

from musicrec.core.kernels.compiled import cgutils, compiled

SPINS = 200  # looks at a counter before another thread is let onto this core


@intrinsic
def _add(typing: Any, counters: Any, at: Any) -> Any:
    """Add 1 to a counter and return what it was; what this thread wrote before is seen by whoever sees the sum."""

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        return builder.atomic_rmw("add", _place(context, builder, signature, values), ir.IntType(64)(1), "seq_cst")

    return types.int64(counters, types.intp), generate


add: Any = _add  # called as what it compiles to


@compiled
def wait(counters: Any, at: int, value: int) -> None:
    """Wait until a counter is at `value`."""
    while True:
        for _ in range(SPINS):
            if look(counters, at) >= value:
                return
        let_others(counters)


@intrinsic
def _look(typing: Any, counters: Any, at: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        return builder.load_atomic(_place(context, builder, signature, values), "seq_cst", 8)

    return types.int64(counters, types.intp), generate


@intrinsic
def _let_others(typing: Any, counters: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        if sys.platform != "win32":
            kind = ir.FunctionType(ir.IntType(32), [])
            builder.call(cgutils.get_or_insert_function(builder.module, kind, "sched_yield"), [])
        return context.get_dummy_value()

    return types.void(counters), generate


look: Any = _look  # as `add`
let_others: Any = _let_others


def _place(context: Any, builder: Any, signature: Any, values: Any) -> Any:
    return builder.gep(context.make_array(signature.args[0])(context, builder, values[0]).data, [values[1]])
