"""The command palette, which may be left at any moment."""

from __future__ import annotations

from contextlib import suppress

from textual import on, work
from textual.command import CommandPalette
from textual.css.query import NoMatches
from textual.message import Message
from textual.widgets import Input, OptionList

from musicrec.tui.dialogs.once import EndsOnce


class Palette(CommandPalette, EndsOnce[None]):
    """Textual's palette. What still gathers commands when it is left finds no list any more: that ends the work alone.

    Textual 8.2 lets the whole app end by it, and by a second Enter.
    """

    @on(Input.Submitted)
    @on(OptionList.OptionSelected)
    def _choose_once(self, event: Message) -> None:
        if not self.is_active:
            event.stop().prevent_default()

    @work(exclusive=True, group=CommandPalette._GATHER_COMMANDS_GROUP)
    async def _gather_commands(self, search_value: str) -> None:
        with suppress(NoMatches):
            await CommandPalette._gather_commands.__wrapped__(self, search_value)  # type: ignore[attr-defined]

    def _action_command_list(self, action: str) -> None:
        with suppress(NoMatches, LookupError):  # nor has a list a page to turn before it is laid out
            super()._action_command_list(action)

    def _watch__list_visible(self) -> None:
        with suppress(NoMatches):
            super()._watch__list_visible()

    async def _watch__show_busy(self) -> None:
        with suppress(NoMatches):
            await super()._watch__show_busy()
