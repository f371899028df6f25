"""The dialog with the songs that are near to one song, and from there on to others."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from musicrec.core.records import Neighbour, Song
from musicrec.tui.bars import bar
from musicrec.tui.cells import Cell, Row
from musicrec.tui.columns import Column, heading, known, row, width_of
from musicrec.tui.desk import Desk
from musicrec.tui.dialog import Dialog
from musicrec.tui.messages import Failed, SimilarRead, SimilarWanted
from musicrec.tui.song_actions import SongActions

if TYPE_CHECKING:
    from musicrec.core.explorer import Explorer

LENGTH = 50
COLUMNS: tuple[Column, ...] = (
    Column("bar", "similar", 8),
    Column("number", "", 5, right=True),
    Column("title", "title", 12, grow=3),
    Column("artist", "artist", 8, grow=2),
    Column("genre", "genre", 10, grow=1, needs=76),
    Column("plays", "plays", 6, needs=60, right=True),
)


class SimilarList(SongActions):
    """Neighbours of a song, nearest first."""

    HELP: ClassVar[str] = "Songs whose vectors in this run point the same way; 1 is the same direction (cosine)."

    def __init__(self) -> None:
        super().__init__(id="similar-list")
        self._neighbours: tuple[Neighbour, ...] = ()
        self._columns = COLUMNS

    def show_neighbours(self, song: Song, neighbours: tuple[Neighbour, ...]) -> None:
        """Show the songs near to `song`."""
        self._neighbours = neighbours
        self._columns = known(COLUMNS, (neighbour.song for neighbour in neighbours))
        self.set_titles(f"Similar to {song.label}", "enter goes on · backspace comes back · escape closes")
        self.settle()
        self.cursor = 0
        if not neighbours:
            self.say("No song is near to this one.")

    def count(self) -> int:
        """Return the number of songs."""
        return len(self._neighbours)

    def heading(self, width: int) -> Row:
        """Name the columns."""
        return heading(self._columns, width)

    def row(self, index: int, width: int) -> Row:
        """Draw one song."""
        neighbour = self._neighbours[index]
        song = neighbour.song
        cells = {
            "bar": Cell(bar(neighbour.similarity, width_of(COLUMNS, "bar", width)), "bar"),
            "number": Cell(f"{neighbour.similarity:.2f}", "muted"),
            "title": Cell(song.title or f"#{song.id}", "strong"),
            "artist": Cell(", ".join(song.artists)),
            "genre": Cell(", ".join(song.genres), "muted"),
            "plays": Cell(f"{song.plays:,}", "muted"),
        }
        return row(self._columns, width, cells)

    def song_at(self, index: int) -> Song | None:
        """Return the song in row `index`."""
        return self._neighbours[index].song if index < len(self._neighbours) else None

    def chosen(self) -> None:
        """Go on to what is near to the song under the cursor."""
        self.post_message(SimilarWanted(self._neighbours[self.cursor].song))


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
        yield SimilarList()

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

    @on(SimilarRead)
    def show(self, reply: SimilarRead) -> None:
        """Show what came back."""
        if not self._desk.is_stale(reply):
            self.query_one(SimilarList).show_neighbours(reply.song, reply.neighbours)

    @on(Failed)
    def fail(self, reply: Failed) -> None:
        """Show why nothing came back."""
        if not self._desk.is_stale(reply):
            panel = self.query_one(SimilarList)
            panel.set_titles(f"Similar to {self._way[-1].label}", "escape closes")
            panel.fail(reply.problem, "Press backspace for the song before, escape to close.")

    def _ask(self) -> None:
        song, run = self._way[-1], self._run
        panel = self.query_one(SimilarList)
        panel.set_titles(f"Similar to {song.label}", "looking …")
        panel.wait()
        self._desk.ask(
            "similar",
            lambda request: SimilarRead("similar", request, song, self._explorer.similar(song.id, run, LENGTH)),
        )
