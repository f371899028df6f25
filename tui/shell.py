"""What all places share: the explorer, the view, the runs that are loaded, and the way back."""

from __future__ import annotations

import gc
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from textual import on
from textual.notifications import SeverityLevel
from textual.reactive import reactive
from textual.screen import ModalScreen
from textual.timer import Timer
from textual.worker import Worker, WorkerState

from musicrec.core.records import Song
from musicrec.tui import messages
from musicrec.tui.cells import tame
from musicrec.tui.desk import Desk
from musicrec.tui.kept import Bookmark
from musicrec.tui.places import PLACES
from musicrec.tui.questions import Questions
from musicrec.tui.sturdy import SturdyApp
from musicrec.tui.trail import Spot, Trail
from musicrec.tui.view import View

if TYPE_CHECKING:
    from musicrec.core.explorer import Explorer

DWELL = 1.5  # seconds after which what is shown counts as visited
SOON = 0.1  # seconds until the first run is loaded; importing torch would hold up the first listeners


@runtime_checkable
class TakesSongs(Protocol):
    """A place that songs can be added to."""

    def add(self, song: Song) -> None:
        """Add a song."""


class Shell(SturdyApp):
    """Holds the view: places follow it, and change it by `change`. Runs are loaded and listeners found here."""

    view: reactive[View] = reactive(View(), init=False, repaint=False)

    def __init__(
        self, explorer: Explorer | None, bookmark: Bookmark, listener: str | None = None, run: str | None = None
    ) -> None:
        """Begin at `bookmark`, as far as what it names is still there; `listener` and `run` were asked for."""
        super().__init__()
        self.explorer, self._bookmark = explorer, bookmark
        self._collecting = gc.get_threshold()
        self._asked_listener, self._asked_run = listener, run
        self.trouble: str | None = None  # why the dataset could not be opened
        self._default_run: str | None = None
        self._trail, self._arrived = Trail(), Spot("", None, None)
        self._dwelling: Timer | None = None
        begun = View(
            k=bookmark.k,
            filters=bookmark.filters,
            listener_order=bookmark.listener_order,
            song_order=bookmark.song_order,
            awaited=(listener or bookmark.listener) is not None,
            song_awaited=bookmark.song is not None,
        )
        self.set_reactive(Shell.view, begun)

    @property
    def questions(self) -> Questions:
        """What can be asked; there must be an explorer."""
        assert self.explorer is not None
        return Questions(self.explorer, self._desk)

    def on_mount(self) -> None:
        """Be ready for questions."""
        self._desk = Desk(self)

    @on(messages.Painted)
    def open(self) -> None:
        """Have the dataset opened: it may take a moment, now that something is on the screen."""
        gc.enable()  # the start may have gone without
        if self.view.dataset is None:
            self.questions.open()

    @on(messages.Opened)
    def begin(self, reply: messages.Opened) -> None:
        """Ask for what to begin with."""
        if self.questions.is_stale(reply):
            return
        self.change(dataset=reply.dataset)
        if (listener := self._asked_listener or self._bookmark.listener) is not None:
            self.questions.listener(listener)
        if self._bookmark.song is not None:
            self.questions.song(self._bookmark.song)
        self.questions.runs()

    def on_unmount(self) -> None:
        """Let what loading froze be cleared away again; libraries count what is left at the end."""
        gc.unfreeze()
        gc.set_threshold(*self._collecting)

    def notify(
        self,
        message: str,
        *,
        title: str = "",
        severity: SeverityLevel = "information",
        timeout: float | None = None,
        markup: bool = False,
    ) -> None:
        """Tell something in a corner, letter for letter: names of files and runs stand in it."""
        super().notify(tame(message), title=tame(title), severity=severity, timeout=timeout, markup=False)

    def change(self, **fields: Any) -> None:
        """Change the view."""
        self.view = replace(self.view, **fields)

    def watch_view(self) -> None:
        """Remember what is looked at for a while, for the way back."""
        if self._dwelling is not None:
            self._dwelling.stop()
        self._dwelling = self.set_timer(DWELL, self._visit)

    def use_run(self, name: str) -> None:
        """Have a run loaded; the one before goes on until it is. That one may be it: it may have other weights now."""
        self.change(loading=name, problem=None)
        self.questions.load(name)

    def use_other(self, name: str) -> None:
        """Have a run loaded to compare with."""
        self.change(other_loading=name, other_problem=None)
        self.questions.load(name, "load-other")

    def go_to_listener(self, id: str) -> None:
        """Go to a listener, in the place that is about listeners."""
        self.remember()
        self.close_dialogs()
        self.questions.listener(id)
        self.switch_mode("explore")

    def go_to_song(self, song: Song) -> None:
        """Go to the page of a song."""
        self.remember()
        self.close_dialogs()
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

    def bookmark(self) -> Bookmark:
        """Return where the next session shall begin."""
        view = self.view
        return Bookmark(
            place=self.current_mode if self.current_mode in PLACES else None,
            run=view.run,
            other=view.other,
            listener=view.listener.id if view.listener is not None else None,
            song=view.song.id if view.song is not None else None,
            k=view.k,
            filters=view.filters,
            listener_order=view.listener_order,
            song_order=view.song_order,
        )

    @property
    def other_before(self) -> str | None:
        """The run that was compared with last time."""
        return self._bookmark.other

    def close_dialogs(self) -> None:
        """Leave the dialogs that stand over the present place."""
        while isinstance(self.screen, ModalScreen):
            self.pop_screen()

    @on(messages.AddWanted)
    async def add_song(self, message: messages.AddWanted) -> None:
        """Go and see what happens if the listener had played a song."""
        self.remember()
        self.close_dialogs()
        await self.switch_mode("what-if")
        if isinstance(self.screen, TakesSongs):
            self.screen.add(message.song)

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

    @on(messages.SongFound)
    def take_song(self, reply: messages.SongFound) -> None:
        """Go on with the song that was looked at last time."""
        if not self.questions.is_stale(reply):
            self.change(song=self.view.song or reply.song, song_awaited=False)

    @on(messages.RunsRead)
    def take_runs(self, reply: messages.RunsRead) -> None:
        """Take in the runs; have the one to begin with loaded, and one in use again that is another one by now."""
        self._default_run = reply.default
        before = self.view
        self.change(runs=reply.runs)
        if before.run is not None and before.loading is None and self.view.trained_since(before, before.run):
            self.use_run(before.run)
        if before.other is not None and before.other_loading is None and self.view.trained_since(before, before.other):
            self.use_other(before.other)
        usable = {card.name for card in self.view.runs or () if card.problem is None}
        run = self._asked_run or (self._bookmark.run if self._bookmark.run in usable else self._default_run)
        if run is not None:
            self.set_timer(SOON, lambda: self._load_first(run))

    def _load_first(self, run: str) -> None:
        if self.view.run is None and self.view.loading is None:
            self.use_run(run)

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
        renewed = self.view.renewed + (reply.run == (self.view.run if reply.kind == "load" else self.view.other))
        if reply.kind == "load":
            self.change(run=reply.run, loading=None, problem=None, renewed=renewed)
        else:
            self.change(other=reply.run, other_loading=None, other_problem=None, renewed=renewed)

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
        if kind == "open":
            self.trouble = problem
            self.exit()
            return
        if kind == "song":
            self.change(song_awaited=False)  # what a bookmark names may be gone
            return
        if kind == "listener" and self.view.awaited and self._asked_listener is None:
            self.change(awaited=False)
            return
        if kind == "listener":
            self.change(awaited=False)
        elif kind == "load":
            self.change(loading=None, problem=problem)
        elif kind == "load-other":
            self.change(other_loading=None, other_problem=problem)
        if kind != "load" or self.view.run is not None:  # else the places tell it
            self.notify(problem, severity="error", markup=False)
