"""Invented listening in the original files of KKBOX and Melon: structured like the real thing, free to pass on."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from musicrec.core.errors import UsageError
from musicrec.core.records import SourceFile
from musicrec.core.tables.options import Format
from musicrec.core.tables.sample.kkbox import FILES as KKBOX_FILES
from musicrec.core.tables.sample.kkbox import write_kkbox
from musicrec.core.tables.sample.melon import FILES as MELON_FILES
from musicrec.core.tables.sample.melon import write_melon
from musicrec.core.tables.sample.staging import staged

_NOTICES = 200  # how often, at most, a progress callback is called

__all__ = ["SampleReport", "write_sample"]


@dataclass(frozen=True, slots=True)
class SampleReport:
    """What a sample wrote: `rows` of its files count headers out and blank rows in."""

    format: Format
    folder: Path
    files: tuple[SourceFile, ...]
    listeners: int
    songs: int
    plays: int
    seed: int
    seconds: float


def write_sample(
    format: Format,
    folder: Path,
    *,
    listeners: int = 1000,
    songs: int = 2000,
    plays: int = 60_000,
    seed: int = 7,
    progress: Callable[[str, float], None] | None = None,
) -> SampleReport:
    """Write an invented dataset in the original file format; the same arguments give the same bytes.

    `listeners` are playlists for Melon; `plays` counts past and future together, a few are lost to doubles. Memory
    grows with listeners and songs, not with plays. `progress` gets (file, share of all rows done).

    Raises UsageError for sizes that no world can have, MusicrecError where files of these names are there already.
    """
    _check(format, listeners, songs, plays, seed)
    began = time.perf_counter()
    names, write = (KKBOX_FILES, write_kkbox) if format == "kkbox" else (MELON_FILES, write_melon)
    expected = listeners + 2 * songs + plays if format == "kkbox" else listeners + songs
    rows: Counter[str] = Counter()
    step = max(1, expected // _NOTICES)

    def count(file: str, more: int) -> None:
        before = rows.total()
        rows[file] += more
        if progress and (before // step != (before + more) // step):
            progress(file, min(1.0, (before + more) / expected))

    with staged(folder, names) as files:
        write(files, listeners, songs, plays, seed, count)
    if progress:
        progress(names[-1], 1.0)
    written = tuple(SourceFile(name, (folder / name).stat().st_size, rows[name]) for name in names)
    return SampleReport(format, folder, written, listeners, songs, plays, seed, time.perf_counter() - began)


_MOST = 100_000_000


def _check(format: str, listeners: int, songs: int, plays: int, seed: int) -> None:
    if format not in ("kkbox", "melon"):
        raise UsageError(f"no sample in the format {format!r}: choose kkbox or melon")
    if max(listeners, songs) > _MOST:
        raise UsageError(f"a sample has at most {_MOST:,} listeners and songs")
    if listeners < 1:
        raise UsageError(f"a sample needs at least 1 listener, not {listeners}")
    if songs < 20:
        raise UsageError(f"a sample needs at least 20 songs, not {songs}")
    if not listeners <= plays <= listeners * songs // 2:
        raise UsageError(
            f"{plays} plays for {listeners} listeners and {songs} songs: choose between {listeners} and "
            f"{listeners * songs // 2}"
        )
    if seed < 0:
        raise UsageError(f"a seed is 0 or more, not {seed}")
