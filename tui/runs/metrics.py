"""The figures of a run: every stored evaluation with its protocol, and the one under way."""

from __future__ import annotations

from typing import ClassVar

from rich.cells import cell_len

from musicrec.core.figures import metric_title
from musicrec.core.pages import RunPage
from musicrec.core.records import Evaluation, Metric
from musicrec.tui.bars import bar
from musicrec.tui.cells import Cell, Row, fit, wrap
from musicrec.tui.panel import Panel
from musicrec.tui.runs.messages import Evaluating

LOW = 6  # lines; a lower panel has the protocol in one
INTERVAL = 8  # cells of ±0.0056
SHORTEST, LONGEST = 4, 24  # cells of a bar


class RunMetrics(Panel):
    """Metrics with their 95 % intervals, protocol by protocol."""

    TITLE: ClassVar[str] = "Figures"
    HELP: ClassVar[str] = (
        "Every evaluation that the run keeps: means over listeners, ± half of their bootstrap 95 % interval. The bars "
        "go from 0 to 1. Figures can be compared under the same protocol only: the line above them names it. E "
        "evaluates the run on the test split, ranking all songs."
    )

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._page: RunPage | None = None
        self._evaluating: Evaluating | None = None
        self._rows: list[Row] = []

    def show_page(self, page: RunPage) -> None:
        """Show the figures of a run."""
        self._page = page
        count = len(page.evaluations)
        self.set_titles(self.TITLE, f"{count} evaluation{'' if count == 1 else 's'}" if count else "")
        self.settle()

    def show_progress(self, evaluating: Evaluating | None) -> None:
        """Show how far an evaluation is; None when it is over."""
        self._evaluating = evaluating
        if not self.is_waiting:
            self.settle()

    def clear(self, text: str = "") -> None:
        """Have no run to show figures of."""
        self._page = None
        self.set_titles(self.TITLE)
        if self._evaluating is None:
            self.say(text)
        else:
            self.settle()

    def count(self) -> int:
        """Return the number of lines."""
        return len(self._rows)

    def row(self, index: int, width: int) -> Row:
        """Return a line."""
        return self._rows[index]

    def lay_out(self, width: int) -> None:
        """Arrange progress, evaluations and what to do where there is none."""
        if width <= 0:
            return
        self._rows = _progress(self._evaluating, width) if self._evaluating else []
        page = self._page
        if page is None:
            return
        if not page.evaluations and self._evaluating is None:
            self._rows += _missing(page, width)
        for number, evaluation in enumerate(page.evaluations):
            self._rows += [()] if number else []
            self._rows += _evaluation(evaluation, width, self.scrollable_content_region.height < LOW)


def _progress(evaluating: Evaluating, width: int) -> list[Row]:
    share = evaluating.done / evaluating.total if evaluating.total else 0.0
    length = min(max(width // 3, SHORTEST), LONGEST)
    counted = f" {evaluating.done:,} of {evaluating.total:,} listeners" if evaluating.total else " beginning …"
    by = evaluating.run if evaluating.scorer in ("", evaluating.run) else f"{evaluating.run}: {evaluating.scorer} first"
    return [
        (Cell(fit(f"Evaluating {by}", width), "strong"),),
        (Cell(bar(share, length), "bar"), Cell(fit(counted, width - length), "muted")),
        (Cell(fit("escape cancels", width), "muted"),),
        (),
    ]


def _missing(page: RunPage, width: int) -> list[Row]:
    rows: list[Row] = [(Cell(line, "muted"),) for line in wrap("Not evaluated yet.", width)]
    if page.card.problem is None:
        rows += [(Cell(line),) for line in wrap("Press E to evaluate it on the test split.", width)]
    return rows


def _evaluation(evaluation: Evaluation, width: int, low: bool) -> list[Row]:
    label = evaluation.protocol.label
    lines = [fit(label, width)] if low else wrap(label, width)
    lines += [line for notice in evaluation.notices for line in wrap(notice, width)]
    rows: list[Row] = [(Cell(line, "muted"),) for line in lines]
    named = {metric_title(key.removeprefix("catalogue_")): metric for key, metric in evaluation.metrics.items()}
    name = min(max(map(cell_len, named), default=0) + 1, max(width - 16, 8))
    return rows + [_figure(title, metric, name, width) for title, metric in named.items()]


def _figure(title: str, metric: Metric, name: int, width: int) -> Row:
    half = "" if metric.low is None or metric.high is None else f"±{(metric.high - metric.low) / 2:.4f}"
    mean = fit(f"{metric.mean:.4f}", 7, right=True)
    rest = width - name - 7 - 1 - INTERVAL
    length = min(rest, LONGEST)
    drawn = Cell(bar(metric.mean, length) if length >= SHORTEST else "", "bar")
    return Cell(fit(title, name)), Cell(mean, "strong"), Cell(" " + fit(half, INTERVAL), "muted"), drawn
