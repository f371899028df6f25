"""How functions are compiled, and where what was compiled is kept."""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar, cast

import numba
from numba import njit
from numba.core import cgutils as _cgutils
from platformdirs import user_cache_path

F = TypeVar("F", bound=Callable[..., object])
_CONFIG: Any = numba.config
cgutils: Any = _cgutils  # none of it is typed
_OPTIONS: dict[str, Any] = {"nogil": True, "error_model": "numpy", "fastmath": {"contract"}}


def compiled(function: F) -> F:
    """Compile `function` at its first call, to run beside other threads.

    The code is kept on disk, in a folder for these very sources: next to them, or else in the user's cache folder;
    where neither can be written, each process compiles anew. Products and sums may be fused, which rounds once in
    place of twice, and nothing more is taken lightly: sums keep their order.
    """
    given = _CONFIG.CACHE_DIR
    try:
        _CONFIG.CACHE_DIR = str(_FOLDER or given)
        return cast(F, njit(cache=_FOLDER is not None, **_OPTIONS)(function))
    finally:
        _CONFIG.CACHE_DIR = given


def _folder() -> Path | None:
    # Numba asks whether the file of a function has changed, not those of the functions that were compiled into it
    here = Path(__file__).parent
    sources = hashlib.sha256()
    for source in sorted(here.glob("*.py")):
        sources.update(source.read_bytes())
    version, beside = f"numba-{numba.__version__}", here / "__pycache__"
    name = f"{version}-{sources.hexdigest()[:16]}"
    given = [Path(_CONFIG.CACHE_DIR)] if _CONFIG.CACHE_DIR else []
    for folder in (parent / name for parent in (*given, beside, user_cache_path("musicrec"))):
        try:
            folder.mkdir(parents=True, exist_ok=True)
            tempfile.TemporaryFile(dir=folder).close()
        except OSError:
            continue
        for outdated in set(beside.glob(f"{version}-*")) - {folder}:
            shutil.rmtree(outdated, ignore_errors=True)
        return folder
    return None


_FOLDER = _folder()
