"""The search box over the list of listeners."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.widgets import Input

from musicrec.tui.messages import SearchChanged, SearchLeft
from musicrec.tui.plain_input import PlainInput


class SearchBox(PlainInput):
    """Tells every change of its words; escape, enter and down lead to the list."""

    TITLE: ClassVar[str] = "Search"
    HELP: ClassVar[str] = (
        "Words that the id, title or tags must hold, and filters: age:20-29, gender:female, city:13, plays:>100, tag:x."
    )

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "To the list", id="search.leave", tooltip="Go back to the list, keeping the search"),
        Binding("down,enter", "leave", "To the list", id="search.list", show=False, tooltip="Go to the list"),
    ]

    def __init__(
        self, *, placeholder: str = "words, age:20-29, plays:>100", help: str | None = None, id: str | None = None
    ) -> None:
        super().__init__(placeholder=placeholder, id=id)
        self.border_title = self.TITLE
        self.HELP = help or self.HELP  # type: ignore[misc]

    def action_leave(self) -> None:
        """Go to the list."""
        self.post_message(SearchLeft())

    def clear_quietly(self) -> None:
        """Forget the words without telling of it."""
        with self.prevent(Input.Changed):
            self.value = ""

    @on(Input.Changed)
    def tell(self, event: Input.Changed) -> None:
        """Tell the new words."""
        event.stop()
        self.post_message(SearchChanged(event.value.strip()))
