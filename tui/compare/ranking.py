"""What one of two runs recommends, and where the other run puts the same songs."""

from __future__ import annotations

from typing import ClassVar

from musicrec.core.drafts import UNFILTERED, Filters
from musicrec.core.pages import Comparison, Shift
from musicrec.core.records import Recommendations
from musicrec.tui.bars import bar
from musicrec.tui.cells import Cell, Row
from musicrec.tui.columns import Column, heading, known, row, width_of
from musicrec.tui.compare.messages import Side
from musicrec.tui.compare.shift_list import ComparedList, arrow, rank_text
from musicrec.tui.ranking import LEAST, marks


class ComparedRanking(ComparedList):
    """The ranking by one run; songs that both rankings have stand out."""

    TITLE: ClassVar[str] = "Ranking"
    HELP: ClassVar[str] = (
        "Two runs for the same listener, each with its own ranking. The last column says where the other run ranks "
        "the song among the whole catalogue: ▴ higher, ▾ lower, = alike. Songs in both lists are bold. The song under "
        "the cursor is marked in the other list, too. Bars are relative to their own list: scores of two models have "
        "no common scale. At the top: how many songs both lists have; Jaccard is that as a share of the songs in "
        "either; the correlation (Spearman) says whether both put them in the same order, from -1 to 1."
    )

    def __init__(self, side: Side, *, id: str) -> None:
        super().__init__(0 if side == "one" else 1, id=id)
        self._side = side
        self._ranking: Recommendations | None = None
        self._shared: frozenset[int] = frozenset()
        self._columns: tuple[Column, ...] = ()

    def show_side(self, comparison: Comparison, filters: Filters) -> None:
        """Show this side of a comparison of what `filters` let through."""
        first = self._side == "one"
        mine, other = comparison.one, comparison.other
        shifts = comparison.one_shifts if first else comparison.other_shifts
        if not first:
            mine, other = other, mine
        self._ranking = mine
        self._shared = frozenset(i.song.song for i in mine.items) & frozenset(i.song.song for i in other.items)
        self._title = mine.run + "".join(f" · {word}" for word in filters.words)
        self._columns = self._lay_out_columns(shifts, other.run)
        self.show_shifts(comparison, shifts)
        self.link(None)
        if not shifts:
            way_on = "Press f for other filters." if filters != UNFILTERED else "Press h to let in heard songs."
            self.say("This run has nothing to recommend here.", way_on)

    def heading(self, width: int) -> Row:
        """Name the columns."""
        return heading(self._columns, width)

    def row(self, index: int, width: int) -> Row:
        """Draw one song."""
        assert self._ranking is not None
        item, shift = self._ranking.items[index], self._shifts[index]
        mine, theirs = self._ranks(shift)
        shared = item.song.song in self._shared
        room = width_of(self._columns, "there", width)
        there = f"{arrow(mine, theirs)}{rank_text(theirs):>{max(room - 1, 0)}}"
        return row(
            self._columns,
            width,
            {
                "rank": Cell(f"▸{item.rank}", "strong") if index == self.linked else Cell(str(item.rank), "muted"),
                "bar": Cell(bar(max(item.share, LEAST), width_of(self._columns, "bar", width)), "bar"),
                "title": Cell(item.song.title or f"#{item.song.id}", "strong" if shared else "plain"),
                "artist": Cell(", ".join(item.song.artists), "muted"),
                "marks": Cell(marks(item), "good" if item.held_out else "note"),
                "there": Cell(there, "good" if shared else "muted"),
            },
        )

    def about(self, shift: Shift) -> str:
        """Say where a song stands in this ranking, also where that is far below its end."""
        mine, _ = self._ranks(shift)
        if mine is None or self._ranking is None:
            return "it is not ranked here"
        return f"it is {rank_text(mine)} of {self._ranking.candidates:,} here"

    def told(self) -> str:
        """Say how many hits there are, out of how many songs."""
        ranking = self._ranking
        if ranking is None:
            return ""
        hits = sum(item.held_out for item in ranking.items)
        return f"{hits} held out · {ranking.candidates:,} songs" if hits else f"{ranking.candidates:,} songs"

    def _ranks(self, shift: Shift) -> tuple[int | None, int | None]:
        return (shift.before, shift.after) if self._side == "one" else (shift.after, shift.before)

    def _lay_out_columns(self, shifts: tuple[Shift, ...], other: str) -> tuple[Column, ...]:
        longest = max((len(rank_text(self._ranks(shift)[1])) for shift in shifts), default=0) + 1
        ranks = len(str(len(shifts)))
        columns = (
            Column("rank", "", max(ranks + 1, 3), right=True),
            Column("bar", "score", 6, needs=54),
            Column("title", "title", 8, grow=4),
            Column("artist", "artist", 8, grow=3, needs=46),
            Column("marks", "", 4, needs=34),
            Column("there", other, max(longest, 7), right=True),
        )
        return known(columns, (shift.song for shift in shifts))
