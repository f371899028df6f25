"""The lines at the top of the compare place: for whom, and how far both runs agree."""

from __future__ import annotations

from rich.cells import cell_len

from musicrec.core.pages import Comparison
from musicrec.core.records import Listener
from musicrec.tui.cells import Cell, Row, fit
from musicrec.tui.panel import Panel
from musicrec.tui.people import facts_of, name_of
from musicrec.tui.view import View

SHARE = 10  # cells of the bar of shared songs


class CompareHead(Panel, can_focus=False):
    """Two lines: the listener; the shared songs, or what there is in their place."""

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id)
        self._listener: Listener | None = None
        self._runs: tuple[str, str] | None = None
        self._comparison: Comparison | None = None

    def introduce(self, view: View) -> None:
        """Show whom and what the view is about; the agreement shown before stays until there is a new one."""
        self._listener = view.listener
        self._runs = (view.run, view.other) if view.run and view.other else None
        if self._listener is None or self._runs is None:
            self._comparison = None
        self.refresh()

    def tell(self, comparison: Comparison | None) -> None:
        """Show how far the runs agree."""
        self._comparison = comparison
        self.settle()

    def count(self) -> int:
        """Return the number of lines."""
        return 2

    def row(self, index: int, width: int) -> Row:
        """Draw a line."""
        return self._who(width) if index == 0 else self._agreement(width)

    def _who(self, width: int) -> Row:
        listener = self._listener
        if listener is None:
            return (Cell("Nobody is chosen yet.", "muted"),)
        name = fit(name_of(listener), width).rstrip()
        plays = f" · {listener.plays:,} play{'' if listener.plays == 1 else 's'}" if listener.plays else " · no plays"
        facts = plays + "".join(f" · {fact}" for fact in facts_of(listener))
        return Cell(name, "strong"), Cell(fit(facts, max(width - cell_len(name), 0)), "muted")

    def _agreement(self, width: int) -> Row:
        if self._comparison is None or self._runs is None:
            return ()
        found = self._comparison
        longest = max(len(found.one.items), len(found.other.items))
        full = round(SHARE * found.shared / longest) if longest else 0
        shared = f" {found.shared} of {longest}"
        jaccard = f" · Jaccard {found.jaccard:.2f}" if found.jaccard is not None else ""
        order = "" if found.correlation is None else f"{found.correlation:+.2f}"
        long = f" songs in both{jaccard}" + (f" · rank correlation {order}" if order else "")
        short = f" in both{jaccard}" + (f" · order {order}" if order else "")
        room = max(width - SHARE - len(shared), 0)
        return (
            Cell("█" * full, "bar"),
            Cell("░" * (SHARE - full), "muted"),
            Cell(shared, "strong"),
            Cell(fit(long if len(long) <= room else short, room)),
        )
