"""The past as it might have been: every play of a draft, to be removed and moved."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType

from musicrec.core.records import Play, Song
from musicrec.tui.cells import Cell, Row
from musicrec.tui.columns import Column, heading, known_plays, row
from musicrec.tui.row_list import RowList
from musicrec.tui.song_actions import SongActions
from musicrec.tui.what_if.edits import Edits
from musicrec.tui.what_if.messages import MoveWanted, RemovalWanted

if TYPE_CHECKING:
    from musicrec.core.explorer import Explorer
    from musicrec.core.tabular import Sheet
    from musicrec.tui.messages import Make

MOVE = Binding.Group("Move", compact=True)
EMPTY = ("No plays.", "Press / to search for songs, a to add one.")
COLUMNS: tuple[Column, ...] = (
    Column("window", "", 1),
    Column("mark", "", 1),
    Column("back", "", 3, right=True),
    Column("title", "title", 8, grow=3),
    Column("artist", "artist", 6, grow=2, needs=36),
    Column("behaviour", "behaviour", 12, needs=56),
)
Windows = tuple[int, int]  # lengths of the short-term and the long-term window


class DraftPlaylist(SongActions):
    """All plays of a draft, the latest first."""

    TITLE: ClassVar[str] = "Playlist"
    HELP: ClassVar[str] = (
        "The past as edited, the latest play first. A thick bar marks the plays that the model reads as short-term "
        "taste, which are also the first of the long-term window; a thin bar marks the rest of that window. Models "
        "without windows have no bars. Marks: + added, ↕ moved. d removes the play under the cursor, J and K move it."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("a", "add", "Again", id="song.add", show=False, tooltip="Add this song once more"),
        Binding(
            "m", "similar", "Similar", id="song.similar", show=False, tooltip="Songs that are similar to this one"
        ),
        Binding("d,delete", "remove", "Remove", id="what-if.remove", tooltip="Remove this play"),
        Binding(
            "J,shift+down", "move_play(-1)", "Down", id="what-if.later", tooltip="Move this play down: longer ago",
            group=MOVE,
        ),
        Binding(
            "K,shift+up", "move_play(1)", "Up", id="what-if.sooner", tooltip="Move this play up: more lately",
            group=MOVE,
        ),
    ]  # fmt: skip

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._plays: tuple[Play, ...] = ()
        self._added: frozenset[int] = frozenset()
        self._moved: frozenset[int] = frozenset()
        self._windows: Windows | None = None
        self._columns = COLUMNS

    def show(self, edits: Edits, cursor: int | None = None) -> None:
        """Show a draft, the cursor on row `cursor` or else where it is."""
        changes = edits.changes
        self._plays = tuple(reversed(edits.draft.plays))
        self._added, self._moved = changes.added, changes.moved
        self._columns = _columns(self._plays, self._windows)
        self._tell_windows()
        place = self.validate_cursor(self.cursor if cursor is None else cursor)
        self.set_reactive(RowList.cursor, place)
        self.settle()
        self.call_after_refresh(self.show_cursor)
        if not self._plays:
            self.say(*EMPTY)

    def show_windows(self, windows: Windows | None) -> None:
        """Mark the windows of another run."""
        self._windows = windows
        self._columns = _columns(self._plays, windows)
        self._tell_windows()
        self.refresh()

    def count(self) -> int:
        """Return the number of plays."""
        return len(self._plays)

    def heading(self, width: int) -> Row:
        """Name the columns."""
        return heading(self._columns, width)

    def row(self, index: int, width: int) -> Row:
        """Draw one play."""
        play = self._plays[index]
        short, long = self._windows or (0, 0)
        added, moved = play.position in self._added, play.position in self._moved
        return row(
            self._columns,
            width,
            {
                "window": Cell("▌" if index < short else "▏" if index < long else "", "bar"),
                "mark": Cell("+" if added else "↕" if moved else "", "good" if added else "note"),
                "back": Cell(str(play.position + 1), "muted"),
                "title": Cell(play.song.title or f"#{play.song.id}", "strong" if added or moved else "plain"),
                "artist": Cell(", ".join(play.song.artists), "muted"),
                "behaviour": Cell(play.behaviour or "", "muted"),
            },
        )

    def song_at(self, index: int) -> Song | None:
        """Return the song that was played."""
        return self._plays[index].song if index < len(self._plays) else None

    @property
    def position(self) -> int | None:
        """Position in the draft of the play under the cursor."""
        return self._plays[self.cursor].position if self._plays and not self.has_notice else None

    def action_remove(self) -> None:
        """Ask for the play under the cursor to be removed."""
        self.post_message(RemovalWanted())

    def action_move_play(self, by: int) -> None:
        """Ask for the play under the cursor to be moved."""
        self.post_message(MoveWanted(by))

    def make_rows(self) -> tuple[str, Make] | None:
        """Have the playlist copied or exported."""
        plays = self._plays

        def make(explorer: Explorer) -> tuple[Sheet, tuple[Song, ...]]:
            from musicrec.core.sheets.datasets import plays_sheet

            return plays_sheet("what-if", plays), tuple(play.song for play in plays)

        return ("what-if", make) if plays else None

    def _tell_windows(self) -> None:
        count = len(self._plays)
        windows = ""
        if self._windows is not None and count:
            short, long = (min(length, count) for length in self._windows)
            windows = f"▌ {short} short · ▏ {long} long term" if self.size.width >= 40 else f"▌ {short} ▏ {long}"
        self.set_titles(f"{self.TITLE} · {count:,}" if count else self.TITLE, windows)


def _columns(plays: tuple[Play, ...], windows: Windows | None) -> tuple[Column, ...]:
    found = known_plays(COLUMNS, plays)
    digits = max(len(str(len(plays))), 3)
    sized = (Column("back", "", digits, right=True) if column.key == "back" else column for column in found)
    return tuple(column for column in sized if windows is not None or column.key != "window")
