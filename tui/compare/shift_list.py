"""A list of songs that stand in two rankings. One such list has the cursor, the others mark the song that it is on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from musicrec.core.pages import Comparison, Shift
from musicrec.core.records import Song
from musicrec.tui.compare.messages import ShiftMoved
from musicrec.tui.row_list import RowList
from musicrec.tui.song_actions import SongActions

if TYPE_CHECKING:
    from musicrec.core.explorer import Explorer
    from musicrec.core.tabular import Sheet
    from musicrec.tui.messages import Make


class ComparedList(SongActions):
    """Songs with their ranks by both runs. Subclasses draw them and say what is to be said of a song."""

    def __init__(self, sheet: int, *, id: str) -> None:
        """Be the list that sheet number `sheet` of a comparison holds."""
        super().__init__(id=id)
        self._sheet = sheet
        self._shifts: tuple[Shift, ...] = ()
        self._comparison: Comparison | None = None
        self._title = self.TITLE
        self._leads = False
        self.linked: int | None = None  # row of the song that the cursor of another list is on

    def show_shifts(self, comparison: Comparison, shifts: tuple[Shift, ...]) -> None:
        """Show new rows; for the same listener the cursor stays on its song, if that is still there."""
        same = self._comparison is not None and self._comparison.one.listener.id == comparison.one.listener.id
        kept = self._shifts[self.cursor].song if self._shifts and same else None
        self._comparison, self._shifts, self.linked = comparison, shifts, None
        self.settle()
        self.set_reactive(RowList.cursor, (self._row_of(kept) if kept else None) or 0)
        self.scroll_to(y=0, animate=False, immediate=True)
        self.call_after_refresh(self.show_cursor)

    def about(self, shift: Shift) -> str:
        """Say where a song stands here."""
        return ""

    def told(self) -> str:
        """Say what there is to say of the list itself."""
        return ""

    def lead(self) -> None:
        """Have the cursor."""
        self._leads, self.linked = True, None
        self._say_below(self.told())

    def link(self, shift: Shift | None) -> None:
        """Mark the song that the cursor of another list is on, and tell where it stands here."""
        self._leads = False
        self.linked = None if shift is None else self._row_of(shift.song)
        self._say_below(self.told() if shift is None else self.about(shift))
        if self.linked is not None:
            self._bring_to_sight(self.linked)

    def tell(self) -> None:
        """Tell which song the cursor is on."""
        if self._shifts and not self.has_notice:
            self.post_message(ShiftMoved(self.id, self._shifts[self.cursor]))

    def empty(self, title: str = "") -> None:
        """Have nothing to show yet, under the name of what will be shown here."""
        self._title = title or self.TITLE
        self._say_below("")
        self.say("")

    def count(self) -> int:
        """Return the number of songs."""
        return len(self._shifts)

    def song_at(self, index: int) -> Song | None:
        """Return the song in row `index`."""
        return self._shifts[index].song if index < len(self._shifts) else None

    def cursor_moved(self) -> None:
        """Tell which song the cursor is on."""
        self.tell()

    def on_focus(self) -> None:
        """Take the cursor over."""
        self.show_cursor()
        self.tell()

    def make_rows(self) -> tuple[str, Make] | None:
        """Have this list with the ranks by both runs copied or exported."""
        comparison, songs = self._comparison, tuple(shift.song for shift in self._shifts)
        if comparison is None or not songs:
            return None

        def make(explorer: Explorer) -> tuple[Sheet, tuple[Song, ...]]:
            from musicrec.core.sheets.recommendations import comparison_sheets

            return comparison_sheets(comparison)[self._sheet], songs

        return f"{comparison.one.listener.id}-{self._title}", make

    def row_style(self, index: int) -> str:
        """Mark the row under the cursor, or the one that another list's cursor means."""
        if index == self.linked:
            return "row--linked"
        return "row--cursor" if self._leads and index == self.cursor else "row--plain"

    def _row_of(self, song: Song) -> int | None:
        return next((row for row, shift in enumerate(self._shifts) if shift.song.song == song.song), None)

    def _bring_to_sight(self, row: int) -> None:
        height = max(self.scrollable_content_region.height - self.head, 1)
        top = self.scroll_offset.y
        if not top <= row < top + height:
            self.scroll_to(y=max(row - height // 2, 0), animate=False, immediate=True)

    def _say_below(self, text: str) -> None:
        self.set_titles(self._title, text)
        self.refresh()


def arrow(mine: int | None, theirs: int | None) -> str:
    """Return a mark for how much higher (smaller rank) `theirs` is than `mine`. Its width is one cell everywhere."""
    if mine is None or theirs is None:
        return " "
    return "=" if mine == theirs else "▴" if theirs < mine else "▾"


def rank_text(rank: int | None) -> str:
    """Return a rank as it is shown."""
    return "none" if rank is None else f"#{rank:,}"
