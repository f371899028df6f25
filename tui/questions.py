"""What a place can ask the explorer, each question put in a thread."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from textual.worker import get_current_worker

from musicrec.core.records import Listener
from musicrec.tui import messages
from musicrec.tui.desk import Desk
from musicrec.tui.view import Order, View

if TYPE_CHECKING:
    from musicrec.core.explorer import Explorer

SELDOM = 1_000  # middle collections between two full ones


@dataclass(frozen=True, slots=True)
class Questions:
    """What can be asked; `after` is how many seconds to wait for a newer question of the same kind."""

    explorer: Explorer
    desk: Desk

    def open(self) -> None:
        """Have the dataset opened: `Opened`."""
        self.desk.ask("open", lambda number: messages.Opened("open", number, self.explorer.dataset))

    def runs(self) -> None:
        """Ask which runs there are: `RunsRead`."""

        def read(number: int) -> messages.Reply:
            return messages.RunsRead("runs", number, self.explorer.runs(), self.explorer.default_run())

        self.desk.ask("runs", read)

    def load(self, run: str, kind: str = "load") -> None:
        """Have a run loaded, torch and all: `RunLoading` at each step, then `RunLoaded`."""

        def load(number: int) -> messages.Reply:
            with ExitStack() as stack:

                def tell(step: str) -> None:
                    if not steps:  # of a run that is loaded already there are none
                        stack.enter_context(_uncollected())
                    steps.append(step)
                    self.desk.tell(messages.RunLoading(kind, number, step))

                steps: list[str] = []
                return messages.RunLoaded(kind, number, self.explorer.load(run, tell))

        self.desk.ask(kind, load)

    def listener(self, id: str) -> None:
        """Ask who has this id: `ListenerFound`."""
        self.desk.ask("listener", lambda number: messages.ListenerFound("listener", number, self.explorer.listener(id)))

    def song(self, id: str) -> None:
        """Ask which song has this id: `SongFound`."""
        self.desk.ask("song", lambda number: messages.SongFound("song", number, self.explorer.song(id)))

    def random_listener(self, query: str) -> None:
        """Ask for anyone of the matches of `query`: `ListenerFound`."""

        def draw(number: int) -> messages.Reply:
            return messages.ListenerFound("listener", number, self.explorer.random_listener(query))

        self.desk.ask("listener", draw)

    def listeners(self, query: str, order: Order, offset: int, limit: int) -> None:
        """Ask for listeners: `ListenersRead`."""

        def read(number: int) -> messages.Reply:
            found = self.explorer.find_listeners(query, limit, offset, order.key, order.reverse)
            return messages.ListenersRead("listeners", number, query, order, found)

        self.desk.ask("listeners", read)

    def place_of_listener(self, id: str, query: str, order: Order) -> None:
        """Ask where a listener stands: `PlaceRead`."""

        def find(number: int) -> messages.Reply:
            place = self.explorer.place_of_listener(id, query, order.key, order.reverse)
            return messages.PlaceRead("place", number, query, place)

        self.desk.ask("place", find)

    def profile(self, listener: Listener, run: str | None, after: float = 0.0) -> None:
        """Ask for a listener's past: `ProfileRead`."""

        def read(number: int) -> messages.Reply:
            return messages.ProfileRead("past", number, self.explorer.profile(listener.id, run))

        self.desk.ask("past", read, after)

    def ranking(self, listener: Listener, view: View, after: float = 0.0) -> None:
        """Ask what to recommend: `Ranked`."""

        def rank(number: int) -> messages.Reply:
            return messages.Ranked(
                "ranking", number, self.explorer.recommend(listener.id, view.run, view.k, view.filters)
            )

        self.desk.ask("ranking", rank, after)

    def why(self, listener: str, song: str, run: str, after: float = 0.0) -> None:
        """Ask why a song is recommended: `Explained`."""

        def explain(number: int) -> messages.Reply:
            return messages.Explained("why", number, self.explorer.explain(listener, song, run))

        self.desk.ask("why", explain, after)

    def kinds(self) -> None:
        """Ask which genres and languages there are: `KindsRead`."""

        def read(number: int) -> messages.Reply:
            return messages.KindsRead("kinds", number, self.explorer.genres(), self.explorer.languages())

        self.desk.ask("kinds", read)

    def copy(self, make: messages.Make) -> None:
        """Ask for rows as text: `RowsRead`."""

        def read(number: int) -> messages.Reply:
            from musicrec.core.tabular import to_lines

            sheet, _ = make(self.explorer)
            return messages.RowsRead("rows", number, to_lines(sheet), len(sheet.rows))

        self.desk.ask("rows", read)

    def export(self, make: messages.Make, path: Path, replace: bool) -> None:
        """Have rows written to a file, a .csv without a cell that a spreadsheet takes for a formula: `Exported`.

        Each file is a question of its own: whatever is copied or written meanwhile, what becomes of it is told.
        """
        kind = f"export {path}"

        def write(number: int) -> messages.Reply:
            from musicrec.core.exports import write_export

            sheet, songs = make(self.explorer)
            written = write_export(sheet, path, songs, replace, safe=True)
            return messages.Exported(kind, number, str(written), len(sheet.rows))

        self.desk.ask(kind, write)

    def drop(self, kind: str) -> None:
        """Take a question back."""
        self.desk.drop(kind)

    def is_stale(self, reply: messages.Reply) -> bool:
        """Whether a newer question has made this answer void."""
        return self.desk.is_stale(reply)


@contextmanager
def _uncollected() -> Iterator[None]:
    # A full collection that walks through torch and all widgets stops the screen for 0.1 s, again and again: what
    # loading brought is not looked at any more, and the rest a hundred times less often.
    young, middle, _ = gc.get_threshold()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
    if not get_current_worker().is_cancelled:  # once the app has ended all must be cleared away
        if gc.get_freeze_count():  # little but dialogs is new since then: those that are closed must not be kept
            gc.collect()
        gc.freeze()
        gc.set_threshold(young, middle, SELDOM)
