"""All songs of the catalogue, or those that a search found."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from musicrec.core.records import Page, Song
from musicrec.tui.cells import Cell
from musicrec.tui.columns import Column, known
from musicrec.tui.messages import SongChosen, SongPointed
from musicrec.tui.song_actions import SongActions
from musicrec.tui.view import Order
from musicrec.tui.virtual_list import VirtualList

if TYPE_CHECKING:
    from musicrec.core.explorer import Explorer
    from musicrec.core.tabular import Sheet
    from musicrec.tui.messages import Make

MOST = 20_000  # songs that are copied or exported at once
COLUMNS: tuple[Column, ...] = (
    Column("title", "title", 10, grow=3),
    Column("artist", "artist", 8, grow=2, needs=34),
    Column("genre", "genre", 10, grow=1, needs=62),
    Column("language", "language", 8, needs=74),
    Column("year", "year", 4, needs=44),
    Column("plays", "plays", 6, needs=20, right=True),
)


class SongList(SongActions, VirtualList[Song]):
    """The songs, with a cursor that the page of the song follows."""

    TITLE: ClassVar[str] = "Songs"
    HELP: ClassVar[str] = (
        "Every song of the catalogue, the most played first; a search keeps those whose title, artists, album or id "
        "hold its words. Filters go with words: artist:x, genre:y, language:z, year:1990-1999, plays:>100. "
        "The page follows the cursor, and enter goes to it. A click on a heading sorts by it. Copying and exporting "
        f"take the first {MOST:,} at most."
    )
    SORTS: ClassVar[dict[str, str]] = {
        key: key for key in ("plays", "title", "artist", "genre", "language", "year", "length", "id")
    }
    SORTED_BY: ClassVar[dict[str, str]] = {
        key: key for key in ("plays", "title", "artist", "genre", "language", "year")
    }
    NOTHING: ClassVar[tuple[str, str]] = ("No song matches.", "This dataset has no songs.")

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._columns = COLUMNS
        self._told: str | None = None

    def take(self, query: str, order: Order, page: Page[Song]) -> None:
        """Take in a page; columns that none of its songs fills are left out."""
        if page.items and page.offset == 0:
            self._columns = known(COLUMNS, page.items)
        super().take(query, order, page)

    def columns(self) -> tuple[Column, ...]:
        """Return the columns that are known."""
        return self._columns

    def cells(self, item: Song) -> dict[str, Cell]:
        """Return one song's cells."""
        return {
            "title": Cell(item.title or f"#{item.id}", "strong"),
            "artist": Cell(", ".join(item.artists)),
            "genre": Cell(", ".join(item.genres), "muted"),
            "language": Cell(item.language or "", "muted"),
            "year": Cell(str(item.released // 10000) if item.released else "", "muted"),
            "plays": Cell(f"{item.plays:,}", "plain" if item.plays else "muted"),
        }

    def song_at(self, index: int) -> Song | None:
        """Return the song in row `index`, where it is there already."""
        return self.at(index)

    def cursor_moved(self) -> None:
        """Tell which song the cursor is on, once that is known."""
        super().cursor_moved()
        if (song := self.current) is not None and song.id != self._told:
            self._told = song.id
            self.post_message(SongPointed(song))

    def chosen(self) -> None:
        """Tell that the song under the cursor was chosen."""
        if (song := self.current) is not None:
            self.post_message(SongChosen(song))

    def make_rows(self) -> tuple[str, Make] | None:
        """Have the matches copied or exported, not only those that are held here."""
        query, order, count = self.sought, self.order, min(self.count(), MOST)

        def make(explorer: Explorer) -> tuple[Sheet, tuple[Song, ...]]:
            from musicrec.core.sheets.datasets import songs_sheet

            found = explorer.find_songs(query, count, 0, order.key, order.reverse)
            return songs_sheet(found), found.items

        return ("songs", make) if count else None
