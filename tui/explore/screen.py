"""The explore place: one listener's past, what a run makes of it, and why."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container
from textual.widgets import Footer

from musicrec.core.records import Listener
from musicrec.tui import messages
from musicrec.tui.explore.listener_card import ListenerCard
from musicrec.tui.listener_list import ListenerList
from musicrec.tui.place import MOVE, WHY, Place
from musicrec.tui.places_bar import PlacesBar
from musicrec.tui.playlist import Playlist
from musicrec.tui.ranking import Ranking
from musicrec.tui.search_box import SearchBox
from musicrec.tui.search_place import SearchPlace
from musicrec.tui.view import View, asked
from musicrec.tui.why import Why


class ExploreScreen(SearchPlace):
    """Holds the panels; every change of the view asks for what it changes."""

    CSS_PATH = "screen.tcss"
    AUTO_FOCUS = "#listeners"
    SEARCHED = "#listeners"
    PANELS: ClassVar[dict[str, tuple[str, ...]]] = {
        "listeners": ("#listeners",),
        "past": ("#card", "#short-term", "#long-term"),
        "ranking": ("#ranking",),
        "why": ("#why",),
    }

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash", "search", "Search", id="explore.search", key_display="/", tooltip="Search listeners"),
        Binding("x", "random", "Any", id="explore.random", show=False, tooltip="Go to anyone among the listeners"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._from_list: Listener | None = None  # whom the list told; anybody else in the view it must go to
        self._past_is_due = False  # to be asked for when the ranking, which people wait for, is there

    def compose(self) -> ComposeResult:
        """Place the panels; the style sheet arranges them by the size of the terminal."""
        yield PlacesBar(id="places-bar").data_bind(Place.view)
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
                    yield Ranking(id="ranking")
                    yield Why(id="why")
        yield Footer()

    def on_mount(self) -> None:
        """Say what will stand where."""
        self.query_one(Why).clear("The song under the cursor will be explained here.")
        self.query_one(Ranking).say("Looking for runs …")

    def watch_view(self, old: View, new: View) -> None:
        """Ask for everything that the change of the view changes."""
        listeners, ranking = self.query_one(ListenerList), self.query_one(Ranking)
        self._begin(new)
        if listeners.begun and new.listener_order != listeners.order:
            listeners.search(listeners.sought, new.listener_order)
        self.tell_run(ranking)
        if new.run is not None and old.loading != new.loading:  # the run before goes on until another one is there
            ranking.settle() if new.loading is None and new.problem else ranking.wait()
        if new.listener is None:
            return
        if new.listener != self._from_list:
            self._from_list = new.listener
            self.questions.place_of_listener(new.listener.id, listeners.sought, listeners.order)
            self.introduce(new.listener)
        moved = new.listener != old.listener
        rest = MOVE if moved else 0.0
        if moved or new.run != old.run:
            self._past_is_due = new.run is not None
            if new.run is None:
                self.questions.profile(new.listener, new.run, after=rest)
            else:
                self.questions.drop("past")
        if new.run is not None and (moved or asked(old) != asked(new)):
            self.rank(new.listener, rest)

    # -- What a person does

    @on(messages.ListenerMoved)
    def follow_listener(self, message: messages.ListenerMoved) -> None:
        """Introduce the listener at once; the rest follows when the cursor rests."""
        self._from_list = message.listener
        if message.listener != self.view.listener:
            self.introduce(message.listener)
            self.change(listener=message.listener)

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
        self.questions.listeners(message.query, message.order, message.offset, message.limit)

    @on(messages.OrderWanted)
    def sort(self, message: messages.OrderWanted) -> None:
        """Sort the list."""
        self.change(listener_order=message.order)

    def action_random(self) -> None:
        """Go to anyone among those that the search found."""
        self.shell.remember()
        self.shell.questions.random_listener(self.query_one(ListenerList).sought)

    def action_again(self) -> None:
        """Ask everything again."""
        self.shell.questions.runs()
        self.query_one(ListenerList).again()
        if self.view.listener is not None:
            self.questions.profile(self.view.listener, self.view.run)
            if self.view.run is not None:
                self.rank(self.view.listener)

    # -- What the explorer answers

    @on(messages.ListenersRead)
    def show_page(self, reply: messages.ListenersRead) -> None:
        """Hand a page to the list."""
        self.query_one(ListenerList).take(reply.query, reply.order, reply.page)

    @on(messages.PlaceRead)
    def go_there(self, reply: messages.PlaceRead) -> None:
        """Put the cursor on the listener; a search that does not find them is over."""
        listeners = self.query_one(ListenerList)
        if self.questions.is_stale(reply) or self.view.listener is None:
            return
        if reply.place is None:
            self.query_one(SearchBox).clear_quietly()
            self.questions.place_of_listener(self.view.listener.id, "", listeners.order)
        elif (
            listeners.count() and listeners.sought == reply.query and not (listeners.is_waiting or listeners.has_notice)
        ):
            listeners.go(reply.place)
        else:
            listeners.search(reply.query, self.view.listener_order, reply.place)

    @on(messages.ProfileRead)
    def show_past(self, reply: messages.ProfileRead) -> None:
        """Show the card and both playlists."""
        if self.questions.is_stale(reply):
            return
        self.query_one(ListenerCard).tell(reply.profile)
        playlists = reply.profile.playlists
        short, long = playlists.short_term, playlists.long_term
        self.query_one("#short-term", Playlist).show_plays(short, playlists.plays, len(short))
        self.query_one("#long-term", Playlist).show_plays(long, playlists.plays, len(short))

    @on(messages.Ranked)
    def show_ranking(self, reply: messages.Ranked) -> None:
        """Show the ranking; its first song asks for the why."""
        if self.questions.is_stale(reply):
            return
        self.query_one(Ranking).show_ranking(reply.recommendations, self.view.filters)
        self._read_past()
        if not reply.recommendations.items:
            self.query_one(Why).clear()

    @on(messages.Explained)
    def show_why(self, reply: messages.Explained) -> None:
        """Show the explanation."""
        if not self.questions.is_stale(reply):
            self.query_one(Why).explain(reply.explanation)

    def tell_problem(self, kind: str, problem: str) -> None:
        """Tell a problem; without a ranking there is nothing to explain."""
        super().tell_problem(kind, problem)
        if kind == "ranking":
            self.query_one(Why).clear()
            self._read_past()

    def _read_past(self) -> None:
        if self._past_is_due and self.view.listener is not None:
            self._past_is_due = False
            self.questions.profile(self.view.listener, self.view.run)

    def _begin(self, view: View) -> None:
        listeners = self.query_one(ListenerList)
        if view.dataset is not None and not listeners.begun and view.listener is None and not view.awaited:
            listeners.search("", view.listener_order)

    def introduce(self, listener: Listener) -> None:
        """Show who the listener is; what is known of the past is on its way."""
        self.query_one(ListenerCard).introduce(listener)
        for playlist in self.query(Playlist):
            playlist.wait()

    def rank(self, listener: Listener, after: float = 0.0) -> None:
        """Ask for the ranking anew."""
        self.query_one(Ranking).wait()
        self.query_one(Why).wait()
        self.questions.drop("why")
        self.questions.ranking(listener, self.view, after)
