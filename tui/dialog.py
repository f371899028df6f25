"""What every dialog has in common: a box in the middle that escape closes."""

from __future__ import annotations

from typing import ClassVar, TypeVar

from textual.binding import Binding, BindingType
from textual.screen import ModalScreen

Answer = TypeVar("Answer")


class Dialog(ModalScreen[Answer]):
    """A modal screen that ends without an answer on escape or q."""

    CSS_PATH = "dialog.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "leave", "Close", id="dialog.close", tooltip="Close without choosing"),
    ]

    def action_leave(self) -> None:
        """Close without an answer."""
        self.dismiss(None)
