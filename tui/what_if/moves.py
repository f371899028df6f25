"""The recommendations after an edit, each with the way it came."""

from __future__ import annotations

from typing import ClassVar

from rich.cells import cell_len
from textual.binding import Binding, BindingType

from musicrec.core.drafts import Filters
from musicrec.core.pages import Shift, WhatIf
from musicrec.core.records import Recommendations
from musicrec.tui.cells import Cell, Row, fit
from musicrec.tui.ranking import Ranking

LEAST = 3  # cells of a move
NEEDED = 44  # cells that the rest of a row needs before moves are written in full


class Moves(Ranking):
    """The ranking for a draft; the first column tells how far each song came."""

    TITLE: ClassVar[str] = "Recommendations"
    HELP: ClassVar[str] = (
        "What is recommended after the edits. The first column says how far a song came: ▲3 three places up, ▼2 two "
        "places down, = where it was. Places beyond the end of the former list count, too; new is what could not be "
        "recommended before. " + Ranking.HELP
    )

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("a", "add", "Add", id="song.add", tooltip="Add this song to the playlist"),
    ]

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._answer: WhatIf | None = None
        self._widths = (LEAST, LEAST)  # of moves without former ranks, and with them

    def show(self, answer: WhatIf, filters: Filters) -> None:
        """Show a new answer. As long as the listener is the same, the cursor stays on its row.

        Where the cursor is in use it stays on its song, and on its row only if the song has gone.
        """
        before, song, place = self._answer, self.song, self.cursor
        self._answer = answer
        texts = [(_short(shift), _long(shift, self._listed)) for shift in answer.shifts]
        short, long = (max([LEAST, *map(cell_len, column)]) for column in zip(*texts, strict=True)) if texts else (3, 3)
        self._widths = (short, long)
        self.show_ranking(answer.after, filters)
        if before is not None and before.draft.listener.id == answer.draft.listener.id:
            used = song if self.has_focus else None
            found = (index for index, item in enumerate(self._items) if used is not None and item.song.id == used.id)
            self.cursor = next(found, place)

    def heading(self, width: int) -> Row:
        """Name the columns."""
        moves = self._moves_width(width)
        return (
            Cell(fit("move" if moves > LEAST else "", moves), "muted"),
            Cell(" "),
            *super().heading(width - moves - 1),
        )

    def row(self, index: int, width: int) -> Row:
        """Draw one recommendation."""
        moves = self._moves_width(width)
        rest = super().row(index, width - moves - 1)
        if self._answer is None or index >= len(self._answer.shifts):
            return Cell(fit("", moves + 1)), *rest
        shift = self._answer.shifts[index]
        text = _short(shift) if moves == self._widths[0] else _long(shift, self._listed)
        return Cell(fit(text, moves), style_of(shift)), Cell(" "), *rest

    @property
    def _listed(self) -> int:
        return len(self._answer.before.items) if self._answer is not None else 0

    def _moves_width(self, width: int) -> int:
        short, long = self._widths
        return long if width > long + NEEDED else short

    def _measured(self, recommendations: Recommendations, hits: int) -> str:
        shifts = self._answer.shifts if self._answer is not None else ()
        came = sum(shift.before is None or shift.before > self._listed for shift in shifts)
        measured = super()._measured(recommendations, hits)
        return f"{came} came in · {measured}" if came else measured


def style_of(shift: Shift) -> str:
    """Return the style of a move: up, down, from nowhere or none."""
    if shift.before is None or shift.after is None:
        return "note"
    if shift.before == shift.after:
        return "muted"
    return "good" if shift.after < shift.before else "negative"


def _long(shift: Shift, listed: int) -> str:
    if shift.before is None or shift.after is None or shift.before <= listed:
        return _short(shift)
    return f"{_arrow(shift.before, shift.after)}{abs(shift.before - shift.after):,} from {shift.before:,}"


def _short(shift: Shift) -> str:
    if shift.before is None or shift.after is None:
        return "new"
    if shift.before == shift.after:
        return "="
    places = abs(shift.before - shift.after)
    return _arrow(shift.before, shift.after) + (str(places) if places < 10_000 else f"{places // 1000}k")


def _arrow(before: int, after: int) -> str:
    return "▲" if after < before else "▼"
