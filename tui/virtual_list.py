"""A list of any length: only the rows near the visible ones are held, one page at a time."""

from __future__ import annotations

from collections import OrderedDict
from typing import ClassVar, Generic, TypeVar

from textual.binding import Binding, BindingType
from textual.message import Message

from musicrec.core.records import Page
from musicrec.tui.cells import Cell, Row
from musicrec.tui.columns import Column, column_at, heading, row
from musicrec.tui.messages import OrderWanted, PageWanted
from musicrec.tui.row_list import RowList
from musicrec.tui.view import Order

BLOCK = 100  # rows that are kept or forgotten together
KEPT = 80  # blocks
T = TypeVar("T")


class VirtualList(RowList, Generic[T]):
    """Matches of a search in an order, with a cursor. Asks for what it needs with `PageWanted`."""

    SORTS: ClassVar[dict[str, str]] = {}  # key of the explorer's order → its name in the title
    SORTED_BY: ClassVar[dict[str, str]] = {}  # key of a column → key of the order that a click on its heading asks for
    NOTHING: ClassVar[tuple[str, str]] = ("Nothing matches.", "This dataset has none.")

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("o", "sort", "Sort", id="list.sort", tooltip="Sort by the next column"),
        Binding("O", "turn", "Turn", id="list.turn", show=False, tooltip="Turn the order round"),
    ]

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._blocks: OrderedDict[int, tuple[T, ...]] = OrderedDict()
        self._total = 0
        self._start: int | None = 0
        self._query = ""
        self._order = Order()
        self.begun = False  # whether anything has been searched for yet

    @property
    def sought(self) -> str:
        """The search whose matches are shown."""
        return self._query

    @property
    def order(self) -> Order:
        """The order in which they stand."""
        return self._order

    def search(self, query: str, order: Order | None = None, start: int = 0) -> None:
        """Show the matches of `query`, the cursor on match `start` once they are there."""
        self.start_with(query, order, start)
        self.wait()
        self._ask(start // BLOCK)

    def again(self) -> None:
        """Search once more, the cursor staying where it is or is about to be."""
        self.search(self._query, start=self.cursor if self._start is None else self._start)

    def start_with(self, query: str, order: Order | None = None, start: int = 0) -> None:
        """Forget what is held; the first page of another search comes by itself."""
        self._query, self._order, self._start = query, order or self._order, start
        self._blocks.clear()
        self.begun = True

    def take(self, query: str, order: Order, page: Page[T]) -> None:
        """Take in a page of the matches of `query`; pages of other searches are let go."""
        if (query, order) != (self._query, self._order):
            return
        self._remember(page)
        self.settle()
        self.set_titles(self.TITLE, self._counted())
        if page.total == 0:
            self.say(self.NOTHING[0] if query else self.NOTHING[1], self._way_on())
        elif self._start is not None:
            self.cursor, self._start = self._start, None
            # The list can scroll only once the layout knows how long it has become
            self.call_after_refresh(self.show_cursor)
        self.cursor_moved()

    def go(self, index: int) -> None:
        """Put the cursor on row `index`."""
        self.cursor = index
        self.show_cursor()

    def count(self) -> int:
        """Return how many match."""
        return self._total

    def at(self, index: int) -> T | None:
        """Return what is in row `index`, where it is there already."""
        block = self._blocks.get(index // BLOCK, ())
        return block[index % BLOCK] if index % BLOCK < len(block) else None

    @property
    def current(self) -> T | None:
        """What is under the cursor, where it is there already."""
        return self.at(self.cursor) if self._total else None

    def page_wanted(self, offset: int, limit: int) -> Message:
        """Return the message that asks for a page."""
        return PageWanted(self._query, self._order, offset, limit)

    def columns(self) -> tuple[Column, ...]:
        """Return the columns that the rows have."""
        return ()

    def cells(self, item: T) -> dict[str, Cell]:
        """Return the cells of one row by the keys of their columns."""
        return {}

    def heading(self, width: int) -> Row:
        """Name the columns."""
        return heading(self.columns(), width)

    def row(self, index: int, width: int) -> Row:
        """Draw one row."""
        item = self.at(index)
        return (Cell("·", "muted"),) if item is None else row(self.columns(), width, self.cells(item))

    def heading_clicked(self, x: int) -> None:
        """Sort by the column that was clicked; once more turns the order round."""
        column = column_at(self.columns(), x, self.scrollable_content_region.width)
        if column is not None and (key := self.SORTED_BY.get(column)) is not None:
            self.post_message(OrderWanted(Order(key, key == self._order.key and not self._order.reverse)))

    def action_sort(self) -> None:
        """Ask for the next order."""
        keys = list(self.SORTS)
        place = keys.index(self._order.key) if self._order.key in keys else -1
        self.post_message(OrderWanted(Order(keys[(place + 1) % len(keys)])))

    def action_turn(self) -> None:
        """Ask for the same order turned round."""
        self.post_message(OrderWanted(Order(self._order.key, not self._order.reverse)))

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Ask for what comes into sight."""
        super().watch_scroll_y(old_value, new_value)
        self.need()

    def cursor_moved(self) -> None:
        """Ask for the row under the cursor where it is not there yet."""
        if self.current is None:
            self.need()

    def need(self) -> None:
        """Ask for the rows in sight, where they are not there yet."""
        top = self.scroll_offset.y
        wanted = {top // BLOCK, (top + self.size.height + BLOCK // 2) // BLOCK}
        last = max(self._total - 1, 0) // BLOCK
        if self._total and any(block <= last and block not in self._blocks for block in wanted):
            self._ask(top // BLOCK)

    def _ask(self, block: int) -> None:
        self.post_message(self.page_wanted(block * BLOCK, 2 * BLOCK))

    def _remember(self, page: Page[T]) -> None:
        self._total = page.total
        for start in range(0, len(page.items), BLOCK):
            number = (page.offset + start) // BLOCK
            self._blocks[number] = page.items[start : start + BLOCK]
            self._blocks.move_to_end(number)
        while len(self._blocks) > KEPT:
            self._blocks.popitem(last=False)

    def _counted(self) -> str:
        counted = f"{self._total:,} found" if self._query else f"{self._total:,}"
        usual = self._order == Order()
        turned = " ↑" if self._order.reverse else ""
        return counted if usual else f"{counted} · by {self.SORTS.get(self._order.key, self._order.key)}{turned}"

    def _way_on(self) -> str:
        return "Press escape to clear the search, / to change it." if self._query else "Import another one."
