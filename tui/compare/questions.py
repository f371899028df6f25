"""What the compare place asks the explorer, each question put in a thread."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from musicrec.tui.compare.messages import Compared, Measured, Measuring, Side
from musicrec.tui.desk import Desk
from musicrec.tui.messages import Explained, Reply
from musicrec.tui.view import View

if TYPE_CHECKING:
    from musicrec.core.explorer import Explorer


@dataclass(frozen=True, slots=True)
class CompareQuestions:
    """What can be asked about two runs."""

    explorer: Explorer
    desk: Desk

    def compare(self, listener: str, view: View) -> None:
        """Ask what both runs of the view recommend: `Compared`."""

        def compare(number: int) -> Reply:
            assert view.run is not None
            assert view.other is not None
            found = self.explorer.compare(listener, view.run, view.other, view.k, view.filters)
            return Compared("compare", number, found)

        self.desk.ask("compare", compare)

    def why(self, side: Side, listener: str, song: str, run: str, after: float) -> None:
        """Ask why a song stands where it stands with one of the runs: `Explained` of the kind why-one or why-other."""
        kind = f"why-{side}"
        self.desk.ask(kind, lambda number: Explained(kind, number, self.explorer.explain(listener, song, run)), after)

    def measure(self, one: str, other: str) -> None:
        """Have both runs evaluated: `Measuring` again and again, then `Measured`."""

        def measure(number: int) -> Reply:
            def tell(run: str, done: int, total: int) -> None:
                self.desk.tell(Measuring("evaluate", number, run, done, total))

            self.explorer.evaluate([one, other], progress=tell)
            return Measured("evaluate", number)

        self.desk.ask("evaluate", measure)
