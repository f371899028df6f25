"""The dialog that switches to another run."""

from __future__ import annotations

from typing import ClassVar

from rich.cells import cell_len
from textual.app import ComposeResult

from musicrec.core.records import RunCard
from musicrec.tui.cells import Cell, Row, fit
from musicrec.tui.columns import Column, heading, row, width_of
from musicrec.tui.dialogs.dialog import Dialog
from musicrec.tui.row_list import RowList

COLUMNS: tuple[Column, ...] = (
    Column("here", "", 1),
    Column("name", "run", 12, grow=3),
    Column("model", "model", 10),
    Column("ndcg", "NDCG@10", 8, right=True),
    Column("epochs", "epoch", 6, needs=54, right=True),
    Column("trained", "trained", 16, needs=72),
)


class RunList(RowList):
    """The runs, newest first; those that cannot be used are grey and say why."""

    TITLE: ClassVar[str] = "Runs"
    HELP: ClassVar[str] = "Runs of this dataset with the NDCG@10 of their best epoch on the validation split."

    def __init__(self, runs: tuple[RunCard, ...], current: str | None) -> None:
        super().__init__(id="run-list")
        self._runs = runs
        self._current = current
        self.set_titles(self.TITLE, "enter loads · escape closes")

    def on_mount(self) -> None:
        """Begin on the run that is loaded."""
        self.settle()
        if not self._runs:
            self.say("There is no run of this dataset yet.", "Train one: musicrec train dtnmr")
        names = [run.name for run in self._runs]
        self.cursor = names.index(self._current) if self._current in names else 0

    def count(self) -> int:
        """Return the number of runs."""
        return len(self._runs)

    def heading(self, width: int) -> Row:
        """Name the columns."""
        return heading(COLUMNS, width)

    def row(self, index: int, width: int) -> Row:
        """Draw one run, or why it cannot be used."""
        run = self._runs[index]
        if run.problem is not None:
            return _unusable(run.name, run.problem, width)
        metric = run.metrics.get("ndcg@10")
        cells = {
            "here": Cell("▸" if run.name == self._current else "", "bar"),
            "name": Cell(run.name, "strong"),
            "model": Cell(run.model),
            "ndcg": Cell("" if metric is None else f"{metric:.4f}"),
            "epochs": Cell(f"{run.best_epoch}/{run.epochs}", "muted"),
            "trained": Cell(f"{run.created:%Y-%m-%d %H:%M}", "muted"),
        }
        return row(COLUMNS, width, cells)

    def cursor_moved(self) -> None:
        """Tell what is wrong with the run under the cursor."""
        run = self._runs[self.cursor] if self._runs else None
        self.set_titles(self.TITLE, run.problem if run and run.problem else "enter loads · escape closes")

    def chosen(self) -> None:
        """Close the dialog with the run, if it can be used."""
        run = self._runs[self.cursor]
        if run.problem is None:
            self.screen.dismiss(run.name)
        else:
            self.app.bell()


def _unusable(name: str, problem: str, width: int) -> Row:
    size = min(width_of(COLUMNS, "name", width), max(cell_len(name), 12))
    named = f"  {fit(name, size)}  "
    return Cell(named, "muted"), Cell(fit(problem, max(width - cell_len(named), 0)), "note")


class RunsDialog(Dialog[str]):
    """Choose a run; the answer is its name."""

    def __init__(self, runs: tuple[RunCard, ...], current: str | None) -> None:
        super().__init__()
        self._runs, self._current = runs, current

    def compose(self) -> ComposeResult:
        """Hold the list."""
        yield RunList(self._runs, self._current)
