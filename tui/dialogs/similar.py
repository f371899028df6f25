"""The dialog with the songs that are near to one song, and from there on to others."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from musicrec.core.records import Song
from musicrec.tui.desk import Desk
from musicrec.tui.dialogs.dialog import Dialog
from musicrec.tui.messages import Failed, RowsWanted, SimilarRead, SimilarWanted
from musicrec.tui.similar_list import SimilarList

if TYPE_CHECKING:
    from musicrec.core.explorer import Explorer

LENGTH = 50


class NearList(SimilarList):
    """The list of the dialog: enter goes on from song to song."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("p", "page_of_song", "Song", id="similar.page", tooltip="Open the song's page"),
    ]

    def chosen(self) -> None:
        """Go on to what is near to the song under the cursor."""
        if (song := self.song) is not None:
            self.post_message(SimilarWanted(song))

    def action_page_of_song(self) -> None:
        """Open the page of the song under the cursor."""
        super().chosen()


class SimilarDialog(Dialog[None]):
    """Look at similar songs; backspace comes back to the song before."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("backspace", "back", "Back", id="similar.back", tooltip="Back to the song before"),
    ]

    def __init__(self, explorer: Explorer, song: Song, run: str | None) -> None:
        super().__init__()
        self._explorer, self._run, self._way = explorer, run, [song]
        self._desk = Desk(self)

    def compose(self) -> ComposeResult:
        """Hold the list."""
        yield NearList(id="similar-list")

    def on_mount(self) -> None:
        """Ask for the first song."""
        self._ask()

    def action_back(self) -> None:
        """Come back to the song before."""
        if len(self._way) > 1:
            self._way.pop()
            self._ask()

    @on(SimilarWanted)
    def go_on(self, message: SimilarWanted) -> None:
        """Ask for what is near to another song."""
        message.stop()
        self._way.append(message.song)
        self._ask()

    @on(RowsWanted)
    def hand_down(self, message: RowsWanted) -> None:
        """Have the place below copy or export."""
        message.stop()
        self.app.screen_stack[-2].post_message(RowsWanted(message.purpose, message.name, message.make))

    @on(SimilarRead)
    def show(self, reply: SimilarRead) -> None:
        """Show what came back."""
        if not self._desk.is_stale(reply):
            panel = self.query_one(NearList)
            panel.show_neighbours(reply.song, reply.neighbours)
            panel.set_titles(f"Similar to {reply.song.label}", "enter goes on · backspace comes back · escape closes")

    @on(Failed)
    def fail(self, reply: Failed) -> None:
        """Show why nothing came back."""
        if not self._desk.is_stale(reply):
            panel = self.query_one(NearList)
            panel.set_titles(f"Similar to {self._way[-1].label}", "escape closes")
            panel.fail(reply.problem, "Press backspace for the song before, escape to close.")

    def _ask(self) -> None:
        song, run = self._way[-1], self._run
        panel = self.query_one(NearList)
        panel.set_titles(f"Similar to {song.label}", "looking …")
        panel.wait()
        self._desk.ask(
            "similar",
            lambda request: SimilarRead("similar", request, song, self._explorer.similar(song.id, run, LENGTH)),
        )
