"""Finds the files that a dataset is imported from: plain, gzipped or zipped, in UTF-8."""

from __future__ import annotations

import codecs
import csv
import gzip
import lzma
import os
import shutil
import stat
import zipfile
import zlib
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO, cast

from musicrec.core.errors import ImportFailed

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

FORMS = ("", ".gz", ".zip")
CHUNK = 1 << 20
MOST_UNPACKED = 1 << 30  # bytes; an archive that unpacks to more must not do so by more than the factor below
MOST_FACTOR = 100  # text packs to a tenth, a file that is one byte over and over to a thousandth
_BROKEN = (
    OSError,
    EOFError,
    RuntimeError,
    NotImplementedError,
    ValueError,
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
)


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
    """Raise ImportFailed where `folder` is no folder that can be read."""
    try:
        if not folder.exists():
            raise ImportFailed(f"{folder} does not exist: give the folder that holds the dataset's files")
        if not folder.is_dir():
            raise ImportFailed(f"{folder} is a file: give the folder that holds the dataset's files")
        next(folder.iterdir(), None)
    except OSError as error:
        raise ImportFailed(f"{folder} cannot be read: {error.strerror}") from error


def possible_files(folder: Path, names: Sequence[str]) -> list[Path]:
    """Return every path that `find_source` may read for these names."""
    return [folder / f"{name}{form}" for name in names for form in FORMS]


def find_source(folder: Path, name: str, scratch: Path) -> Source | None:
    """Return the file called `name`, `name`.gz or `name`.zip (unpacked into `scratch`), or None where there is none.

    Raises ImportFailed for an archive that cannot be read or unpacks without end, for what is no file, and for a file
    that is empty or no UTF-8 text.
    """
    for form in FORMS:
        found = folder / f"{name}{form}"
        if os.path.lexists(found):
            require_file(found)
            source = Source(name, found, unpacked(found, name, scratch) if form == ".zip" else found)
            if form == ".gz":
                require_end(source)
            require_text(source)
            return source
    if (folder / f"{name}.7z").is_file():
        raise ImportFailed(
            f"{folder / name}.7z is packed in a form that cannot be read: unpack it first (7z x {name}.7z)"
        )
    return None


def require_file(found: Path) -> None:
    """Raise ImportFailed where there is a folder, a pipe or a link to nothing in place of a file."""
    with opening(found):
        mode = found.stat().st_mode
    if not stat.S_ISREG(mode):
        what = "a folder" if stat.S_ISDIR(mode) else "a pipe or a device"
        raise ImportFailed(f"{found} is {what}, expected a file")


@contextmanager
def opening(found: Path) -> Iterator[None]:
    """Turn what goes wrong while `found` is read or unpacked into one line about it."""
    try:
        yield
    except _BROKEN as error:
        why = error.strerror if isinstance(error, OSError) and error.strerror else str(error).splitlines()
        raise ImportFailed(
            f"{found} cannot be read: {why if isinstance(why, str) else ''.join(why[:1]) or 'it is damaged'}"
        ) from error


def unpacked(archive: Path, name: str, scratch: Path) -> Path:
    """Unpack the member called `name`, or the only one, of a zip into `scratch` and return where it lies."""
    try:
        with zipfile.ZipFile(archive) as opened:
            members = [member for member in opened.infolist() if not member.is_dir()]
            chosen = [member for member in members if member.filename.rsplit("/", 1)[-1] == name] or members
            if len(chosen) != 1:
                raise ImportFailed(f"{archive} holds {len(chosen)} files, expected one, called {name}")
            require_room(archive, chosen[0].file_size, scratch)
            target = scratch / name
            with opened.open(chosen[0]) as packed, target.open("wb") as plain:
                shutil.copyfileobj(packed, plain, CHUNK)
            return target
    except _BROKEN as error:
        raise ImportFailed(f"{archive} is no zip that can be read: {str(error) or 'it is damaged'}") from error


def require_room(archive: Path, size: int, scratch: Path) -> None:
    """Raise ImportFailed where `size` bytes are more than an honest archive unpacks to, or than the disk takes."""
    if size > MOST_UNPACKED and size > MOST_FACTOR * archive.stat().st_size:
        raise ImportFailed(
            f"{archive} unpacks to more than {MOST_FACTOR} times its size, which no dataset does: unpack it first"
        )
    free = shutil.disk_usage(scratch).free
    if size > free:
        raise ImportFailed(f"{archive} unpacks to {size:,} bytes, {scratch.parent} has {free:,} left: unpack it first")


def require_end(source: Source) -> None:
    """Raise ImportFailed where a .gz is cut off, damaged or unpacks without end: DuckDB takes a cut for the end."""
    packed, size = source.found.stat().st_size, 0
    with opening(source.found), source.open() as opened:
        while chunk := opened.read(CHUNK):
            size += len(chunk)
            if size > MOST_UNPACKED and size > MOST_FACTOR * packed:
                raise ImportFailed(
                    f"{source.found} unpacks to more than {MOST_FACTOR} times its size, which no dataset does: "
                    "unpack it first"
                )


def require_text(source: Source) -> None:
    """Raise ImportFailed where the first bytes of a file are missing or of another encoding than UTF-8."""
    with opening(source.found), source.open() as opened:
        start = opened.read(4)
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
    with opening(source.found), source.open() as opened:
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
    with opening(source.found), source.open() as opened:
        line = opened.readline(CHUNK)
    if b"\r" in line.removesuffix(b"\n").removesuffix(b"\r"):
        raise ImportFailed(
            f"{source.found} has lines that end in CR alone, expected LF: convert it first (tr '\\r' '\\n')"
        )
    text = line.decode("utf-8-sig", errors="replace")
    try:
        names = next(csv.reader([text]), [])
    except csv.Error as error:
        raise ImportFailed(f"{source.found} has no header that can be read: {error}") from error
    return tuple(name.strip() for name in names), line.endswith(b"\r\n")


def require_columns(source: Source, found: Sequence[str], required: Sequence[str]) -> None:
    """Raise ImportFailed naming the first required column that the file lacks and the columns that it has."""
    for column in required:
        if column not in found:
            shown = ", ".join(found)[:200]
            raise ImportFailed(f"{source.found} has no column {column}; it has {shown}")
