"""How functions are compiled, and where what was compiled is kept."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from numba import njit

F = TypeVar("F", bound=Callable[..., object])


def compiled(function: F) -> F:
    """Compile `function` at its first call, to run beside other threads.

    The code is kept on disk, next to the module or else in the user's cache folder; where neither can be written, each
    process compiles anew. Products and sums may be fused, which rounds once in place of twice, and nothing more is
    taken lightly: sums keep their order.
    """
    options = {"nogil": True, "error_model": "numpy", "fastmath": {"contract"}}
    try:
        kept: F = njit(cache=True, **options)(function)
    except RuntimeError:  # no folder for the cache
        kept = njit(**options)(function)
    return kept
