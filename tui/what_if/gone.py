"""The songs that an edit put out of the list."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

from rich.cells import cell_len
from textual.binding import Binding, BindingType

from musicrec.core.pages import Shift, WhatIf
from musicrec.core.records import Song
from musicrec.tui.cells import Cell, Row
from musicrec.tui.columns import Column, heading, known, row
from musicrec.tui.song_actions import SongActions
from musicrec.tui.what_if.messages import GonePointed

COLUMNS: tuple[Column, ...] = (
    Column("before", "", 3, right=True),
    Column("now", "now", 6),
    Column("title", "title", 10, grow=4),
    Column("artist", "artist", 8, grow=2, needs=40),
    Column("genre", "genre", 10, grow=1, needs=72),
)


class Gone(SongActions):
    """Songs that were in the former list and are no longer, with where they went."""

    TITLE: ClassVar[str] = "Gone"
    HELP: ClassVar[str] = (
        "The songs that were recommended before the edits and are no longer: their former rank, and where they stand "
        "now in the whole catalogue. One that is in the playlist now counts as played, and is no candidate unless "
        "heard songs are let in."
    )

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("a", "add", "Add", id="song.add", tooltip="Add this song to the playlist"),
    ]

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._shifts: tuple[Shift, ...] = ()
        self._played: frozenset[int] = frozenset()
        self._columns = COLUMNS

    def show(self, answer: WhatIf) -> None:
        """Show what is gone after an edit."""
        self._shifts = answer.gone
        self._played = frozenset(play.song.song for play in answer.draft.plays)
        widest = max((cell_len(self._now(shift).text) for shift in self._shifts), default=1)
        columns = (replace(column, width=widest) if column.key == "now" else column for column in COLUMNS)
        self._columns = known(tuple(columns), (shift.song for shift in self._shifts))
        self.set_titles(self.TITLE, f"{len(self._shifts)} of {len(answer.before.items)}" if self._shifts else "")
        self.set_reactive(Gone.cursor, self.validate_cursor(self.cursor))
        self.settle()
        self.show_cursor()
        if not self._shifts:
            self.say("No song has left the list.")

    def clear(self) -> None:
        """Have nothing to show."""
        self._shifts = ()
        self.set_titles(self.TITLE)
        self.say("")

    def count(self) -> int:
        """Return the number of songs."""
        return len(self._shifts)

    def heading(self, width: int) -> Row:
        """Name the columns."""
        return heading(self._columns, width)

    def row(self, index: int, width: int) -> Row:
        """Draw one song."""
        shift = self._shifts[index]
        song = shift.song
        cells = {
            "before": Cell("" if shift.before is None else str(shift.before), "muted"),
            "now": self._now(shift),
            "title": Cell(song.title or f"#{song.id}", "strong"),
            "artist": Cell(", ".join(song.artists)),
            "genre": Cell(", ".join(song.genres), "muted"),
        }
        return row(self._columns, width, cells)

    def cursor_moved(self) -> None:
        """Tell which song the cursor is on."""
        if (song := self.song) is not None:
            self.post_message(GonePointed(song))

    def song_at(self, index: int) -> Song | None:
        """Return the song in row `index`."""
        return self._shifts[index].song if index < len(self._shifts) else None

    def _now(self, shift: Shift) -> Cell:
        if shift.after is not None:
            return Cell(f"▼{shift.after:,}", "negative")
        return Cell("played" if shift.song.song in self._played else "left out", "note")
