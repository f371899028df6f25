"""A list with a cursor: any number of rows, only the visible ones drawn."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

from textual.binding import Binding, BindingType
from textual.events import Click
from textual.reactive import reactive
from textual.strip import Strip

from musicrec.tui.cells import Row, tame
from musicrec.tui.messages import RowsWanted
from musicrec.tui.panel import Panel

if TYPE_CHECKING:
    from musicrec.tui.messages import Make

HEADED_FROM = 6  # lines; a lower list spends none on its headings


class RowList(Panel, inherit_bindings=False):
    """A panel whose rows are chosen with a cursor. Subclasses give `count`, `row`, and say what the cursor means."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j,down", "move(1)", "Down", id="list.down", show=False, tooltip="Go one row down"),
        Binding("k,up", "move(-1)", "Up", id="list.up", show=False, tooltip="Go one row up"),
        Binding("pagedown,ctrl+f", "page(1)", "Page down", id="list.page_down", show=False, tooltip="Go one page down"),
        Binding("pageup,ctrl+b", "page(-1)", "Page up", id="list.page_up", show=False, tooltip="Go one page up"),
        Binding("g,home", "jump(0)", "First", id="list.first", show=False, tooltip="Go to the first row"),
        Binding("G,end", "jump(-1)", "Last", id="list.last", show=False, tooltip="Go to the last row"),
        Binding("enter", "choose", "Choose", id="list.choose", show=False, tooltip="Choose the row under the cursor"),
        Binding("y", "copy_row", "Copy", id="list.copy", show=False, tooltip="Copy the row under the cursor"),
        Binding("Y", "rows('copy')", "Copy all", id="list.copy_all", show=False, tooltip="Copy the whole list"),
        Binding("e", "rows('export')", "Export", id="list.export", show=False, tooltip="Write the list to a file"),
    ]

    cursor: reactive[int] = reactive(0, repaint=False)

    def heading(self, width: int) -> Row:
        """Return the row of headings."""
        return ()

    def cursor_moved(self) -> None:
        """Say what the cursor is on now."""

    def chosen(self) -> None:
        """Act on the row under the cursor."""

    def heading_clicked(self, x: int) -> None:
        """Act on a click on cell `x` of the headings."""

    def copy_text(self, index: int) -> str:
        """Return what copying row `index` copies."""
        return ""

    def make_rows(self) -> tuple[str, Make] | None:
        """Return what the rows are called in a file name and what gets them as a sheet; None where there are none."""
        return None

    @property
    def head(self) -> int:
        """Lines that the headings take."""
        return int(self.scrollable_content_region.height >= HEADED_FROM and not self.has_notice)

    def validate_cursor(self, cursor: int) -> int:
        """Keep the cursor on the rows."""
        return min(max(cursor, 0), max(self.count() - 1, 0))

    def watch_cursor(self, old: int, new: int) -> None:
        """Follow the cursor."""
        self.refresh_lines(old + self.head)
        self.refresh_lines(new + self.head)
        self.show_cursor()
        self.cursor_moved()

    def show_cursor(self) -> None:
        """Scroll just so far that the cursor is visible."""
        height = max(self.scrollable_content_region.height - self.head, 1)
        top = self.scroll_offset.y
        if self.cursor < top:
            self.scroll_to(y=self.cursor, animate=False, immediate=True)
        elif self.cursor >= top + height:
            self.scroll_to(y=self.cursor - height + 1, animate=False, immediate=True)

    def action_move(self, rows: int) -> None:
        """Move the cursor by `rows`."""
        self.cursor += rows

    def action_page(self, pages: int) -> None:
        """Move the cursor by `pages`."""
        self.cursor += pages * max(self.scrollable_content_region.height - self.head - 1, 1)

    def action_jump(self, index: int) -> None:
        """Move the cursor to row `index`, counted from the end where negative."""
        self.cursor = index if index >= 0 else self.count() + index

    def action_choose(self) -> None:
        """Act on the row under the cursor."""
        if self.count() and not self.has_notice:
            self.chosen()

    def action_copy_row(self) -> None:
        """Copy the row under the cursor."""
        if self.count() and not self.has_notice and (text := self.copy_text(self.cursor)):
            self.app.copy_to_clipboard("\t".join(map(tame, text.split("\t"))))
            self.notify(f"Copied: {tame(text)}", markup=False, timeout=2)

    def action_rows(self, purpose: Literal["copy", "export"]) -> None:
        """Have the whole list copied or exported."""
        rows = None if self.has_notice else self.make_rows()
        if rows is None:
            self.app.bell()
        else:
            self.post_message(RowsWanted(purpose, *rows))

    def on_click(self, event: Click) -> None:
        """Put the cursor where the mouse is; a second click chooses."""
        offset = event.get_content_offset(self)
        if offset is None or self.has_notice:
            return
        if offset.y < self.head:
            self.heading_clicked(offset.x)
            return
        index = offset.y - self.head + self.scroll_offset.y
        if index < self.count():
            self.cursor = index
            if event.chain == 2:
                self.action_choose()

    def row_style(self, index: int) -> str:
        """Mark the row under the cursor."""
        return "row--cursor" if index == self.cursor else "row--plain"

    def render_line(self, y: int) -> Strip:
        """Draw the headings above the rows that are scrolled."""
        head = self.head
        width = self.scrollable_content_region.width
        if head and y == 0:
            return self.strip(self.heading(width), width)
        return super().render_line(y - head)

    def lines(self) -> int:
        """Return the number of rows, headings included."""
        return self.count() + self.head
