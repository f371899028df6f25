"""Aligned columns that leave and return with the width of their panel."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import zip_longest

from musicrec.core.records import Play, Song
from musicrec.tui.cells import Cell, Row, fit


@dataclass(frozen=True, slots=True)
class Column:
    """A column of `width` cells or more: `grow` is its share of what is left, `needs` the panel width it shows from."""

    key: str
    heading: str
    width: int
    grow: int = 0
    needs: int = 0
    right: bool = False


def known(columns: tuple[Column, ...], songs: Iterable[Song]) -> tuple[Column, ...]:
    """Return the columns without those that none of `songs` could fill: many files know ids alone."""
    songs = tuple(songs)
    there = {
        "artist": any(song.artists for song in songs),
        "genre": any(song.genres for song in songs),
        "language": any(song.language for song in songs),
    }
    return tuple(column for column in columns if there.get(column.key, True))


def known_plays(columns: tuple[Column, ...], plays: Sequence[Play]) -> tuple[Column, ...]:
    """Return the columns without those that none of `plays` or of their songs could fill."""
    named = any(play.behaviour for play in plays)
    return tuple(
        column for column in known(columns, (play.song for play in plays)) if named or column.key != "behaviour"
    )


@lru_cache(maxsize=256)
def lay_out(columns: tuple[Column, ...], width: int) -> tuple[tuple[Column, int], ...]:
    """Return the columns that show in `width` cells, each with its width; one cell stands between two of them."""
    shown = [column for column in columns if column.needs <= width]
    left = max(width - sum(column.width for column in shown) - len(shown) + 1, 0)
    grow = sum(column.grow for column in shown)
    widths = [column.width + (left * column.grow // grow if grow else 0) for column in shown]
    growing = [index for index, column in enumerate(shown) if column.grow]
    if growing:
        widths[growing[0]] += width - sum(widths) - len(shown) + 1
    return tuple((column, max(size, 0)) for column, size in zip(shown, widths, strict=True))


def row(columns: tuple[Column, ...], width: int, cells: Mapping[str, Cell]) -> Row:
    """Return one row of `cells`, by the keys of their columns; a missing cell is blank."""
    pieces: list[Cell] = []
    for column, size in lay_out(columns, width):
        cell = cells.get(column.key, Cell(""))
        pieces += [Cell(fit(cell.text, size, column.right), cell.style), Cell(" ")]
    return tuple(pieces[:-1])


def beside(blocks: Sequence[Sequence[Row]], widths: Sequence[int], gap: int) -> list[Row]:
    """Return blocks of rows side by side, `gap` cells between them; rows of block i are `widths[i]` cells wide."""
    blanks = [(Cell(" " * width),) for width in widths]
    rows: list[Row] = []
    for pieces in zip_longest(*blocks):
        first, *others = (blank if piece is None else piece for piece, blank in zip(pieces, blanks, strict=True))
        rows.append((*first, *(cell for other in others for cell in (Cell(" " * gap), *other))))
    return rows


def heading(columns: tuple[Column, ...], width: int) -> Row:
    """Return the row of headings."""
    return row(columns, width, {column.key: Cell(column.heading, "muted") for column in columns})


def column_at(columns: tuple[Column, ...], x: int, width: int) -> str | None:
    """Return the key of the column that cell `x` of a row of `width` cells belongs to."""
    end = 0
    for column, size in lay_out(columns, width):
        end += size + 1
        if x < end:
            return column.key
    return None


def width_of(columns: tuple[Column, ...], key: str, width: int) -> int:
    """Return how wide the column `key` is in a panel of `width` cells; 0 where it does not show."""
    return next((size for column, size in lay_out(columns, width) if column.key == key), 0)
