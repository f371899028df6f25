"""Files that appear whole or not at all."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TextIO

from musicrec.core.errors import MusicrecError


@contextmanager
def staged(folder: Path, names: tuple[str, ...]) -> Iterator[dict[str, TextIO]]:
    """Open new files under temporary names; give them their own when the block ends well, remove them when it fails.

    Raises MusicrecError where one of the names is taken or the folder cannot be written.
    """
    taken = [name for name in names if (folder / name).exists()]
    if taken:
        raise MusicrecError(f"{folder} already holds {', '.join(taken)}: choose another folder or remove them first")
    partial = {name: folder / f".{name}.partial" for name in names}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with ExitStack() as stack:
            yield {n: stack.enter_context(p.open("w", encoding="utf-8", newline="")) for n, p in partial.items()}
        for name, path in partial.items():
            path.replace(folder / name)
    except OSError as problem:
        raise MusicrecError(f"cannot write the sample to {folder}: {problem.strerror or problem}") from problem
    finally:
        for path in partial.values():
            if folder.is_dir():
                path.unlink(missing_ok=True)
