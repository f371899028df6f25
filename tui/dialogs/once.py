"""Dialogs end once, however many keys came before they were gone."""

from __future__ import annotations

from typing import TypeVar

from textual.await_complete import AwaitComplete
from textual.screen import ModalScreen

Answer = TypeVar("Answer")


class EndsOnce(ModalScreen[Answer]):
    """A modal screen that leaves the others alone once it is left.

    Enter pressed twice reaches it twice, the second time when it is no longer there: Textual 8.2 would answer twice and
    take away the screen below, too.
    """

    def dismiss(self, result: Answer | None = None) -> AwaitComplete:
        """End with an answer, unless it has ended already, or another dialog lies over it."""
        return super().dismiss(result) if self.is_active else AwaitComplete()
