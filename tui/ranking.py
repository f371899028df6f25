"""The recommendations: the songs that the run puts first for the listener."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from musicrec.core.drafts import UNFILTERED, Filters
from musicrec.core.records import Recommendation, Recommendations, Song
from musicrec.tui.bars import bar
from musicrec.tui.cells import Cell, Row
from musicrec.tui.columns import Column, heading, known, row, width_of
from musicrec.tui.messages import SongMoved
from musicrec.tui.row_list import RowList
from musicrec.tui.song_actions import SongActions

if TYPE_CHECKING:
    from musicrec.core.explorer import Explorer
    from musicrec.core.tabular import Sheet
    from musicrec.tui.messages import Make

NARROW = 50  # cells; below, the line under the ranking is shorter
LEAST = 0.02  # share that the lowest score of the list is drawn with
COLUMNS: tuple[Column, ...] = (
    Column("rank", "", 3, right=True),
    Column("bar", "score", 6, needs=28),
    Column("score", "", 7, needs=58, right=True),
    Column("title", "title", 10, grow=4),
    Column("artist", "artist", 8, grow=2, needs=44),
    Column("genre", "genre", 10, grow=1, needs=66),
    Column("language", "language", 9, needs=80),
    Column("marks", "", 4),
)


class Ranking(SongActions):
    """The ranking for one listener; the why panel follows its cursor."""

    TITLE: ClassVar[str] = "Recommendations"
    HELP: ClassVar[str] = (
        "The songs with the highest scores. The bar places a score between the lowest and the highest of this list. "
        "Marks: ✓ the listener did play it later (held out, a hit), 0 nobody has played it yet, "
        "+ a genre that is new to this listener, h already heard."
    )

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._items: tuple[Recommendation, ...] = ()
        self._ranking: Recommendations | None = None
        self._columns = COLUMNS

    def show_ranking(self, recommendations: Recommendations, filters: Filters = UNFILTERED) -> None:
        """Show a new ranking of what `filters` let through, the cursor on its first song."""
        self._ranking = recommendations
        self._items = recommendations.items
        self._columns = known(COLUMNS, (item.song for item in self._items))
        hits = sum(item.held_out for item in self._items)
        asked = "".join(f" · {word}" for word in filters.words)
        self.set_titles(f"{self.TITLE} · {recommendations.run}{asked}", self._measured(recommendations, hits))
        self.settle()
        if not self._items:
            way_on = "Press f for other filters." if filters != UNFILTERED else "Press h to let in heard songs."
            self.say("This run has nothing to recommend here.", way_on)
            return
        self.set_reactive(RowList.cursor, 0)
        self.scroll_to(y=0, animate=False, immediate=True)
        self.cursor_moved()

    def count(self) -> int:
        """Return the number of songs."""
        return len(self._items)

    def heading(self, width: int) -> Row:
        """Name the columns."""
        return heading(self._columns, width)

    def row(self, index: int, width: int) -> Row:
        """Draw one recommendation."""
        item = self._items[index]
        song = item.song
        return row(
            self._columns,
            width,
            {
                "rank": Cell(str(item.rank), "muted"),
                "bar": Cell(bar(max(item.share, LEAST), width_of(self._columns, "bar", width)), "bar"),
                "score": Cell(f"{item.score:.3f}", "muted"),
                "title": Cell(song.title or f"#{song.id}", "strong"),
                "artist": Cell(", ".join(song.artists)),
                "genre": Cell(", ".join(song.genres), "muted"),
                "language": Cell(song.language or "", "muted"),
                "marks": Cell(marks(item), "good" if item.held_out else "note"),
            },
        )

    def cursor_moved(self) -> None:
        """Tell which song the cursor is on."""
        if self._items:
            self.post_message(SongMoved(self._items[self.cursor]))

    def song_at(self, index: int) -> Song | None:
        """Return the song in row `index`."""
        return self._items[index].song if index < len(self._items) else None

    def make_rows(self) -> tuple[str, Make] | None:
        """Have the ranking copied or exported."""
        ranking = self._ranking

        def make(explorer: Explorer) -> tuple[Sheet, tuple[Song, ...]]:
            from musicrec.core.sheets.recommendations import recommendations_sheet

            assert ranking is not None
            return recommendations_sheet(ranking), tuple(item.song for item in ranking.items)

        return (f"{ranking.listener.id}-{ranking.run}", make) if ranking and ranking.items else None

    def _measured(self, recommendations: Recommendations, hits: int) -> str:
        ranked = "songs ranked in" if self.size.width >= NARROW else "songs in"
        timing = f"{recommendations.candidates:,} {ranked} {recommendations.milliseconds:.0f} ms"
        return f"{hits} held out · {timing}" if hits else timing


def marks(item: Recommendation) -> str:
    """Return the marks of a recommendation, each in its own place."""
    held = ((item.held_out, "✓"), (item.song.plays == 0, "0"), (item.new_genre, "+"), (item.heard, "h"))
    return "".join(mark if there else " " for there, mark in held)
