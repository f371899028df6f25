"""The command palette, which may be left at any moment."""

from __future__ import annotations

from contextlib import suppress

from textual import on, work
from textual.app import ComposeResult
from textual.command import CommandInput, CommandList, CommandPalette
from textual.css.query import NoMatches
from textual.message import Message
from textual.widgets import Input, OptionList

from musicrec.tui.dialogs.once import EndsOnce
from musicrec.tui.plain_input import PlainInput
from musicrec.tui.steady_options import SteadyOptions


class _Commands(CommandList, SteadyOptions, can_focus=False):
    """The commands that were found."""


class _Words(CommandInput, PlainInput):
    """What is looked for."""


class Palette(CommandPalette, EndsOnce[None]):
    """Textual's palette. What still gathers commands when it is left finds no list any more: that ends the work alone.

    Textual 8.2 lets the whole app end by it, by a second Enter, and by a click on a command that has gone.
    """

    def compose(self) -> ComposeResult:
        """Lay out Textual's palette around a list and a field of this module's."""
        for widget in super().compose():
            if isinstance(widget, CommandInput):
                yield _Words(placeholder=widget.placeholder, select_on_focus=widget.select_on_focus)
            else:
                yield _Commands() if isinstance(widget, CommandList) else widget

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
