"""The explore screen: one listener's past, what a run makes of it, and why."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult, SystemCommand
from textual.binding import Binding, BindingType
from textual.containers import Container
from textual.events import Resize
from textual.timer import Timer
from textual.widgets import Footer

from musicrec.core.records import Listener
from musicrec.tui import messages
from musicrec.tui.answers import AnswerScreen
from musicrec.tui.desk import Desk
from musicrec.tui.listener_card import ListenerCard
from musicrec.tui.listener_list import ListenerList
from musicrec.tui.panel import Panel
from musicrec.tui.playlist import Playlist
from musicrec.tui.questions import Questions
from musicrec.tui.ranking import Ranking
from musicrec.tui.runs import RunsDialog
from musicrec.tui.search_box import SearchBox
from musicrec.tui.similar import SimilarDialog
from musicrec.tui.status import Status
from musicrec.tui.view import View
from musicrec.tui.why import Why

if TYPE_CHECKING:
    from musicrec.core.explorer import Explorer

MOVE = 0.12  # seconds that the cursor must rest on a listener before the models are asked
WHY = 0.06  # the same for a song
TALL = 45  # lines of a terminal that begins with a longer ranking
TYPE = 0.08  # the same for the search box
ROOMY = 90  # cells from which the footer need not be compact
LENGTH = Binding.Group("Length", compact=True)


class ExploreScreen(AnswerScreen):
    """Holds the panels and the view; every change of the view asks for what it changes."""

    CSS_PATH = "explore.tcss"
    AUTO_FOCUS = "#listeners"

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash", "search", "Search", id="explore.search", key_display="/", tooltip="Search listeners"),
        Binding("r", "runs", "Run", id="explore.runs", tooltip="Switch to another run"),
        Binding("plus,equals_sign", "resize(1)", "More", id="explore.more", tooltip="A longer ranking", group=LENGTH),
        Binding("minus", "resize(-1)", "Fewer", id="explore.fewer", tooltip="A shorter ranking", group=LENGTH),
        Binding("h", "heard", "Heard", id="explore.heard", tooltip="Let heard songs in, or keep them out"),
        Binding("z", "zoom", "Zoom", id="explore.zoom", tooltip="Give the focused panel the whole screen"),
        Binding("f5", "again", "Again", id="explore.again", show=False, tooltip="Ask the explorer again"),
        Binding("escape", "back", "Back", id="explore.back", show=False, tooltip="Leave the zoom, or clear the search"),
    ]

    def __init__(self, explorer: Explorer, *, listener: str | None = None, run: str | None = None) -> None:
        super().__init__(Questions(explorer, Desk(self)), run)
        self._first_listener = listener
        self._typing: Timer | None = None

    def compose(self) -> ComposeResult:
        """Place the panels; the style sheet arranges them by the size of the terminal."""
        yield Status(self.questions.explorer.dataset, id="status").data_bind(ExploreScreen.view)
        with Container(id="places"):
            with Container(id="who"):
                yield SearchBox(id="search")
                yield ListenerList(id="listeners")
            with Container(id="stage"):
                with Container(id="past"):
                    yield ListenerCard(id="card")
                    with Container(id="playlists"):
                        yield Playlist("Short term", id="short-term")
                        yield Playlist("Long term", id="long-term")
                with Container(id="future"):
                    yield Ranking(id="ranking").data_bind(ExploreScreen.view)
                    yield Why(id="why")
        yield Footer()

    def on_mount(self) -> None:
        """Ask for the listeners and the runs; torch waits until the screen has been painted."""
        if self.app.size.height >= TALL:
            self.view = replace(self.view, k=20)
        if self._first_listener is None:
            self.query_one(ListenerList).search("")
        else:
            self.questions.listener(self._first_listener)
        self.questions.runs()
        self.query_one(Ranking).say("Looking for runs …")
        self.query_one(Why).clear("The song under the cursor will be explained here.")

    def on_resize(self, event: Resize) -> None:
        """Have room for all keys in the footer."""
        self.query_one(Footer).compact = event.size.width < ROOMY

    def watch_view(self, old: View, new: View) -> None:
        """Ask for everything that the change of the view changes."""
        if new.listener is None or replace(new, runs=()) == replace(old, runs=()):
            return
        moved = new.listener != old.listener
        rest = MOVE if moved else 0.0
        if moved or new.run != old.run:
            self.questions.past(new.listener, new.run, after=rest)
        if new.run is not None:
            self._rank(new.listener, rest)

    @on(messages.ListenerMoved)
    def follow_listener(self, message: messages.ListenerMoved) -> None:
        """Introduce the listener at once; the rest follows when the cursor rests."""
        self.query_one(ListenerCard).introduce(message.listener)
        for playlist in self.query(Playlist):
            playlist.wait()
        self.view = replace(self.view, listener=message.listener)

    @on(messages.ListenerChosen)
    def go_to_ranking(self) -> None:
        """Go on to what is recommended to the listener."""
        self.query_one(Ranking).focus()

    @on(messages.SongMoved)
    def follow_song(self, message: messages.SongMoved) -> None:
        """Ask why the song under the cursor is recommended."""
        view = self.view
        if view.listener is not None and view.run is not None:
            self.query_one(Why).wait()
            self.questions.why(view.listener.id, message.recommendation.song.id, view.run, after=WHY)

    @on(messages.PageWanted)
    def fetch_page(self, message: messages.PageWanted) -> None:
        """Fetch what the list needs."""
        self.questions.page(message.query, message.offset, message.limit)

    @on(messages.SearchChanged)
    def search_soon(self, message: messages.SearchChanged) -> None:
        """Search when the typing rests."""
        if self._typing is not None:
            self._typing.stop()
        self._typing = self.set_timer(TYPE, lambda: self.query_one(ListenerList).search(message.query))

    @on(messages.SearchLeft)
    def leave_search(self) -> None:
        """Go on in the list."""
        self.query_one(ListenerList).focus()

    @on(messages.SimilarWanted)
    def show_similar(self, message: messages.SimilarWanted) -> None:
        """Open the songs that are near to this one."""
        if self.view.run is not None:
            self.app.push_screen(SimilarDialog(self.questions.explorer, message.song, self.view.run))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Leave the keys that are text to the search box."""
        return not (isinstance(self.focused, SearchBox) and action in {"search", "resize"})

    def action_search(self) -> None:
        """Go to the search box."""
        self.query_one(SearchBox).focus()

    def action_runs(self) -> None:
        """Choose another run."""
        self.app.push_screen(RunsDialog(self.view.runs, self.view.run), self._switch)

    def action_resize(self, steps: int) -> None:
        """Make the ranking longer or shorter."""
        self.view = replace(self.view, k=self.view.resized(steps))

    def action_heard(self) -> None:
        """Let songs that were heard before in, or keep them out."""
        self.view = replace(self.view, include_heard=not self.view.include_heard)

    def action_zoom(self) -> None:
        """Give the focused panel the whole screen, or take it back."""
        if self.maximized is not None:
            self.minimize()
        elif isinstance(self.focused, Panel):
            self.maximize(self.focused, container=False)

    def action_again(self) -> None:
        """Ask everything again."""
        self.questions.runs()
        self.query_one(ListenerList).search(self.query_one(SearchBox).value.strip())
        if self.view.listener is not None:
            self.questions.past(self.view.listener, self.view.run)
            if self.view.run is not None:
                self._rank(self.view.listener)

    def action_back(self) -> None:
        """Leave the zoom, or clear the search."""
        if self.maximized is not None:
            self.minimize()
        else:
            self.query_one(SearchBox).value = ""

    def commands(self) -> Iterable[SystemCommand]:
        """Offer the keys of this screen in the command palette."""
        for _, binding, enabled, _ in self.active_bindings.values():
            if binding.id and binding.id.startswith("explore.") and enabled:
                yield SystemCommand(binding.description, binding.tooltip, partial(self.run_action, binding.action))

    def _rank(self, listener: Listener, after: float = 0.0) -> None:
        self.query_one(Ranking).wait()
        self.query_one(Why).wait()
        self.questions.drop("why")
        self.questions.ranking(listener, self.view, after)

    def _switch(self, run: str | None) -> None:
        if run is not None and run != self.view.run:
            self.load(run)
