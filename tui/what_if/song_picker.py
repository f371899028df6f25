"""The catalogue, to choose songs from that are added to a draft."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import Binding, BindingType

from musicrec.core.records import Song
from musicrec.tui.cells import Cell
from musicrec.tui.columns import Column
from musicrec.tui.messages import AddWanted
from musicrec.tui.song_actions import SongActions
from musicrec.tui.virtual_list import VirtualList

COLUMNS: tuple[Column, ...] = (
    Column("mark", "", 1),
    Column("title", "title", 10, grow=3),
    Column("artist", "artist", 8, grow=2, needs=34),
    Column("genre", "genre", 10, grow=1, needs=62),
    Column("year", "year", 4, needs=50),
    Column("plays", "plays", 6, needs=26, right=True),
)


class SongPicker(SongActions, VirtualList[Song]):
    """Songs that a search found; enter adds the one under the cursor and stays."""

    TITLE: ClassVar[str] = "Add a song"
    HELP: ClassVar[str] = (
        "All songs of the catalogue, or those that the search found. Enter or a adds the song under the cursor as the "
        "latest play, as often as it is pressed; + marks what the playlist holds. Escape goes back to the playlist."
    )
    SORTS: ClassVar[dict[str, str]] = {
        "plays": "plays",
        "title": "title",
        "artist": "artist",
        "genre": "genre",
        "year": "year",
    }
    SORTED_BY: ClassVar[dict[str, str]] = {key: key for key in SORTS}
    NOTHING: ClassVar[tuple[str, str]] = ("No song matches.", "This dataset has no songs.")

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("a", "add", "Add", id="song.add", tooltip="Add this song to the playlist"),
    ]

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._played: frozenset[int] = frozenset()

    def _way_on(self) -> str:
        return "Press / to change the search, escape to close it."

    def mark(self, songs: frozenset[int]) -> None:
        """Mark the songs with these numbers as played."""
        self._played = songs
        self.refresh()

    def columns(self) -> tuple[Column, ...]:
        """Return the columns of songs."""
        return COLUMNS

    def cells(self, item: Song) -> dict[str, Cell]:
        """Return one song's cells."""
        return {
            "mark": Cell("+" if item.song in self._played else "", "good"),
            "title": Cell(item.title or f"#{item.id}", "strong"),
            "artist": Cell(", ".join(item.artists)),
            "genre": Cell(", ".join(item.genres), "muted"),
            "year": Cell(str(item.released // 10000) if item.released else "", "muted"),
            "plays": Cell(f"{item.plays:,}", "muted"),
        }

    def song_at(self, index: int) -> Song | None:
        """Return the song in row `index`, where it is there already."""
        return self.at(index)

    def chosen(self) -> None:
        """Add the song under the cursor."""
        if (song := self.song) is not None:
            self.post_message(AddWanted(song))
