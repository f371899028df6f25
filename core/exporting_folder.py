"""A folder that files are written into, each whole or not at all."""

from __future__ import annotations

import glob
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from musicrec.core.errors import MusicrecError, UsageError


@dataclass(frozen=True, slots=True)
class ExportedFile:
    """A file of an export; `rows` are those of a table."""

    name: str
    bytes: int
    rows: int | None = None


@dataclass(slots=True)
class Folder:
    """Where an export goes, and the files that it has so far, each complete from the moment that it is there."""

    path: Path
    files: list[ExportedFile] = field(default_factory=list)

    @classmethod
    def open(cls, path: Path, replace: bool) -> Folder:
        """Return the folder, which the first file makes. Raises UsageError for one with files, unless `replace`."""
        try:
            there = path.exists() and any(path.iterdir())
        except NotADirectoryError as error:
            raise UsageError(f"{path} is no folder: choose another one") from error
        except (OSError, ValueError) as error:
            raise MusicrecError(f"cannot write into {str(path)!r}: {error}") from error
        if there and not replace:
            raise UsageError(f"{path} has files in it: choose another folder, or give --replace")
        return cls(path)

    def table(self, name: str, write: Callable[[Path], int]) -> None:
        """Have `write` write a file at the path that it is given, and return the rows in it."""
        with self._part(name) as part:
            rows = write(part)
        self._note(name, rows)

    def text(self, name: str, content: str) -> None:
        """Write a file of text."""
        with self._part(name) as part:
            part.write_text(content, "utf-8")
        self._note(name)

    def take(self, source: Path, name: str) -> None:
        """Copy a file as it is; nothing where there is none."""
        if source.is_file():
            with self._part(name) as part:
                shutil.copyfile(source, part)
            self._note(name)

    def mark(self, name: str) -> None:
        """Make an empty file that is no part of the export."""
        with self._part(name) as part:
            part.touch()

    def remove(self, name: str) -> None:
        """Remove a file that an earlier export left, whole or not; nothing where there is none."""
        try:
            _sweep_parts(self.path / name)
            (self.path / name).unlink(missing_ok=True)
        except OSError as error:
            raise MusicrecError(f"cannot replace {self.path / name}: {error.strerror or error}") from error

    def _note(self, name: str, rows: int | None = None) -> None:
        self.files.append(ExportedFile(name, (self.path / name).stat().st_size, rows))

    @contextmanager
    def _part(self, name: str) -> Iterator[Path]:
        target = self.path / name
        part = target.with_name(f".{target.name}.{os.getpid()}.part")
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            _sweep_parts(target)
            yield part
            with part.open("rb+") as file:
                os.fsync(file.fileno())
            part.replace(target)
        except OSError as error:
            raise MusicrecError(f"cannot write {target}: {error.strerror or error}") from error
        finally:
            part.unlink(missing_ok=True)


def _sweep_parts(target: Path) -> None:
    # What an export that was killed has left of the same file
    for path in target.parent.glob(f".{glob.escape(target.name)}.*.part"):
        number = path.name.removesuffix(".part").rpartition(".")[2]
        if number.isdecimal() and not _lives(int(number)):
            path.unlink(missing_ok=True)


def _lives(process: int) -> bool:
    if os.name != "posix":  # elsewhere asking would end it
        return True
    try:
        os.kill(process, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except OSError:
        return True
    return True
