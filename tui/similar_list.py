"""Songs that a run holds similar to one song."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from musicrec.core.records import Neighbour, Song
from musicrec.tui.bars import bar
from musicrec.tui.cells import Cell, Row
from musicrec.tui.columns import Column, heading, known, row, width_of
from musicrec.tui.song_actions import SongActions

if TYPE_CHECKING:
    from musicrec.core.explorer import Explorer
    from musicrec.core.tabular import Sheet
    from musicrec.tui.messages import Make

COLUMNS: tuple[Column, ...] = (
    Column("bar", "similar", 8, needs=34),
    Column("number", "", 5, right=True),
    Column("title", "title", 12, grow=3),
    Column("artist", "artist", 8, grow=2, needs=40),
    Column("genre", "genre", 10, grow=1, needs=76),
    Column("plays", "plays", 6, needs=60, right=True),
)


class SimilarList(SongActions):
    """Neighbours of a song, nearest first."""

    TITLE: ClassVar[str] = "Similar songs"
    HELP: ClassVar[str] = "Songs whose vectors in this run point the same way; 1 is the same direction (cosine)."

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._neighbours: tuple[Neighbour, ...] = ()
        self._columns = COLUMNS
        self._name_of_rows = "similar"

    def show_neighbours(self, song: Song, neighbours: tuple[Neighbour, ...]) -> None:
        """Show the songs near to `song`."""
        self._neighbours = neighbours
        self._columns = known(COLUMNS, (neighbour.song for neighbour in neighbours))
        self._name_of_rows = f"similar-{song.id}"
        self.settle()
        self.cursor = 0
        if not neighbours:
            self.say("No song is near to this one.")

    def count(self) -> int:
        """Return the number of songs."""
        return len(self._neighbours)

    def heading(self, width: int) -> Row:
        """Name the columns."""
        return heading(self._columns, width)

    def row(self, index: int, width: int) -> Row:
        """Draw one song."""
        neighbour = self._neighbours[index]
        song = neighbour.song
        cells = {
            "bar": Cell(bar(neighbour.similarity, width_of(self._columns, "bar", width)), "bar"),
            "number": Cell(f"{neighbour.similarity:.2f}", "muted"),
            "title": Cell(song.title or f"#{song.id}", "strong"),
            "artist": Cell(", ".join(song.artists)),
            "genre": Cell(", ".join(song.genres), "muted"),
            "plays": Cell(f"{song.plays:,}", "muted"),
        }
        return row(self._columns, width, cells)

    def song_at(self, index: int) -> Song | None:
        """Return the song in row `index`."""
        return self._neighbours[index].song if index < len(self._neighbours) else None

    def make_rows(self) -> tuple[str, Make] | None:
        """Have the songs copied or exported."""
        neighbours, name = self._neighbours, self._name_of_rows

        def make(explorer: Explorer) -> tuple[Sheet, tuple[Song, ...]]:
            from musicrec.core.sheets.recommendations import neighbours_sheet

            return neighbours_sheet(name, neighbours), tuple(neighbour.song for neighbour in neighbours)

        return (name, make) if neighbours else None
