"""The dialog behind `?`: what the focused panel shows, and the keys that work there."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.screen import Screen
from textual.widget import Widget

from musicrec.tui.cells import Cell, Row, fit, tame, wrap
from musicrec.tui.dialogs.dialog import Dialog
from musicrec.tui.panel import Panel

KEYS = 18  # cells


class HelpText(Panel):
    """A text and a list of keys."""

    def __init__(self, title: str, text: str, keys: list[tuple[str, str]]) -> None:
        super().__init__(id="help-text")
        self._text, self._keys = text, keys
        self._rows: list[Row] = []
        self.set_titles(title, "escape closes")

    def count(self) -> int:
        """Return the number of lines."""
        return len(self._rows)

    def row(self, index: int, width: int) -> Row:
        """Return a line."""
        return self._rows[index]

    def lay_out(self, width: int) -> None:
        """Arrange text and keys."""
        self._rows = [(Cell(line),) for line in wrap(self._text, width)]
        self._rows += [()] if self._rows else []
        self._rows += [(Cell(fit(keys, KEYS), "bar"), Cell(tame(what))) for keys, what in self._keys]


class HelpDialog(Dialog[None]):
    """Explain the panel that has the focus."""

    FALLBACK: ClassVar[str] = "Press tab to go to the next panel."

    def __init__(self, title: str, text: str, keys: list[tuple[str, str]]) -> None:
        super().__init__()
        self._content = (title, text, keys)

    @classmethod
    def on_focus_of(cls, screen: Screen[object]) -> HelpDialog:
        """Make the help for the widget that has the focus in `screen`."""
        focused = screen.focused
        text = str(getattr(focused, "HELP", cls.FALLBACK))
        return cls(_title(focused), text, keys_of(screen))

    def compose(self) -> ComposeResult:
        """Hold the text."""
        yield HelpText(*self._content)


def keys_of(screen: Screen[object]) -> list[tuple[str, str]]:
    """Return the keys that work in `screen` now, each with what it does; keys that do the same share a line."""
    lines: dict[str, list[str]] = {}
    for _, binding, enabled, tooltip in screen.active_bindings.values():
        what = tooltip or binding.tooltip or binding.description
        if enabled and what and not binding.system:
            lines.setdefault(what, []).append(screen.app.get_key_display(binding))
    return [(" ".join(dict.fromkeys(keys)), what) for what, keys in lines.items()]


def _title(widget: Widget | None) -> str:
    return str(getattr(widget, "TITLE", "") or "Keys")
