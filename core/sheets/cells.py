"""The cells that several tables have alike."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from musicrec.core.records import Listener, Page, Song
from musicrec.core.tabular import Cell, Sheet

LISTENER = ("listener", "title", "tags", "age", "gender", "city", "registered", "likes", "plays")
SONG = ("song", "title", "artists", "genres", "language")


def listener_cells(who: Listener) -> tuple[Cell, ...]:
    """Return what stands under `LISTENER`."""
    registered = None if who.registered is None else who.registered.isoformat()
    return who.id, who.title, ", ".join(who.tags), who.age, who.gender, who.city, registered, who.likes, who.plays


def song_cells(song: Song) -> tuple[Cell, ...]:
    """Return what stands under `SONG`."""
    return song.id, song.title, ", ".join(song.artists), ", ".join(song.genres), song.language


def cell(value: object) -> Cell:
    """Return a value as a cell: a list as its items with commas between, what is no number or text as text."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list | tuple):
        return ",".join(map(str, value))
    return value if isinstance(value, str | int | float) or value is None else str(value)


def part_of(page: Page[Any]) -> str:
    """Say which part of a list a page is."""
    if not page.items:
        return f"none of {page.total:,}"
    return f"{page.offset + 1:,} to {page.offset + len(page.items):,} of {page.total:,}"


def facts_sheet(title: str, facts: Iterable[tuple[str, object]]) -> Sheet:
    """One row a fact; those that are not known are left out."""
    rows = tuple((name, cell(value)) for name, value in facts if value not in (None, ""))
    return Sheet(title, ("what", "value"), rows)
