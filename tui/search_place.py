"""A place with a search box over the list that the search narrows down."""

from __future__ import annotations

from typing import Any, ClassVar

from textual import on
from textual.timer import Timer

from musicrec.tui import messages
from musicrec.tui.place import TYPE, Place
from musicrec.tui.search_box import SearchBox
from musicrec.tui.virtual_list import VirtualList


class SearchPlace(Place):
    """Searches when the typing rests; the keys that lead out of the box lead to the list."""

    SEARCHED: ClassVar[str]  # selector of the list

    def __init__(self) -> None:
        super().__init__()
        self._typing: Timer | None = None

    @property
    def searched(self) -> VirtualList[Any]:
        """The list that the search narrows down."""
        return self.query_one(self.SEARCHED, VirtualList)

    @on(messages.SearchChanged)
    def search_soon(self, message: messages.SearchChanged) -> None:
        """Search when the typing rests."""
        if self._typing is not None:
            self._typing.stop()
        self._typing = self.set_timer(TYPE, lambda: self.searched.search(message.query))

    @on(messages.SearchLeft)
    def leave_search(self) -> None:
        """Go on in the list."""
        self.searched.focus()

    def action_search(self) -> None:
        """Go to the search box."""
        self.query_one(SearchBox).focus()

    def left(self) -> None:
        """Clear the search."""
        self.query_one(SearchBox).value = ""
