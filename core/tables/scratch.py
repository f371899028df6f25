"""The folders in which imports work, beside the datasets, and those that imports which were killed have left."""

from __future__ import annotations

import re
import shutil
from contextlib import suppress
from pathlib import Path

from musicrec.core.holding import hold, is_left

_SCRATCH = re.compile(r"\..+-[a-z0-9_]{8}\.importing")


def left_scratch(data: Path) -> tuple[Path, ...]:
    """Find the folders in which no import works any more."""
    try:
        paths = sorted(data.iterdir())
    except OSError:
        return ()
    named = (path for path in paths if _SCRATCH.fullmatch(path.name) and path.is_dir() and not path.is_symlink())
    return tuple(path for path in named if is_left(path))


def sweep_scratch(data: Path) -> None:
    """Remove them; what cannot be removed stays."""
    for path in left_scratch(data):
        with suppress(OSError):
            if (held := hold(path)) is not None:
                shutil.rmtree(path, ignore_errors=True)
                held.release()
