"""The compiled loops of ranking, where there is numba and they are ready, and the threads that they run on."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import Any

from musicrec.core.threads import threads

_PART = 32  # parts of the work for each thread: one that is held up leaves the rest to the others
WORTH_LOADING, WORTH_COMPILING = 2e7, 2e8  # scores that take torch longer than half a second, and some seconds

_loops: ModuleType | None = None


def prepare(scores: float) -> bool:
    """Make the loops ready if so many scores to come are worth it; return whether they are.

    Loading them takes half a second. Compiling them, once on a machine, takes several.
    """
    global _loops
    if _loops is None and scores >= WORTH_LOADING and find_spec("numba") is not None:
        from musicrec.core.kernels import ranking

        if scores >= WORTH_COMPILING or all(_is_kept(each) for each in ranking.LOOPS):
            ranking.warm_up()
            _loops = ranking
    return _loops is not None


def loops() -> ModuleType | None:
    """Return `kernels.ranking` where it is ready."""
    return _loops


def in_parts(count: int, work: Callable[[int, int], object], least: int = 1) -> None:
    """Call `work` with the first and the end of each part of `count`, on as many threads as `threads` says.

    A part is of `least` at least.
    """
    most = min(threads(), max(count // least, 1))
    size = max(-(-count // (most * _PART)), least)
    if most == 1:
        work(0, count)
        return
    starts = iter(range(0, count, size))

    def take() -> None:
        for start in starts:
            work(start, min(start + size, count))

    others = [_pool(most - 1).submit(take) for _ in range(most - 1)]
    take()
    for other in others:
        other.result()


def alongside(work: Callable[[], object], count: int) -> None:
    """Let so many other threads call `work` when they are free. Nobody waits for them but what they work on."""
    for _ in range(count):
        _pool(count).submit(work)


@cache
def _pool(count: int) -> ThreadPoolExecutor:
    return ThreadPoolExecutor(count, "ranking")


def _is_kept(function: Any) -> bool:
    stats, source = function.stats, Path(function.py_func.__code__.co_filename)
    named = f"{source.stem}.{function.py_func.__name__}-*.nbi"
    return stats.cache_path is not None and any(
        file.stat().st_mtime >= source.stat().st_mtime for file in Path(stats.cache_path).glob(named)
    )
