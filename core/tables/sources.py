"""Finds the files that a dataset is imported from: plain, gzipped or zipped, in UTF-8."""

from __future__ import annotations

import codecs
import csv
import gzip
import shutil
import zipfile
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO, cast

from musicrec.core.errors import ImportFailed

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

FORMS = ("", ".gz", ".zip")
CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class Source:
    """A file of a dataset: `name` as people know it, `found` as it lies there, `path` as it can be read."""

    name: str
    found: Path
    path: Path

    def open(self) -> BinaryIO:
        """Open the file's own bytes, decompressed."""
        if self.path.suffix == ".gz":
            return cast("BinaryIO", gzip.open(self.path, "rb"))
        return self.path.open("rb")


def require_folder(folder: Path) -> None:
    """Raise ImportFailed where `folder` is no folder."""
    if not folder.exists():
        raise ImportFailed(f"{folder} does not exist: give the folder that holds the dataset's files")
    if not folder.is_dir():
        raise ImportFailed(f"{folder} is a file: give the folder that holds the dataset's files")


def find_source(folder: Path, name: str, scratch: Path) -> Source | None:
    """Return the file called `name`, `name`.gz or `name`.zip (unpacked into `scratch`), or None where there is none.

    Raises ImportFailed for an archive that cannot be read and for a file that is empty or no UTF-8 text.
    """
    for form in FORMS:
        found = folder / f"{name}{form}"
        if found.is_file():
            source = Source(name, found, unpacked(found, name, scratch) if form == ".zip" else found)
            require_text(source)
            return source
    if (folder / f"{name}.7z").is_file():
        raise ImportFailed(
            f"{folder / name}.7z is packed in a form that cannot be read: unpack it first (7z x {name}.7z)"
        )
    return None


def unpacked(archive: Path, name: str, scratch: Path) -> Path:
    """Unpack the member called `name`, or the only one, of a zip into `scratch` and return where it lies."""
    try:
        with zipfile.ZipFile(archive) as opened:
            members = [member for member in opened.namelist() if not member.endswith("/")]
            chosen = [member for member in members if member.rsplit("/", 1)[-1] == name] or members
            if len(chosen) != 1:
                raise ImportFailed(f"{archive} holds {len(chosen)} files, expected one, called {name}")
            target = scratch / name
            with opened.open(chosen[0]) as packed, target.open("wb") as plain:
                shutil.copyfileobj(packed, plain, CHUNK)
            return target
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, EOFError) as error:
        raise ImportFailed(f"{archive} is no zip that can be read: {error}") from error


def require_text(source: Source) -> None:
    """Raise ImportFailed where the first bytes of a file are missing or of another encoding than UTF-8."""
    try:
        with source.open() as opened:
            start = opened.read(4)
    except (OSError, EOFError) as error:
        raise ImportFailed(f"{source.found} cannot be read: {error}") from error
    if not start.strip():
        raise ImportFailed(f"{source.found} is empty")
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) or b"\0" in start:
        raise ImportFailed(
            f"{source.found} is UTF-16 or UTF-32 text, expected UTF-8: convert it first (iconv -t UTF-8)"
        )


def bad_byte(source: Source) -> int | None:
    """Return the offset of the first byte that is no UTF-8, or None where all of it is."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    offset = 0
    with source.open() as opened:
        while True:
            chunk = opened.read(CHUNK)
            pending = len(decoder.getstate()[0])
            try:
                decoder.decode(chunk, final=not chunk)
            except UnicodeDecodeError as error:
                return offset - pending + error.start
            if not chunk:
                return None
            offset += len(chunk)


def header(source: Source) -> tuple[tuple[str, ...], bool]:
    """Return the column names in the first line of a CSV file, and whether its lines end in CRLF."""
    with source.open() as opened:
        line = opened.readline(CHUNK)
    text = line.decode("utf-8-sig", errors="replace")
    names = next(csv.reader([text]), [])
    return tuple(name.strip() for name in names), line.endswith(b"\r\n")


def require_columns(source: Source, found: Sequence[str], required: Sequence[str]) -> None:
    """Raise ImportFailed naming the first required column that the file lacks and the columns that it has."""
    for column in required:
        if column not in found:
            shown = ", ".join(found)[:200]
            raise ImportFailed(f"{source.found} has no column {column}; it has {shown}")
