"""How functions are compiled, and where what was compiled is kept."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

from numba import njit

F = TypeVar("F", bound=Callable[..., object])
_OPTIONS: dict[str, Any] = {"nogil": True, "error_model": "numpy", "fastmath": {"contract"}}


def compiled(function: F) -> F:
    """Compile `function` at its first call, to run beside other threads.

    The code is kept on disk, next to the module or else in the user's cache folder; where neither can be written, each
    process compiles anew. Products and sums may be fused, which rounds once in place of twice, and nothing more is
    taken lightly: sums keep their order.
    """
    try:
        return cast(F, njit(cache=True, **_OPTIONS)(function))
    except RuntimeError:  # no folder for the cache
        return cast(F, njit(**_OPTIONS)(function))
