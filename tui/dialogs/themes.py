"""The dialog that chooses a theme: the screen behind shows each as the cursor comes to it."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.timer import Timer

from musicrec.tui.cells import Cell, Row
from musicrec.tui.columns import Column, row
from musicrec.tui.dialogs.dialog import DIALOG_CSS, Dialog
from musicrec.tui.row_list import RowList

REST = 0.08  # seconds that the cursor must rest on a theme: restyling every widget takes about as long
HINT = "enter keeps · esc restores"
COLUMNS: tuple[Column, ...] = (
    Column("here", "", 1),
    Column("name", "theme", 16, grow=1),
    Column("kind", "", 5),
)


class ThemeList(RowList):
    """The themes by name, dark ones first; the one that was there before is marked."""

    TITLE: ClassVar[str] = "Themes"
    HELP: ClassVar[str] = "Every theme. The screen behind shows the one under the cursor; enter keeps it."

    def __init__(self) -> None:
        super().__init__(id="theme-list")
        self._themes: list[tuple[str, bool]] = []
        self._former = ""
        self._resting: Timer | None = None
        self.set_titles(self.TITLE, HINT)

    def on_mount(self) -> None:
        """Begin on the theme that is there."""
        self._former = self.app.theme
        found = [(name, theme.dark) for name, theme in self.app.available_themes.items()]
        self._themes = sorted(found, key=lambda each: (not each[1], each[0]))
        self.settle()
        # Not by the cursor's watcher: the theme that is there needs no preview
        self.set_reactive(RowList.cursor, [name for name, _ in self._themes].index(self._former))
        self.call_after_refresh(self.show_cursor)

    @property
    def former(self) -> str:
        """The theme that was there when the list came up."""
        return self._former

    @property
    def head(self) -> int:
        """Lines that headings take: names of themes need none."""
        return 0

    def count(self) -> int:
        """Return the number of themes."""
        return len(self._themes)

    def row(self, index: int, width: int) -> Row:
        """Draw one theme."""
        name, dark = self._themes[index]
        cells = {
            "here": Cell("▸" if name == self._former else "", "bar"),
            "name": Cell(name, "strong"),
            "kind": Cell("dark" if dark else "light", "muted"),
        }
        return row(COLUMNS, width, cells)

    def cursor_moved(self) -> None:
        """Show the theme under the cursor once it rests there."""
        self.stop()
        self._resting = self.set_timer(REST, self._preview)

    def chosen(self) -> None:
        """Keep the theme under the cursor."""
        self.stop()
        self._preview()
        self.screen.dismiss(self._themes[self.cursor][0])

    def stop(self) -> None:
        """Preview nothing more."""
        if self._resting is not None:
            self._resting.stop()

    def _preview(self) -> None:
        if self.is_attached:
            self.app.theme = self._themes[self.cursor][0]


class ThemeDialog(Dialog[str]):
    """Choose a theme; the answer is its name. Escape brings the former one back."""

    CSS_PATH: ClassVar[list[str]] = [DIALOG_CSS, "themes.tcss"]  # type: ignore[assignment]

    def compose(self) -> ComposeResult:
        """Hold the list."""
        yield ThemeList()

    def action_leave(self) -> None:
        """Bring back the theme that was there."""
        themes = self.query_one(ThemeList)
        themes.stop()
        self.app.theme = themes.former
        self.dismiss(None)
