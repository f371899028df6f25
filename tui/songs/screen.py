"""The songs place: the catalogue, and the page of the song under its cursor."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container
from textual.widgets import Footer

from musicrec.core.records import Song
from musicrec.tui import messages
from musicrec.tui.place import MOVE, OTHER_RUN, Place
from musicrec.tui.places_bar import PlacesBar
from musicrec.tui.search_box import SearchBox
from musicrec.tui.search_place import SearchPlace
from musicrec.tui.similar_list import SimilarList
from musicrec.tui.songs import messages as songs_messages
from musicrec.tui.songs.card import SongCard
from musicrec.tui.songs.listeners import SongListeners
from musicrec.tui.songs.song_list import SongList
from musicrec.tui.view import View

NEAR = 50  # similar songs
FIRST = 100  # listeners that come with a song's page
UNUSED = {"filters", "resize", "heard"}  # keys of rankings


class SongsScreen(SearchPlace):
    """Holds the panels; the page follows the list, and the list follows a song that somebody goes to."""

    CSS_PATH = "screen.tcss"
    AUTO_FOCUS = "#songs"
    SEARCHED = "#songs"
    PANELS: ClassVar[dict[str, tuple[str, ...]]] = {
        "songs": ("#songs",),
        "page": ("#song-card", "#song-listeners"),
        "similar": ("#song-similar",),
    }

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash", "search", "Search", id="songs.search", key_display="/", tooltip="Search songs"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._from_list: Song | None = None  # which song the list told; any other in the view it must go to
        self._bound_for: Song | None = None  # the song that the list is on its way to; what it tells meanwhile is void
        self._sought_in = ""  # the search in which its place was asked for

    def compose(self) -> ComposeResult:
        """Place the panels; the style sheet arranges them by the size of the terminal."""
        yield PlacesBar(id="places-bar").data_bind(Place.view)
        with Container(id="songs-body"):
            with Container(id="songs-left"):
                yield SearchBox(placeholder="words, artist:x, genre:y, year:1990-1999", help=SongList.HELP, id="search")
                yield SongList(id="songs")
            with Container(id="songs-right"):
                yield SongCard(id="song-card")
                yield SimilarList(id="song-similar")
                yield SongListeners(id="song-listeners")
        yield Footer()

    def on_mount(self) -> None:
        """Say what will stand where."""
        self.query_one(SongCard).say("The song under the cursor will be shown here.")
        self.query_one(SongListeners).say("")
        self.query_one(SimilarList).say("")

    def watch_view(self, old: View, new: View) -> None:
        """Ask for everything that the change of the view changes."""
        songs = self.query_one(SongList)
        if new.dataset is not None and not songs.begun and new.song is None and not new.song_awaited:
            songs.search("", new.song_order)
        if songs.begun and new.song_order != songs.order:
            songs.search(songs.sought, new.song_order)
        if new.song is None:
            return
        if new.song != self._from_list:
            self._from_list = self._bound_for = new.song
            self.ask_place(new.song, songs.sought)
        moved = new.song != old.song
        if moved:
            self.introduce(new.song)
            self.ask_page(new.song, MOVE)
        if (
            moved
            or (new.run, new.renewed) != (old.run, old.renewed)
            or (new.run is None and (old.loading, old.runs) != (new.loading, new.runs))
        ):
            self.ask_similar(new.song, MOVE if moved else 0.0)

    # -- What a person does

    @on(messages.SongPointed)
    def follow_song(self, message: messages.SongPointed) -> None:
        """Show the page of the song under the cursor."""
        if self._bound_for is None:
            self._from_list = message.song
            self.change(song=message.song)

    @on(messages.SongChosen)
    def go_to_page(self) -> None:
        """Go on to what is like the song."""
        self.query_one(SimilarList).focus()

    @on(messages.PageWanted)
    def fetch_page(self, message: messages.PageWanted) -> None:
        """Fetch what the list needs."""
        query, order = message.query, message.order

        def read(number: int) -> messages.Reply:
            found = self.explorer.find_songs(query, message.limit, message.offset, order.key, order.reverse)
            return messages.SongsRead("songs", number, query, order, found)

        self.desk.ask("songs", read)

    @on(songs_messages.PlayersWanted)
    def fetch_players(self, message: songs_messages.PlayersWanted) -> None:
        """Fetch more of those who played the song."""

        def read(number: int) -> messages.Reply:
            page = self.explorer.song_page(message.song, message.limit, message.offset)
            return songs_messages.PlayersRead("players", number, page)

        self.desk.ask("players", read)

    @on(messages.OrderWanted)
    def sort(self, message: messages.OrderWanted) -> None:
        """Sort the list."""
        self.change(song_order=message.order)

    def action_again(self) -> None:
        """Ask everything again."""
        self.shell.questions.runs()
        self.query_one(SongList).again()
        if self.view.song is not None:
            self.ask_page(self.view.song)
            self.ask_similar(self.view.song)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer what there is something to do for."""
        return action not in UNUSED and super().check_action(action, parameters)

    # -- What the explorer is asked

    def introduce(self, song: Song) -> None:
        """Show what is known already; the rest is on its way."""
        self.query_one(SongCard).introduce(song)
        self.query_one(SongCard).wait()
        self.query_one(SongListeners).wait()

    def ask_place(self, song: Song, query: str) -> None:
        """Ask where the song stands in the list."""
        order, self._sought_in = self.shell.view.song_order, query

        def find(number: int) -> messages.Reply:
            place = self.explorer.place_of_song(song.id, query, order.key, order.reverse)
            return songs_messages.SongPlaceRead("place", number, query, place)

        self.desk.ask("place", find)

    def ask_page(self, song: Song, after: float = 0.0) -> None:
        """Ask for the whole song and who played it."""

        def read(number: int) -> messages.Reply:
            return songs_messages.SongPageRead("page", number, self.explorer.song_page(song.id, FIRST))

        self.desk.ask("page", read, after)

    def ask_similar(self, song: Song, after: float = 0.0) -> None:
        """Ask for songs like this one, where a run can tell."""
        similar = self.query_one(SimilarList)
        run = self.view.run
        if run is None:
            self.tell_run(similar)
            return
        similar.wait()
        self.desk.ask(
            "similar",
            lambda number: messages.SimilarRead("similar", number, song, self.explorer.similar(song.id, run, NEAR)),
            after,
        )

    # -- What the explorer answers

    @on(messages.SongsRead)
    def show_songs(self, reply: messages.SongsRead) -> None:
        """Hand a page to the list."""
        self.query_one(SongList).take(reply.query, reply.order, reply.page)

    @on(songs_messages.SongPlaceRead)
    def go_there(self, reply: songs_messages.SongPlaceRead) -> None:
        """Put the cursor on the song; a search that does not find it is over."""
        songs = self.query_one(SongList)
        if self.desk.is_stale(reply) or self.view.song is None:
            return
        if reply.place is None and reply.query:
            self._leave_search(self.view.song)
            return
        self._bound_for = None
        if songs.count() and songs.sought == reply.query and not (songs.is_waiting or songs.has_notice):
            songs.go(reply.place or 0)
        else:
            songs.search(reply.query, self.view.song_order, reply.place or 0)

    @on(songs_messages.SongPageRead)
    def show_page(self, reply: songs_messages.SongPageRead) -> None:
        """Show the song and who played it."""
        if not self.desk.is_stale(reply):
            self.query_one(SongCard).tell(reply.page)
            self.query_one(SongListeners).show_first(reply.page)

    @on(songs_messages.PlayersRead)
    def show_players(self, reply: songs_messages.PlayersRead) -> None:
        """Show more of those who played the song."""
        listeners = self.query_one(SongListeners)
        listeners.take(reply.page.song.id, listeners.order, reply.page.listeners)

    @on(messages.SimilarRead)
    def show_similar_songs(self, reply: messages.SimilarRead) -> None:
        """Show what is like the song."""
        if not self.desk.is_stale(reply):
            similar = self.query_one(SimilarList)
            similar.show_neighbours(reply.song, reply.neighbours)
            similar.set_titles(SimilarList.TITLE, f"by {self.view.run}")

    def tell_problem(self, kind: str, problem: str) -> None:
        """Tell a problem with its own way on; a search that cannot be read holds no song."""
        songs, similar = self.query_one(SongList), self.query_one(SimilarList)
        if kind == "place" and self._sought_in and self.view.song is not None:
            self._leave_search(self.view.song)
            return
        super().tell_problem(kind, problem)
        if kind == "songs" and songs.sought:
            songs.fail(problem, "Press escape to clear the search, / to change it, f5 to ask again.")
        elif kind == "similar":
            similar.set_titles(SimilarList.TITLE, f"by {self.view.run}")
            similar.fail(problem, OTHER_RUN)
        elif kind == "place":
            self._bound_for = None
            if not songs.begun or songs.sought:
                songs.search("", self.view.song_order)

    def _leave_search(self, song: Song) -> None:
        self.query_one(SearchBox).clear_quietly()
        self.ask_place(song, "")
