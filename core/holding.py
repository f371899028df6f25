"""Which process works in a folder: a lock of the kernel, which ends with its process, however that ends."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path

if sys.platform != "win32":
    import fcntl


@dataclass(slots=True)
class Hold:
    """A lock that this process holds until it gives it back, or ends."""

    _descriptor: int | None

    def release(self) -> None:
        """Give it back."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


def hold(path: Path) -> Hold | None:
    """Lock a folder or file that is there; None where another holds it, or it went meanwhile. Raises OSError.

    Where the disk knows no such locks, as on some networks and under Windows, nobody is kept out.
    """
    if sys.platform == "win32":
        return Hold(None)
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOFOLLOW)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    except OSError:
        return Hold(descriptor)
    if _is(path, descriptor):
        return Hold(descriptor)
    os.close(descriptor)
    return None


def hold_open(descriptor: int) -> None:
    """Lock a file that this process has just made and has open."""
    if sys.platform == "win32":
        return
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:  # the disk knows no locks
        return


def is_left(path: Path) -> bool:
    """Say whether the process that made a folder or file, and held it, is there no more; False where none can tell."""
    if sys.platform == "win32":
        return False
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOFOLLOW)
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    else:
        return True
    finally:
        os.close(descriptor)


def _is(path: Path, descriptor: int) -> bool:
    # Whoever held it before may have removed it, and somebody else made it anew
    try:
        there = path.stat()
    except OSError:
        return False
    opened = os.fstat(descriptor)
    return (there.st_dev, there.st_ino) == (opened.st_dev, opened.st_ino)
