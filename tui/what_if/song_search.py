"""The search box over the songs that can be added."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import Binding, BindingType

from musicrec.tui.search_box import SearchBox
from musicrec.tui.what_if.messages import SongSearchClosed


class SongSearch(SearchBox):
    """Tells every change of its words; enter and down lead to the songs, escape back to the playlist."""

    TITLE: ClassVar[str] = "Search songs"
    HELP: ClassVar[str] = "Words that the title, artists, album or id of a song must hold. Enter leads to the songs."
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "close", "Close", id="what-if.close", tooltip="Go back to the playlist"),
    ]

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.placeholder = "title or artist"

    def action_close(self) -> None:
        """Go back to the playlist."""
        self.post_message(SongSearchClosed())
