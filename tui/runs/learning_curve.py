"""How training went, pass by pass: loss and validation, drawn and in numbers, also while it runs."""

from __future__ import annotations

from typing import ClassVar

from musicrec.core.pages import RunPage
from musicrec.core.watch import Epoch
from musicrec.tui.bars import bar, sparkline
from musicrec.tui.cells import Cell, Row, fit, wrap
from musicrec.tui.columns import Column, heading, row
from musicrec.tui.panel import Panel
from musicrec.tui.runs.curves import Point, chart, number
from musicrec.tui.runs.training import Training

BESIDE = 68  # cells from which both charts stand beside each other
GAP = 3  # cells between them
STACKED = 14  # lines from which they stand under each other
TOLD = 19  # cells of the words beside a sparkline
DRAWN = 6  # lines from which there is a chart at all
NDCG = "NDCG@10"
COLUMNS: tuple[Column, ...] = (
    Column("epoch", "pass", 4, right=True),
    Column("loss", "loss", 7, right=True),
    Column("validation", NDCG, 7, right=True),
    Column("best", "", 4),
    Column("seconds", "seconds", 8, needs=44, right=True),
    Column("speed", "samples/s", 10, needs=56, right=True),
)


class LearningCurve(Panel):
    """Loss and validation NDCG@10 over the passes; the best pass is marked."""

    TITLE: ClassVar[str] = "Learning curve"
    HELP: ClassVar[str] = (
        "The mean training loss of each pass, and NDCG@10 on the validation split after it. The weights of the best "
        "pass are the run. Under the charts stand the same numbers: scroll down, or press z."
    )

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._epochs: tuple[Epoch, ...] = ()
        self._training: Training | None = None
        self._rows: list[Row] = []

    def show_page(self, page: RunPage) -> None:
        """Show how the training of a run went."""
        self._epochs, self._training = page.epochs, None
        best = _best(page.epochs)
        told = f"best pass {best.epoch} of {len(page.epochs)}" if best else ""
        self._begin(told)
        if not page.epochs:
            self.say(f"{page.card.model} has no passes: it is computed in one go.")

    def show_training(self, training: Training) -> None:
        """Show how a training goes."""
        self._epochs, self._training = training.epochs, training
        if training.problem is not None:
            self.set_titles(self.TITLE)
            self.fail(training.problem, "Press n to try again, X to forget it.")
            return
        if training.epochs:
            self._begin(f"{len(training.epochs)} of {training.passes} passes")
        else:
            self._begin("")

    def clear(self, text: str = "") -> None:
        """Have nothing to show."""
        self._epochs, self._training = (), None
        self.set_titles(self.TITLE)
        self.say(text)

    def count(self) -> int:
        """Return the number of lines."""
        return len(self._rows)

    def row(self, index: int, width: int) -> Row:
        """Return a line."""
        return self._rows[index]

    def lay_out(self, width: int) -> None:
        """Arrange progress, charts and numbers."""
        if width <= 0:
            return
        height = self.scrollable_content_region.height
        self._rows = _progress(self._training, width, height) if self._training else []
        if not self._epochs:
            return
        best, room = _best(self._epochs), height - len(self._rows)
        last = max(self._training.passes if self._training else 0, len(self._epochs))
        if len(self._epochs) == 1:
            self._rows += [(Cell(line),) for line in wrap(_sentence(self._epochs[0]), width)]
            return
        self._rows += _charts(self._epochs, last, width, room) if room >= DRAWN else _sparklines(self._epochs, width)
        self._rows += [(), heading(COLUMNS, width), *(_numbers(each, each is best, width) for each in self._epochs)]

    def _begin(self, told: str) -> None:
        self.set_titles(self.TITLE, told)
        self.settle()


def _best(epochs: tuple[Epoch, ...]) -> Epoch | None:
    return next((epoch for epoch in reversed(epochs) if epoch.best and epoch.validation is not None), None)


