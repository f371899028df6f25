"""Files of a run, which may come from anywhere: plain files in its own folder, of a size that makes sense."""

from __future__ import annotations

import os
import stat
from io import BufferedReader
from pathlib import Path

LONGEST_TEXT = 64 << 20  # bytes of a document of a run; figures of a million passes are shorter


def open_inside(path: Path, folder: Path) -> BufferedReader:
    """Open a plain file in `folder`, or below it, for reading.

    Raises OSError for what is none, such as a device or a pipe, which could be read for ever, and for a link that
    leads out of the folder; FileNotFoundError where nothing is there.
    """
    if not path.is_symlink() and not path.exists():
        raise FileNotFoundError(2, "No such file or directory", str(path))
    if not Path(os.path.realpath(path)).is_relative_to(os.path.realpath(folder)):
        raise OSError(f"{path} is a link that leads out of {folder}")
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError(f"{path} is no plain file")
    return os.fdopen(descriptor, "rb")


def read_text(path: Path, folder: Path, errors: str = "strict", most: int = LONGEST_TEXT) -> str:
    """Read a text as `open_inside` opens it. ValueError: it is no UTF-8, or longer than `most` bytes."""
    with open_inside(path, folder) as file:
        size = os.fstat(file.fileno()).st_size
        if size > most:
            raise ValueError(f"{path} is longer than {most:,} bytes")
        return file.read(size).decode("utf-8", errors)


def own_folder(path: Path) -> bool:
    """Say whether `path` is a folder, and no link to one elsewhere: only then is it ours to write in and clear."""
    return path.is_dir() and not path.is_symlink()
