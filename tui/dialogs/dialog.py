"""What every dialog has in common: a box in the middle that escape closes."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from textual.binding import Binding, BindingType

from musicrec.tui.dialogs.once import Answer, EndsOnce

DIALOG_CSS = str(Path(__file__).with_name("dialog.tcss"))  # a subclass has its own beside itself


class Dialog(EndsOnce[Answer]):
    """A modal screen that ends without an answer on escape or q."""

    CSS_PATH = DIALOG_CSS
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "leave", "Close", id="dialog.close", tooltip="Close without choosing"),
    ]

    def action_leave(self) -> None:
        """Close without an answer."""
        self.dismiss(None)
