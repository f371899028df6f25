"""How metrics and their values are written wherever they are shown."""

from __future__ import annotations

from musicrec.core.records import Metric
from musicrec.core.tabular import Cell

BEYOND = ("artist_diversity", "popularity_lift", "gini")  # metrics of lists that have a table of their own
_NAMES = ("year", "position", "seed")  # whole numbers that nobody counts
_UPPER = ("hr", "ndcg", "map", "mrr", "auc", "f1")


def metric_figure(value: Metric) -> str:
    """Write a mean, and half the width of its interval where it has one."""
    if value.low is None or value.high is None:
        return f"{value.mean:.4f}"
    return f"{value.mean:.4f} ±{(value.high - value.low) / 2:.4f}"


def metric_title(name: str) -> str:
    """Write the name of a metric, such as `ndcg@10`, as people do: NDCG@10."""
    metric, at, k = name.partition("@")
    return f"{metric.upper() if metric in _UPPER else metric.replace('_', ' ').capitalize()}{at}{k}"


def shown_cell(cell: Cell, column: str) -> str:
    """Write a cell of a table for people: four places, and commas between thousands."""
    if column in _NAMES and cell is not None:
        return str(cell)
    if isinstance(cell, float):
        if 0 < abs(cell) < 0.001:
            return f"{cell:.3g}"
        return f"{cell:.4f}" if abs(cell) < 100 else f"{cell:,.1f}"
    return f"{cell:,}" if isinstance(cell, int) else cell or ""
