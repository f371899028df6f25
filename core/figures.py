"""How metrics and their values are written wherever they are shown."""

from __future__ import annotations

from musicrec.core.records import Metric

BEYOND = ("artist_diversity", "popularity_lift", "gini")  # metrics of lists that have a table of their own
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
