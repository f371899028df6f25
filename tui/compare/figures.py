"""Both runs over all listeners: their stored test figures under one protocol, or how to get them."""

from __future__ import annotations

from typing import ClassVar

from rich.cells import cell_len

from musicrec.core.figures import metric_title
from musicrec.core.records import Evaluation, Metric
from musicrec.tui.bars import bar, span_bar
from musicrec.tui.cells import Cell, Row, fit
from musicrec.tui.compare.messages import Measuring
from musicrec.tui.panel import Panel

FIRST = "ndcg@10"  # the figure that comes first, with the others of its length of list
INTERVALS_FROM = 48  # cells
BARS_FROM = 76
HEADED_FROM = 3  # lines; a lower panel has one figure more in place of the names of the runs


class CompareFigures(Panel):
    """A line for each metric: one run at the left, the other at the right, as bars on one scale."""

    TITLE: ClassVar[str] = "All listeners"
    HELP: ClassVar[str] = (
        "Both runs measured alike on the held-out songs of all listeners; the protocol stands below. ± is half the "
        "bootstrap 95 % interval. ◂ and ▸ point to the higher figure where the two intervals do not touch, = stands "
        "where they do. The bars of a line have one scale. E measures both runs; escape stops that."
    )

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id)
        self._overall: tuple[Evaluation, Evaluation] | None = None
        self._progress: dict[str, Measuring] = {}
        self._rows: list[Row] = []

    def show_figures(self, overall: tuple[Evaluation, Evaluation] | None) -> None:
        """Show the figures of both runs; without them, how to get them."""
        self._overall, self._progress = overall, {}
        self.settle()
        self.set_titles(self.TITLE, overall[0].protocol.label if overall else "E evaluates both")
        if overall is None:
            self.say(
                "These two have not been measured alike yet.", "Press E to evaluate both. You can go on meanwhile."
            )

    def empty(self) -> None:
        """Have nothing to show yet."""
        self._overall, self._progress = None, {}
        self.set_titles(self.TITLE)
        self.say("")

    def begin(self) -> None:
        """Show that an evaluation has begun."""
        self._progress = {}
        self.set_titles("Evaluating", "escape stops it")
        self.say("Preparing the evaluation …")

    def show_progress(self, news: Measuring) -> None:
        """Show how far the evaluation has come."""
        self._progress[news.run] = news
        self.settle()

    def count(self) -> int:
        """Return the number of lines."""
        return len(self._rows)

    def row(self, index: int, width: int) -> Row:
        """Return a line."""
        return self._rows[index]

    def lay_out(self, width: int) -> None:
        """Arrange the lines."""
        if self._progress:
            self._rows = [_far(news, width) for news in reversed(self._progress.values())]
        elif self._overall is not None:
            one, other = self._overall
            names = [name for name in one.metrics if name in other.metrics and not name.startswith("user_coverage")]
            names.sort(key=lambda name: (name != FIRST, not name.endswith(FIRST[4:])))
            headed = self.scrollable_content_region.height >= HEADED_FROM
            self._rows = [_names(one.run, other.run, width)] if headed else []
            self._rows += [_figure(name, one.metrics[name], other.metrics[name], width) for name in names]
        else:
            self._rows = []


def verdict(one: Metric, other: Metric) -> str:
    """Return which way the higher figure lies, ◂ or ▸; = where the intervals touch, a blank where there are none."""
    if one.low is None or one.high is None or other.low is None or other.high is None:
        return " "
    return "◂" if one.low > other.high else "▸" if other.low > one.high else "="


def _sizes(width: int) -> tuple[int, int, int]:
    """Return the cells of a metric's name, of a figure and of a bar."""
    value = 14 if width >= INTERVALS_FROM else 7
    name = min(max(width - 2 * value - 5, 6), 22)
    rest = width - name - 2 * value - 5
    return name, value, max(rest - 2, 0) // 2 if width >= BARS_FROM else 0


def _names(one: str, other: str, width: int) -> Row:
    name, value, length = _sizes(width)
    room, gap = name + 1 + value, " " * (length + 1 if length else 0)
    left = fit(one, room, right=True) if cell_len(one) > value or not length else " " * (name + 1) + fit(one, value)
    return Cell(left, "muted"), Cell(f"{gap}   {gap}"), Cell(fit(other, value), "muted")


def _figure(metric: str, one: Metric, other: Metric, width: int) -> Row:
    name, value, length = _sizes(width)
    better, top = verdict(one, other), max(one.mean, other.mean) or 1.0
    left = right = ""
    if length:
        left = " " + span_bar(1 - one.mean / top, 1, 0, 1, length)
        right = bar(other.mean / top, length) + " "
    return (
        Cell(fit(metric_title(metric), name) + " ", "muted"),
        Cell(_value(one, value), _style(better, "◂")),
        Cell(left, "bar"),
        Cell(f" {better} ", "good"),
        Cell(right, "bar"),
        Cell(_value(other, value), _style(better, "▸")),
    )


def _style(better: str, side: str) -> str:
    return "good" if better == side else "plain"


def _value(metric: Metric, width: int) -> str:
    digits = 4 if metric.mean < 10 else 1
    text = f"{metric.mean:.{digits}f}"
    if metric.low is not None and metric.high is not None and width > 7:
        text += f" ±{(metric.high - metric.low) / 2:.{digits}f}"
    return fit(text, width)


def _far(news: Measuring, width: int) -> Row:
    count = f" {news.done:,} of {news.total:,}"
    name = fit(news.run, min(max(width // 3, 8), 20))
    length = max(width - len(count) - 1 - min(max(width // 3, 8), 20), 0)
    share = news.done / news.total if news.total else 0.0
    return Cell(name + " "), Cell(bar(share, length), "bar"), Cell(count, "muted")
