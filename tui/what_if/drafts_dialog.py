"""The dialog that lists who has been edited, the new listener among them."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult

from musicrec.core.drafts import NEW
from musicrec.core.records import Listener
from musicrec.tui.cells import Cell, Row
from musicrec.tui.columns import Column, heading, row
from musicrec.tui.dialogs.dialog import Dialog
from musicrec.tui.people import name_of
from musicrec.tui.row_list import RowList
from musicrec.tui.what_if.edits import Edits

COLUMNS: tuple[Column, ...] = (
    Column("here", "", 1),
    Column("name", "listener", 12, grow=2),
    Column("plays", "plays", 6, right=True),
    Column("edits", "edits", 12, grow=3),
)


class DraftList(RowList):
    """The drafts, the latest edited first."""

    TITLE: ClassVar[str] = "Drafts"
    HELP: ClassVar[str] = "Who was edited since musicrec was started. Enter goes to the draft under the cursor."

    def __init__(self, drafts: tuple[Edits, ...], current: str | None) -> None:
        super().__init__(id="draft-list")
        self._drafts, self._current = drafts, current
        self.set_titles(self.TITLE, "enter goes there · escape closes")

    def on_mount(self) -> None:
        """Show what there is."""
        self.settle()
        if not self._drafts:
            self.say("Nobody has been edited yet.", "Press escape; then a adds a song, d removes one, n begins anew.")

    def count(self) -> int:
        """Return the number of drafts."""
        return len(self._drafts)

    def heading(self, width: int) -> Row:
        """Name the columns."""
        return heading(COLUMNS, width)

    def row(self, index: int, width: int) -> Row:
        """Draw one draft."""
        edits = self._drafts[index]
        listener = edits.draft.listener
        cells = {
            "here": Cell("▸" if listener.id == self._current else "", "bar"),
            "name": Cell("a new listener" if listener.id == NEW else name_of(listener), "strong"),
            "plays": Cell(f"{listener.plays:,}", "muted"),
            "edits": Cell(" · ".join(edits.changes.words) or "as they are", "muted"),
        }
        return row(COLUMNS, width, cells)

    def chosen(self) -> None:
        """Close the dialog with whose draft this is."""
        edits = self._drafts[self.cursor]
        self.screen.dismiss(edits.draft.origin or edits.draft.listener)


class DraftsDialog(Dialog[Listener]):
    """Choose a draft; the answer is whom it began with."""

    def __init__(self, drafts: tuple[Edits, ...], current: str | None) -> None:
        super().__init__()
        self._drafts, self._current = drafts, current

    def compose(self) -> ComposeResult:
        """Hold the list."""
        yield DraftList(self._drafts, self._current)
