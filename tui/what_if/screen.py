"""The what-if place: any listener's past as a playlist to edit, and what that does to the recommendations."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container
from textual.events import DescendantFocus
from textual.widgets import Footer

from musicrec.core.models.configs import CONFIGS, windows
from musicrec.core.records import RunCard, Song
from musicrec.tui import messages
from musicrec.tui.place import WHY, Place
from musicrec.tui.places_bar import PlacesBar
from musicrec.tui.view import View, asked
from musicrec.tui.what_if import messages as what_if_messages
from musicrec.tui.what_if.draft_card import DraftCard
from musicrec.tui.what_if.draft_playlist import DraftPlaylist, Windows
from musicrec.tui.what_if.editing import Editing, id_of
from musicrec.tui.what_if.edits import Edits
from musicrec.tui.what_if.gone import Gone
from musicrec.tui.what_if.moves import Moves
from musicrec.tui.what_if.questions import WhatIfQuestions
from musicrec.tui.what_if.song_picker import SongPicker
from musicrec.tui.what_if.song_search import SongSearch
from musicrec.tui.why import Why

FOLLOW = 0.03  # seconds without another edit before the model is asked
NOBODY = ("No listener is chosen.", "Press 1 and choose one, or n for a new one.")


class WhatIfScreen(Editing):
    """Holds the panels; every edit and every change of the view asks for what it changes."""

    CSS_PATH = "screen.tcss"
    AUTO_FOCUS = "#draft-playlist"
    SEARCHED = "#song-picker"
    PANELS: ClassVar[dict[str, tuple[str, ...]]] = {
        "draft": ("#draft-playlist",),
        "what-if": ("#moves",),
        "why": ("#draft-why",),
        "songs": ("#song-picker",),
    }

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("h", "heard", "Heard", id="place.heard", show=False, tooltip="Let heard songs in, or keep them out"),
        Binding("plus,equals_sign", "resize(1)", "More", id="place.more", show=False, tooltip="A longer ranking"),
        Binding("minus", "resize(-1)", "Fewer", id="place.fewer", show=False, tooltip="A shorter ranking"),
        Binding("z", "zoom", "Zoom", id="place.zoom", show=False, tooltip="Give the focused panel the whole screen"),
        Binding("slash", "search", "Songs", id="what-if.search", key_display="/", tooltip="Search songs to add"),
    ]

    def compose(self) -> ComposeResult:
        """Place the panels; the style sheet arranges them by the size of the terminal."""
        yield PlacesBar(id="places-bar").data_bind(Place.view)
        with Container(id="bench"):
            with Container(id="draft-past"):
                yield DraftCard(id="draft-card")
                yield SongSearch(id="song-search")
                yield SongPicker(id="song-picker")
                yield DraftPlaylist(id="draft-playlist")
            with Container(id="draft-future"):
                yield Moves(id="moves")
                with Container(id="draft-reasons"):
                    yield Gone(id="gone")
                    yield Why(id="draft-why")
        yield Footer()

    def on_mount(self) -> None:
        """Begin with whom the view is about."""
        self.begun = True
        self.query_one(Moves).say("Asking the model …")
        self.query_one(Why).clear("The song under the cursor will be explained here.")
        self.follow()
        self.lay_on_bench(self.view.listener)

    def watch_view(self, old: View, new: View) -> None:
        """Ask for everything that the change of the view changes."""
        if not self.begun:
            return
        moves, picker = self.query_one(Moves), self.query_one(SongPicker)
        self.query_one(DraftPlaylist).show_windows(_windows(new.card))
        if picker.begun and new.song_order != picker.order:
            picker.search(picker.sought, new.song_order)
        if old.loading is not None and new.loading is None and new.problem is not None:
            moves.settle()
        if old.loading is None and new.loading is not None and new.run is not None:
            moves.wait()
        if id_of(new.listener) != id_of(old.listener) or new.awaited != old.awaited:
            self.lay_on_bench(new.listener)
        elif asked(old) != asked(new):
            self.recommend()
        else:
            self.tell_run(moves)

    # -- What a person does

    @on(what_if_messages.RemovalWanted)
    def remove_play(self) -> None:
        """Remove the play under the cursor."""
        edits, position = self.bench.edits, self.query_one(DraftPlaylist).position
        self.edit(edits.removed(position) if edits is not None and position is not None else None)

    @on(what_if_messages.MoveWanted)
    def move_play(self, message: what_if_messages.MoveWanted) -> None:
        """Move the play under the cursor, and the cursor with it."""
        edits, position = self.bench.edits, self.query_one(DraftPlaylist).position
        if edits is None or position is None:
            self.edit(None)
            return
        to = position + message.by
        self.edit(edits.moved(position, to), len(edits.draft.plays) - 1 - to)

    @on(messages.SongMoved)
    def follow_recommendation(self, message: messages.SongMoved) -> None:
        """Ask why the song under the cursor is recommended."""
        self._ask_why(message.recommendation.song)

    @on(what_if_messages.GonePointed)
    def follow_song(self, message: what_if_messages.GonePointed) -> None:
        """Ask about a song that is gone."""
        self._ask_why(message.song)

    def on_descendant_focus(self, event: DescendantFocus) -> None:
        """Explain the song under the cursor of the list that is entered; tell the keys that work there."""
        if isinstance(event.widget, Moves | Gone):
            event.widget.cursor_moved()

    @on(messages.PageWanted)
    def fetch_songs(self, message: messages.PageWanted) -> None:
        """Fetch what the list of songs needs."""
        WhatIfQuestions(self.explorer, self.desk).songs(message)

    @on(messages.OrderWanted)
    def sort(self, message: messages.OrderWanted) -> None:
        """Sort the list of songs."""
        self.change(song_order=message.order)

    def action_search(self) -> None:
        """Open the search over the catalogue."""
        picker = self.query_one(SongPicker)
        self.add_class("-searching")
        if not picker.begun:
            picker.search("", self.view.song_order)
        super().action_search()

    @on(what_if_messages.SongSearchClosed)
    def close_search(self) -> None:
        """Go back to the playlist."""
        self.remove_class("-searching")
        self.query_one(DraftPlaylist).focus()

    def left(self) -> None:
        """Close the search; else leave the new listener."""
        if self.has_class("-searching"):
            self.close_search()
        else:
            self.leave_new()

    def action_again(self) -> None:
        """Ask everything again; edits stay."""
        self.shell.questions.runs()
        self.show_bench(cursor=None)
        picker = self.query_one(SongPicker)
        if picker.begun:
            picker.again()

    # -- What the explorer answers

    @on(what_if_messages.WhatIfRead)
    def show_answer(self, reply: what_if_messages.WhatIfRead) -> None:
        """Show what came of the edits; the song under the cursor asks for the why."""
        if self.desk.is_stale(reply):
            return
        moves, gone = self.query_one(Moves), self.query_one(Gone)
        moves.show(reply.answer, self.view.filters)
        gone.show(reply.answer)
        if not reply.answer.after.items:
            self.query_one(Why).clear()
        if self.focused is gone:
            gone.cursor_moved()

    @on(messages.Explained)
    def show_why(self, reply: messages.Explained) -> None:
        """Show the explanation."""
        if not self.desk.is_stale(reply):
            self.query_one(Why).explain(reply.explanation)

    @on(messages.SongsRead)
    def show_songs(self, reply: messages.SongsRead) -> None:
        """Hand a page to the list."""
        self.query_one(SongPicker).take(reply.query, reply.order, reply.page)

    def tell_problem(self, kind: str, problem: str) -> None:
        """Tell a problem; without an answer nothing is gone and nothing to be explained."""
        super().tell_problem(kind, problem)
        if kind in ("draft", "what-if"):
            self.query_one(Gone).clear()
            self.query_one(Why).clear()
        if kind == "draft":
            self.query_one(Moves).say("")

    # -- What is shown

    def show_edits(self, edits: Edits, cursor: int | None = None) -> None:
        """Show a draft."""
        leaves = self.bench.new and self.bench.listener is not None
        self.query_one(DraftCard).tell(edits, self.has_facts, "escape leaves" if leaves else "")
        self.query_one(DraftPlaylist).show(edits, cursor)
        self.query_one(SongPicker).mark(frozenset(play.song.song for play in edits.draft.plays))

    def show_reading(self) -> None:
        """Show that a draft is on its way."""
        self.query_one(DraftCard).wait()
        self.query_one(DraftPlaylist).wait()

    def show_nobody(self) -> None:
        """Say how to choose somebody."""
        self.query_one(DraftCard).clear()
        looking = self.shell.view.awaited
        self.query_one(DraftPlaylist).say(*(("Looking for the listener …",) if looking else NOBODY))

    def recommend(self) -> None:
        """Ask what the draft is recommended."""
        view, edits = self.view, self.bench.edits
        moves, gone, why = self.query_one(Moves), self.query_one(Gone), self.query_one(Why)
        self.desk.drop("why")
        if view.run is None or self.bench.subject is None:
            self.desk.drop("what-if")
            moves.say("Nobody to recommend to yet.")
            self.tell_run(moves)
            gone.clear()
            why.clear("The song under the cursor will be explained here.")
            return
        for panel in (moves, gone, why):
            panel.wait()
        if edits is not None:
            WhatIfQuestions(self.explorer, self.desk).what_if(edits.draft, view, FOLLOW)

    def _ask_why(self, song: Song) -> None:
        if (edits := self.bench.edits) is not None and self.view.run is not None:
            self.query_one(Why).wait()
            WhatIfQuestions(self.explorer, self.desk).why(edits.draft, song, self.view.run, WHY)


def _windows(card: RunCard | None) -> Windows | None:
    """Return the lengths of a run's windows; None where its model has none."""
    if card is None or not hasattr(CONFIGS.get(card.model), "short_term_len"):
        return None
    return windows(card.config)
