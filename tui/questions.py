"""The questions of the explore screen, each put to the explorer in a thread."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from musicrec.core.drafts import Filters
from musicrec.core.records import Listener
from musicrec.tui import messages
from musicrec.tui.desk import Desk
from musicrec.tui.past import read_past
from musicrec.tui.view import View

if TYPE_CHECKING:
    from musicrec.core.explorer import Explorer


@dataclass(frozen=True, slots=True)
class Questions:
    """What can be asked; `after` is how many seconds to wait for a newer question of the same kind."""

    explorer: Explorer
    desk: Desk

    def listener(self, id: str) -> None:
        """Ask who has this id: `ListenerFound`."""
        self.desk.ask("listener", lambda number: messages.ListenerFound("listener", number, self.explorer.listener(id)))

    def page(self, query: str, offset: int, limit: int) -> None:
        """Ask for listeners: `PageRead`."""

        def read(number: int) -> messages.Reply:
            found = self.explorer.find_listeners(query, limit, offset)
            return messages.PageRead("listeners", number, query, found)

        self.desk.ask("listeners", read)

    def runs(self) -> None:
        """Ask which runs there are: `RunsRead`."""

        def read(number: int) -> messages.Reply:
            return messages.RunsRead("runs", number, self.explorer.runs(), self.explorer.default_run())

        self.desk.ask("runs", read)

    def load(self, run: str) -> None:
        """Have a run loaded, torch and all: `RunLoading` at each step, then `RunLoaded`."""

        def load(number: int) -> messages.Reply:
            with _uncollected():
                name = self.explorer.load(run, lambda step: self.desk.tell(messages.RunLoading("load", number, step)))
            return messages.RunLoaded("load", number, name)

        self.desk.ask("load", load)

    def past(self, listener: Listener, run: str | None, after: float = 0.0) -> None:
        """Ask for a listener's past: `PastRead`."""

        def read(number: int) -> messages.Reply:
            return messages.PastRead("past", number, read_past(self.explorer, listener.id, run))

        self.desk.ask("past", read, after)

    def ranking(self, listener: Listener, view: View, after: float = 0.0) -> None:
        """Ask what to recommend: `Ranked`."""

        def rank(number: int) -> messages.Reply:
            ranking = self.explorer.recommend(listener.id, view.run, view.k, Filters(include_heard=view.include_heard))
            return messages.Ranked("ranking", number, ranking)

        self.desk.ask("ranking", rank, after)

    def why(self, listener: str, song: str, run: str, after: float = 0.0) -> None:
        """Ask why a song is recommended: `Explained`."""

        def explain(number: int) -> messages.Reply:
            return messages.Explained("why", number, self.explorer.explain(listener, song, run))

        self.desk.ask("why", explain, after)

    def drop(self, kind: str) -> None:
        """Take a question back."""
        self.desk.drop(kind)

    def is_stale(self, reply: messages.Reply) -> bool:
        """Whether a newer question has made this answer void."""
        return self.desk.is_stale(reply)


@contextmanager
def _uncollected() -> Iterator[None]:
    # A full collection that walks through torch and all widgets stops the screen for 0.1 s, again and again.
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
        gc.freeze()
