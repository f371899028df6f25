"""The songs that the listener did play later: how high each run puts them."""

from __future__ import annotations

from math import inf
from typing import ClassVar

from musicrec.core.pages import Comparison, Shift
from musicrec.tui.cells import Cell, Row
from musicrec.tui.columns import Column, heading, row
from musicrec.tui.compare.shift_list import ComparedList, rank_text


class HeldOut(ComparedList):
    """Held-out songs with their ranks by both runs, the higher one marked; the best known ones come first."""

    TITLE: ClassVar[str] = "Held out"
    HELP: ClassVar[str] = (
        "The songs that this listener did play later, which no run has seen, with their rank by each run among the "
        "whole catalogue. ◂ and ▸ point to the run that puts the song higher, which is better. The count below says "
        "how often each run does. One listener proves little: the figures over all listeners stand beside."
    )

    def __init__(self, *, id: str) -> None:
        super().__init__(2, id=id)
        self._runs = ("", "")
        self._columns: tuple[Column, ...] = ()

    def show_held_out(self, comparison: Comparison) -> None:
        """Show the held-out songs of a comparison."""
        self._runs = comparison.one.run, comparison.other.run
        self._columns = self._lay_out_columns(comparison.held_out)
        self.show_shifts(comparison, tuple(sorted(comparison.held_out, key=_best)))
        self.link(None)
        if not comparison.held_out:
            self.say("Nothing of this listener is held out.", "Press x for anyone else.")

    def heading(self, width: int) -> Row:
        """Name the columns."""
        return heading(self._columns, width)

    def row(self, index: int, width: int) -> Row:
        """Draw one song."""
        shift = self._shifts[index]
        better = higher(shift)
        return row(
            self._columns,
            width,
            {
                "one": Cell(rank_text(shift.before), "good" if better == "◂" else "muted"),
                "higher": Cell(better, "good"),
                "other": Cell(rank_text(shift.after), "good" if better == "▸" else "muted"),
                "title": Cell(shift.song.title or f"#{shift.song.id}"),
                "artist": Cell(", ".join(shift.song.artists), "muted"),
            },
        )

    def about(self, shift: Shift) -> str:
        """Say how often each run puts a song higher; a song that was not held out has nothing to say here."""
        return self.told()

    def told(self) -> str:
        """Say how often each run puts a song higher."""
        if not self._shifts:
            return ""
        wins = [sum(higher(shift) == mark for shift in self._shifts) for mark in "◂▸"]
        return f"{self._runs[0]} {wins[0]} : {wins[1]} {self._runs[1]}"

    def _lay_out_columns(self, shifts: tuple[Shift, ...]) -> tuple[Column, ...]:
        longest = max((len(rank_text(rank)) for each in shifts for rank in (each.before, each.after)), default=0)
        return (
            Column("one", self._runs[0], max(longest, 7), right=True),
            Column("higher", "", 1),
            Column("other", self._runs[1], max(longest, 7)),
            Column("title", "title", 8, grow=3),
            Column("artist", "artist", 8, grow=2, needs=44),
        )


def _best(shift: Shift) -> float:
    return min((rank for rank in (shift.before, shift.after) if rank is not None), default=inf)


def higher(shift: Shift) -> str:
    """Return which way the run lies that puts a song higher: ◂ the one, ▸ the other, a blank where neither does."""
    if shift.before == shift.after:
        return " "
    if shift.before is None or (shift.after is not None and shift.after < shift.before):
        return "▸"
    return "◂"
