"""One window of the past: the songs that a model reads as short-term or long-term taste."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from musicrec.core.records import Play, Song
from musicrec.tui.cells import Cell, Row
from musicrec.tui.columns import Column, heading, known_plays, row
from musicrec.tui.song_actions import SongActions

if TYPE_CHECKING:
    from musicrec.core.explorer import Explorer
    from musicrec.core.tabular import Sheet
    from musicrec.tui.messages import Make

COLUMNS: tuple[Column, ...] = (
    Column("window", "", 1, needs=20),
    Column("back", "", 3, right=True),
    Column("title", "title", 8, grow=3),
    Column("artist", "artist", 6, grow=2, needs=26),
    Column("behaviour", "behaviour", 12, needs=44),
)


class Playlist(SongActions):
    """Plays of a window, the latest first."""

    TITLE: ClassVar[str] = "Playlist"
    HELP: ClassVar[str] = (
        "The plays that the model reads, the latest first: the short-term window is the last few, the long-term window "
        "reaches further back, and a bar marks what is in both. How long they are is a parameter of the run."
    )

    def __init__(self, title: str, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._title = title
        self._plays: tuple[Play, ...] = ()
        self._marked = 0
        self._columns = COLUMNS
        self.set_titles(title)

    def show_plays(self, plays: tuple[Play, ...], past: int, marked: int = 0) -> None:
        """Show `plays` (oldest first), the window's part of `past` plays; the latest `marked` get a mark."""
        self._marked = marked
        self._plays = tuple(reversed(plays))
        self._columns = known_plays(COLUMNS, plays)
        self.set_titles(self._title, f"{len(plays)} of {past:,}" if past else "")
        self.cursor = 0
        self.settle()
        self.show_cursor()
        if not past:
            self.say("No past plays.", "The model has only the listener's facts to go by.")
        elif not plays:
            self.say("No play falls into this window.")

    def count(self) -> int:
        """Return the number of plays."""
        return len(self._plays)

    def heading(self, width: int) -> Row:
        """Name the columns."""
        return heading(self._columns, width)

    def row(self, index: int, width: int) -> Row:
        """Draw one play."""
        play = self._plays[index]
        return row(
            self._columns,
            width,
            {
                "window": Cell("▎" if index < self._marked else "", "bar"),
                "back": Cell(str(play.position + 1), "muted"),
                "title": Cell(play.song.title or f"#{play.song.id}"),
                "artist": Cell(", ".join(play.song.artists), "muted"),
                "behaviour": Cell(play.behaviour or "", "muted"),
            },
        )

    def song_at(self, index: int) -> Song | None:
        """Return the song that was played."""
        return self._plays[index].song if index < len(self._plays) else None

    def make_rows(self) -> tuple[str, Make] | None:
        """Have the plays that are shown copied or exported."""
        plays = self._plays

        def make(explorer: Explorer) -> tuple[Sheet, tuple[Song, ...]]:
            from musicrec.core.sheets.datasets import plays_sheet

            return plays_sheet(self._title, plays), tuple(play.song for play in plays)

        return (self._title, make) if plays else None
