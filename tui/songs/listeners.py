"""The listeners who played a song."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.message import Message

from musicrec.core.pages import SongPage
from musicrec.core.records import Listener, Page
from musicrec.tui.cells import Cell
from musicrec.tui.columns import Column
from musicrec.tui.messages import ListenerWanted
from musicrec.tui.people import has_people, name_of
from musicrec.tui.songs.messages import PlayersWanted
from musicrec.tui.view import Order
from musicrec.tui.virtual_list import VirtualList

if TYPE_CHECKING:
    from musicrec.core.explorer import Explorer
    from musicrec.core.tabular import Sheet
    from musicrec.tui.messages import Make

COLUMNS: tuple[Column, ...] = (
    Column("name", "listener", 8, grow=1),
    Column("age", "age", 3, right=True, needs=26),
    Column("gender", "", 1, needs=26),
    Column("city", "city", 4, right=True, needs=30),
    Column("plays", "plays", 5, right=True),
)
BARE: tuple[Column, ...] = (COLUMNS[0], COLUMNS[-1])


class SongListeners(VirtualList[Listener]):
    """Who has the song among their training plays; enter goes to the listener."""

    TITLE: ClassVar[str] = "Played by"
    HELP: ClassVar[str] = (
        "The listeners who have the song among their training plays, those who play most first. Enter goes to the "
        "listener, backspace comes back."
    )
    NOTHING: ClassVar[tuple[str, str]] = ("Nobody has played it yet.", "Nobody has played it yet.")

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._song: str | None = None
        self._columns = COLUMNS

    def take(self, query: str, order: Order, page: Page[Listener]) -> None:
        """Take in a page; playlists have no columns of people."""
        if page.items:
            self._columns = COLUMNS if has_people(page.items) else BARE
        super().take(query, order, page)

    def show_first(self, page: SongPage) -> None:
        """Show who played a song, those who came with its page first."""
        self._song = page.song.id
        self.start_with(page.song.id)
        self.take(page.song.id, Order(), page.listeners)

    def page_wanted(self, offset: int, limit: int) -> Message:
        """Ask for more of those who played the song."""
        return PlayersWanted(self.sought, offset, limit)

    def columns(self) -> tuple[Column, ...]:
        """Return the columns of people or of playlists."""
        return self._columns

    def cells(self, item: Listener) -> dict[str, Cell]:
        """Return one listener's cells."""
        return {
            "name": Cell(name_of(item)),
            "age": Cell(str(item.age) if item.age else "", "muted"),
            "gender": Cell((item.gender or "")[:1], "muted"),
            "city": Cell(item.city or "", "muted"),
            "plays": Cell(f"{item.plays:,}", "muted"),
        }

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Those who play most stand first; there is no other order."""
        return action not in {"sort", "turn"}

    def chosen(self) -> None:
        """Go to the listener."""
        if (listener := self.current) is not None:
            self.post_message(ListenerWanted(listener))

    def copy_text(self, index: int) -> str:
        """Return the id, which is what other programs know a listener by."""
        listener = self.at(index)
        return "" if listener is None else listener.id

    def make_rows(self) -> tuple[str, Make] | None:
        """Have all who played the song copied or exported."""
        song, count = self._song, self.count()

        def make(explorer: Explorer) -> tuple[Sheet, tuple[()]]:
            from musicrec.core.sheets.datasets import listeners_sheet

            return listeners_sheet(explorer.song_page(song or "", count).listeners), ()

        return (f"played-{song}", make) if song is not None and count else None

    def _way_on(self) -> str:
        return "A run that knows songs by their metadata can recommend it."

    def _counted(self) -> str:
        return f"{self.count():,} listener{'' if self.count() == 1 else 's'}"
