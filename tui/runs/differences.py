"""In what two runs differ."""

from __future__ import annotations

from itertools import zip_longest
from typing import ClassVar

from rich.cells import cell_len

from musicrec.core.pages import Difference
from musicrec.tui.cells import Cell, Row, fit, wrap
from musicrec.tui.panel import Panel
from musicrec.tui.runs.values import shown


class RunDifferences(Panel):
    """Parameters in which the run under the cursor differs from the marked one, or from the one that is loaded."""

    TITLE: ClassVar[str] = "Differences"
    HELP: ClassVar[str] = (
        "Parameters in which the run under the cursor (left) differs from the one marked with space (right); where "
        "none is marked, from the run that is loaded. A dash is a parameter that the other model does not have."
    )

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._names = ("", "")
        self._differences: tuple[Difference, ...] = ()
        self._rows: list[Row] = []

    def show_differences(self, one: str, other: str, differences: tuple[Difference, ...]) -> None:
        """Show in what two runs differ."""
        self._names, self._differences = (one, other), differences
        self.set_titles(self.TITLE, f"{len(differences):,} to {other}" if differences else "")
        self.settle()
        if not differences:
            self.say(f"{one} and {other} do not differ in any parameter.", "Press c to compare what they recommend.")

    def clear(self, text: str, way_on: str = "") -> None:
        """Have nothing to compare."""
        self._differences = ()
        self.set_titles(self.TITLE)
        self.say(text, way_on)

    def count(self) -> int:
        """Return the number of lines."""
        return len(self._rows)

    def row(self, index: int, width: int) -> Row:
        """Return a line."""
        return self._rows[index]

    def lay_out(self, width: int) -> None:
        """Arrange the names of both runs and the parameters."""
        self._rows = []
        if width <= 0 or not self._differences:
            return
        named = max(cell_len(difference.name) for difference in self._differences) + 1
        left = min(named, max(width * 2 // 5, 8))
        sides = (width - left - 1) // 2
        names = [Cell(fit(name, sides) + " ", "strong") for name in self._names]
        self._rows = [(Cell(" " * left), *names)]
        for each in self._differences:
            self._rows += _lines(each.name, shown(each.one), shown(each.other), left, sides)


def _lines(name: str, one: str, other: str, left: int, side: int) -> list[Row]:
    sides = [wrap(text, side) for text in (one, other)]
    return [
        (
            Cell(fit("" if number else name, left - 1) + " ", "muted"),
            Cell(fit(mine, side) + " "),
            Cell(fit(others, side)),
        )
        for number, (mine, others) in enumerate(zip_longest(*sides, fillvalue=""))
    ]
