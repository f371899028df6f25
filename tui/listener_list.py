"""All listeners, or those that a search found."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from musicrec.core.records import Listener, Page
from musicrec.tui.cells import Cell
from musicrec.tui.columns import Column
from musicrec.tui.messages import ListenerChosen, ListenerMoved
from musicrec.tui.people import has_people, name_of
from musicrec.tui.view import Order
from musicrec.tui.virtual_list import VirtualList

if TYPE_CHECKING:
    from musicrec.core.explorer import Explorer
    from musicrec.core.tabular import Sheet
    from musicrec.tui.messages import Make

PEOPLE: tuple[Column, ...] = (
    Column("name", "listener", 8, grow=1),
    Column("age", "age", 3, right=True),
    Column("gender", "", 1, needs=20),
    Column("city", "city", 4, needs=26, right=True),
    Column("plays", "plays", 5, right=True),
)
TITLES: tuple[Column, ...] = (
    Column("name", "playlist", 8, grow=1),
    Column("plays", "songs", 5, right=True),
)
BARE: tuple[Column, ...] = (PEOPLE[0], PEOPLE[-1])


class ListenerList(VirtualList[Listener]):
    """The listeners, with a cursor that all other panels follow."""

    TITLE: ClassVar[str] = "Listeners"
    HELP: ClassVar[str] = (
        "Every listener of the dataset, those who play most first; a search keeps those whose id, title or tags hold "
        "its words. Filters go with words: age:20-29, gender:female, city:13, plays:>100, tag:x. "
        "All other panels follow the cursor. A click on a heading sorts by it."
    )
    SORTS: ClassVar[dict[str, str]] = {
        "plays": "plays",
        "id": "id",
        "title": "title",
        "age": "age",
        "city": "city",
        "gender": "gender",
        "registered": "registration",
        "likes": "likes",
    }
    SORTED_BY: ClassVar[dict[str, str]] = {key: key for key in ("age", "gender", "city", "plays")} | {"name": "id"}
    NOTHING: ClassVar[tuple[str, str]] = ("No listener matches.", "This dataset has no listeners.")

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._columns = PEOPLE
        self._told: str | None = None

    def take(self, query: str, order: Order, page: Page[Listener]) -> None:
        """Take in a page; people and playlists have columns of their own."""
        if page.items:
            titled = any(listener.title for listener in page.items)
            self._columns = PEOPLE if has_people(page.items) else TITLES if titled else BARE
        super().take(query, order, page)

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
            "plays": Cell(f"{item.plays:,}", "plain" if item.plays else "muted"),
        }

    def cursor_moved(self) -> None:
        """Tell who the cursor is on, once that is known."""
        super().cursor_moved()
        if (listener := self.current) is not None and listener.id != self._told:
            self._told = listener.id
            self.post_message(ListenerMoved(listener))

    def chosen(self) -> None:
        """Tell that the listener under the cursor was chosen."""
        if (listener := self.current) is not None:
            self.post_message(ListenerChosen(listener))

    def copy_text(self, index: int) -> str:
        """Return the id, which is what other programs know a listener by."""
        listener = self.at(index)
        return "" if listener is None else listener.id

    def make_rows(self) -> tuple[str, Make] | None:
        """Have all matches copied or exported, not only those that are held here."""
        query, order, count = self.sought, self.order, self.count()

        def make(explorer: Explorer) -> tuple[Sheet, tuple[()]]:
            from musicrec.core.sheets.datasets import listeners_sheet

            return listeners_sheet(explorer.find_listeners(query, count, 0, order.key, order.reverse)), ()

        return ("listeners", make) if count else None
