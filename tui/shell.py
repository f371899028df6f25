"""What all places share: the explorer, the view, the runs that are loaded, and the way back."""

from __future__ import annotations

import gc
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from textual import on
from textual.app import App
from textual.reactive import reactive
from textual.timer import Timer
from textual.worker import Worker, WorkerState

from musicrec.core.records import Song
from musicrec.tui import messages
from musicrec.tui.desk import Desk
from musicrec.tui.questions import Questions
from musicrec.tui.trail import Spot, Trail
from musicrec.tui.view import View

if TYPE_CHECKING:
    from musicrec.core.explorer import Explorer

DWELL = 1.5  # seconds after which what is shown counts as visited


class Shell(App[None]):
    """Holds the view: places follow it, and change it by `change`. Runs are loaded and listeners found here."""

    view: reactive[View] = reactive(View(), init=False)

    def __init__(self, explorer: Explorer | None, view: View, listener: str | None, run: str | None) -> None:
        """Begin with `view`; `listener` and `run` were asked for, `view.run` is tried where it is there."""
        super().__init__()
        self.explorer = explorer
        self._asked_listener, self._asked_run, self._wished_run = listener, run, view.run
        self._trail, self._arrived = Trail(), Spot("", None, None)
        self._dwelling: Timer | None = None
        self.set_reactive(Shell.view, replace(view, run=None, other=None, awaited=listener is not None))

    @property
    def questions(self) -> Questions:
        """What can be asked; there must be an explorer."""
        assert self.explorer is not None
        return Questions(self.explorer, self._desk)

    def on_mount(self) -> None:
        """Ask for what to begin with."""
        self._desk = Desk(self)
        if self.explorer is not None:
            if self._asked_listener is not None:
                self.questions.listener(self._asked_listener)
            self.questions.runs()

    def on_unmount(self) -> None:
        """Let what loading froze be cleared away again; libraries count what is left at the end."""
        gc.unfreeze()

    def change(self, **fields: Any) -> None:
        """Change the view."""
        self.view = replace(self.view, **fields)

    def watch_view(self) -> None:
        """Remember what is looked at for a while, for the way back."""
        if self._dwelling is not None:
            self._dwelling.stop()
        self._dwelling = self.set_timer(DWELL, self._visit)

    def use_run(self, name: str) -> None:
        """Have a run loaded; the one before goes on until it is."""
        if name != self.view.run:
            self.change(loading=name, problem=None)
            self.questions.load(name)

    def use_other(self, name: str) -> None:
        """Have a run loaded to compare with."""
        if name != self.view.other:
            self.questions.load(name, "load-other")

    def go_to_listener(self, id: str) -> None:
        """Go to a listener, in the place that is about listeners."""
        self.remember()
        self.questions.listener(id)
        self.switch_mode("explore")

    def go_to_song(self, song: Song) -> None:
        """Go to the page of a song."""
        self.remember()
        self.change(song=song)
        self.switch_mode("songs")

    def go_to_place(self, place: str) -> None:
        """Go to a place."""
        if place != self.current_mode:
            self.remember()
            self.switch_mode(place)

    def remember(self) -> None:
        """Remember the present spot: it is about to be left."""
        self._trail = self._trail.left(self._spot)

    def travel(self, forward: bool) -> None:
        """Go one spot back, or forward again."""
        found = self._trail.forward(self._spot) if forward else self._trail.back(self._spot)
        if found is None:
            self.bell()
            return
        spot, self._trail = found
        self._arrived = spot
        self.change(listener=spot.listener, song=spot.song)
        self.switch_mode(spot.place)

    @property
    def _spot(self) -> Spot:
        return Spot(self.current_mode, self.view.listener, self.view.song)

    def _visit(self) -> None:
        if self._spot != self._arrived:
            self.remember()

    @on(messages.SongWanted)
    def open_song(self, message: messages.SongWanted) -> None:
        """Go to the page of a song."""
        self.go_to_song(message.song)

    @on(messages.ListenerWanted)
    def open_listener(self, message: messages.ListenerWanted) -> None:
        """Go to a listener."""
        self.go_to_listener(message.listener.id)

    @on(messages.ListenerFound)
    def take_listener(self, reply: messages.ListenerFound) -> None:
        """Go on with the listener who was found."""
        if not self.questions.is_stale(reply):
            self.change(listener=reply.listener, awaited=False)

    @on(messages.RunsRead)
    def take_runs(self, reply: messages.RunsRead) -> None:
        """Take in the runs; load the first one once the screen has been painted."""
        self.change(runs=reply.runs)
        usable = {card.name for card in reply.runs if card.problem is None}
        wished = self._wished_run if self._wished_run in usable else reply.default
        run = self._asked_run or wished
        if self.view.run is None and self.view.loading is None and run is not None:
            self.change(loading="the screen")
            self.call_after_refresh(self.use_run, run)

    @on(messages.RunLoading)
    def tell_step(self, reply: messages.RunLoading) -> None:
        """Tell what loading is busy with."""
        if not self.questions.is_stale(reply) and reply.kind == "load":
            self.change(loading=reply.step)

    @on(messages.RunLoaded)
    def take_run(self, reply: messages.RunLoaded) -> None:
        """Recommend, or compare, by the run from now on."""
        if self.questions.is_stale(reply):
            return
        if reply.kind == "load":
            self.change(run=reply.run, loading=None, problem=None)
        else:
            self.change(other=reply.run)

    @on(messages.Failed)
    def tell_failure(self, reply: messages.Failed) -> None:
        """Tell what could not be found or loaded."""
        if not self.questions.is_stale(reply):
            self._tell_problem(reply.kind, reply.problem)

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """Tell what nobody expected to fail in the same way; the log has the traceback."""
        if event.state is WorkerState.ERROR and event.worker.error is not None:
            self._tell_problem(event.worker.group, f"{type(event.worker.error).__name__}: {event.worker.error}")

    def _tell_problem(self, kind: str, problem: str) -> None:
        if kind == "listener":
            self.change(awaited=False)
        elif kind == "load":
            self.change(loading=None, problem=problem)
        if kind != "load" or self.view.run is not None:  # else the places tell it
            self.notify(problem, severity="error", markup=False)
