"""All listeners, or those that a search found: one page at a time, however many there are."""

from __future__ import annotations

from collections import OrderedDict
from typing import ClassVar

from musicrec.core.records import Listener, Page
from musicrec.tui.cells import Cell, Row
from musicrec.tui.columns import Column, heading, row
from musicrec.tui.messages import ListenerChosen, ListenerMoved, PageWanted
from musicrec.tui.row_list import RowList

BLOCK = 100  # listeners that are kept or forgotten together
KEPT = 80  # blocks

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


class ListenerList(RowList):
    """The listeners by falling plays, with a cursor. Asks for what it needs with `PageWanted`."""

    TITLE: ClassVar[str] = "Listeners"
    HELP: ClassVar[str] = (
        "Every listener of the dataset, those who play most first; a search keeps those whose id, title or tags hold "
        "its words. Filters go with words: age:20-29, gender:female, city:13, plays:>100, tag:x. "
        "All other panels follow the cursor."
    )

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._blocks: OrderedDict[int, tuple[Listener, ...]] = OrderedDict()
        self._total = 0
        self._query = ""
        self._start = 0
        self._columns = PEOPLE
        self._told: str | None = None

    def search(self, query: str, start: int = 0) -> None:
        """Show the matches of `query`, the cursor on match `start` once they are there."""
        self._query, self._start = query, start
        self._blocks.clear()
        self.wait()
        self.post_message(PageWanted(query, start // BLOCK * BLOCK, 2 * BLOCK))

    def take(self, query: str, page: Page[Listener]) -> None:
        """Take in a page of the matches of `query`; pages of other queries are let go."""
        if query != self._query:
            return
        self._remember(page)
        self.settle()
        self.set_titles(self.TITLE, self._counted())
        if page.total == 0:
            self.say("No listener matches." if query else "This dataset has no listeners.", self._way_on())
        elif self._start is not None and self._start >= 0:
            self.cursor, self._start = self._start, -1
            # The list can scroll only once the layout knows how long it has become
            self.call_after_refresh(self.show_cursor)
        self.cursor_moved()

    def count(self) -> int:
        """Return how many listeners match."""
        return self._total

    def at(self, index: int) -> Listener | None:
        """Return the listener in row `index`, where it is there already."""
        block = self._blocks.get(index // BLOCK, ())
        return block[index % BLOCK] if index % BLOCK < len(block) else None

    def heading(self, width: int) -> Row:
        """Name the columns."""
        return heading(self._columns, width)

    def row(self, index: int, width: int) -> Row:
        """Draw one listener."""
        listener = self.at(index)
        return (Cell("·", "muted"),) if listener is None else row(self._columns, width, _cells(listener))

    def cursor_moved(self) -> None:
        """Tell who the cursor is on, once that is known."""
        listener = self.at(self.cursor)
        if listener is None:
            self._need()
        elif listener.id != self._told:
            self._told = listener.id
            self.post_message(ListenerMoved(listener))

    def chosen(self) -> None:
        """Tell that the listener was chosen."""
        self.post_message(ListenerChosen())

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Ask for what comes into sight."""
        super().watch_scroll_y(old_value, new_value)
        self._need()

    def _need(self) -> None:
        top = self.scroll_offset.y
        wanted = {top // BLOCK, (top + self.size.height + BLOCK // 2) // BLOCK}
        last = max(self._total - 1, 0) // BLOCK
        if self._total and any(block <= last and block not in self._blocks for block in wanted):
            self.post_message(PageWanted(self._query, top // BLOCK * BLOCK, 2 * BLOCK))

    def _remember(self, page: Page[Listener]) -> None:
        self._total = page.total
        for start in range(0, len(page.items), BLOCK):
            number = (page.offset + start) // BLOCK
            self._blocks[number] = page.items[start : start + BLOCK]
            self._blocks.move_to_end(number)
        while len(self._blocks) > KEPT:
            self._blocks.popitem(last=False)
        people = any(listener.age or listener.gender or listener.city for listener in page.items)
        if page.items:
            self._columns = PEOPLE if people else TITLES

    def _counted(self) -> str:
        return f"{self._total:,} found" if self._query else f"{self._total:,}"

    def _way_on(self) -> str:
        return "Press escape to clear the search, / to change it." if self._query else "Import another one."


def name_of(listener: Listener) -> str:
    """Return what a listener is called: the playlist's title, or the id."""
    return listener.title or listener.id


def _cells(listener: Listener) -> dict[str, Cell]:
    return {
        "name": Cell(name_of(listener)),
        "age": Cell(str(listener.age) if listener.age else "", "muted"),
        "gender": Cell((listener.gender or "")[:1], "muted"),
        "city": Cell(listener.city or "", "muted"),
        "plays": Cell(f"{listener.plays:,}", "plain" if listener.plays else "muted"),
    }
