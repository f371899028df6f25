"""Files of what is shown: tables for other programs, playlists for players and people."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path

from musicrec.core.errors import UsageError
from musicrec.core.places import at_home
from musicrec.core.records import Song
from musicrec.core.runs import write_atomically
from musicrec.core.tabular import Sheet, one_line, to_csv

TABLES, PLAYLISTS = (".csv", ".json", ".parquet"), (".txt", ".m3u8")
SUFFIXES = TABLES + PLAYLISTS


def write_export(
    sheet: Sheet, path: Path, songs: Sequence[Song] = (), replace: bool = False, safe: bool = False
) -> Path:
    """Write what the suffix of `path` says, whole or not at all; returns the path as it was written.

    .csv, .json (a list of objects by column) and .parquet hold the sheet; .txt (artist - title, a song a line) and
    .m3u8 hold `songs`; `safe` is that of `to_csv`. Raises UsageError for another suffix, for a playlist without songs
    and for a file that is there unless `replace`, MusicrecError where it cannot be written.
    """
    path = at_home(path)
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        raise UsageError(f"{path.name}: the name of an export must end in {', '.join(SUFFIXES[:-1])} or {SUFFIXES[-1]}")
    if suffix in PLAYLISTS and not songs:
        raise UsageError(
            f"{path.name}: there are no songs to make a playlist of; a table is one of {', '.join(TABLES)}"
        )
    if os.path.lexists(path) and not replace:
        raise UsageError(f"{path} is there already: choose another name, or have it replaced")
    write_atomically(path, _content(suffix, sheet, songs, safe))
    return path


def _content(suffix: str, sheet: Sheet, songs: Sequence[Song], safe: bool = False) -> bytes:
    match suffix:
        case ".parquet":
            from musicrec.core.tables.parquet import to_parquet

            return to_parquet(sheet)
        case ".csv":
            text = to_csv(sheet, safe)
        case ".json":
            rows = [dict(zip(sheet.columns, row, strict=True)) for row in sheet.rows]
            text = json.dumps(rows, ensure_ascii=False, indent=2) + "\n"
        case ".txt":
            text = "".join(f"{_label(song)}\n" for song in songs)
        case _:
            text = "".join(("#EXTM3U\n", f"#PLAYLIST:{one_line(sheet.title)}\n", *map(_entry, songs)))
    return text.encode("utf-8", "replace")


def _entry(song: Song) -> str:
    seconds = -1 if song.length_ms is None else round(song.length_ms / 1000)
    place = one_line(song.id)
    place = f"%23{place[1:]}" if place.startswith("#") else place  # else players take it for a comment
    return f"#EXTINF:{seconds},{_label(song)}\n{place}\n"


def _label(song: Song) -> str:
    title, artists = one_line(song.title or ""), one_line(", ".join(song.artists))
    if not title:
        return one_line(song.id)
    return f"{artists} - {title}" if artists else title