def _sentence(epoch: Epoch) -> str:
    judged = "" if epoch.validation is None else f", validation {NDCG} {epoch.validation:.4f}"
    return f"One pass: loss {number(epoch.loss)}{judged}, {epoch.seconds:.1f} s."


def _progress(training: Training, width: int, height: int) -> list[Row]:
    percent = f" {training.share:.0%}"
    length = max(width - 6, 1)
    drawn = (Cell(fit(bar(training.share, length), length), "bar"), Cell(fit(percent, 6), "strong"))
    words = " · ".join(training.words)
    lines = wrap(words, width) if height >= DRAWN else [fit(words, width)]
    return [drawn, *((Cell(line),) for line in lines)]


def _charts(epochs: tuple[Epoch, ...], last: int, width: int, height: int) -> list[Row]:
    losses = [(epoch.epoch, epoch.loss) for epoch in epochs]
    judged = [(epoch.epoch, epoch.validation) for epoch in epochs if epoch.validation is not None]
    best = _best(epochs)
    mark = None if best is None else best.epoch
    if len(judged) < 2:
        return _titled("loss", losses, last, width, height, mark, "note")
    if width >= BESIDE:
        left = (width - GAP) // 2
        one = _titled("loss", losses, last, left, height, mark, "note")
        other = _titled(NDCG, judged, last, width - GAP - left, height, mark, "bar")
        return [(*a, Cell(" " * GAP), *b) for a, b in zip(one, other, strict=True)]
    if height >= STACKED:
        upper = height // 2
        return [
            *_titled("loss", losses, last, width, upper, mark, "note"),
            *_titled(NDCG, judged, last, width, height - upper, mark, "bar"),
        ]
    return _titled(NDCG, judged, last, width, height, mark, "bar", f"loss {number(losses[-1][1])}")


def _titled(
    name: str, points: list[Point], last: int, width: int, height: int, mark: int | None, style: str, more: str = ""
) -> list[Row]:
    at_best = next((value for at, value in points if at == mark), points[-1][1])
    head = f"{name} {number(at_best)}" + (f" in pass {mark}" if mark is not None else "")
    rest = fit(f" · {more}" if more else "", max(width - len(head), 0))
    rows: list[Row] = [(Cell(fit(head, min(len(head), width)), "strong"), Cell(rest, "muted"))]
    drawn = chart(points, last, width, height - 1, mark=mark, style=style)
    return rows + (drawn or [()] * (height - 1))


def _sparklines(epochs: tuple[Epoch, ...], width: int) -> list[Row]:
    best = _best(epochs)
    judged = [epoch.validation for epoch in epochs if epoch.validation is not None]
    told = f"{number(best.validation)} in pass {best.epoch}" if best and best.validation is not None else ""
    losses = [epoch.loss for epoch in epochs]
    rows = [_spark(NDCG, judged, told, width, "bar")] if judged else []
    return [*rows, _spark("loss", losses, f"{number(losses[0])} to {number(losses[-1])}", width, "note")]


def _spark(name: str, values: list[float], told: str, width: int, style: str) -> Row:
    room = min(max(width - 9 - TOLD, 1), len(values))
    values = [values[place * (len(values) - 1) // max(room - 1, 1)] for place in range(room)]
    low, high = min(values), max(values)
    drawn = sparkline([(value - low) / ((high - low) or 1.0) for value in values])
    return Cell(fit(name, 8) + " ", "muted"), Cell(drawn, style), Cell(fit(f" {told}", width - 9 - len(drawn)))


def _numbers(epoch: Epoch, best: bool, width: int) -> Row:
    cells = {
        "epoch": Cell(str(epoch.epoch), "muted"),
        "loss": Cell(number(epoch.loss)),
        "validation": Cell("" if epoch.validation is None else f"{epoch.validation:.4f}"),
        "best": Cell("best" if best else "", "good"),
        "seconds": Cell(f"{epoch.seconds:,.1f}", "muted"),
        "speed": Cell(f"{epoch.samples_per_second:,.0f}", "muted"),
    }
    return row(COLUMNS, width, cells)
