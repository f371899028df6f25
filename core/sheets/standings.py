"""Figures of runs as tables: for people, and for programs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from musicrec.core.figures import BEYOND, metric_figure, metric_title
from musicrec.core.records import Evaluation
from musicrec.core.tabular import Sheet


def standings_sheets(evaluations: Sequence[Evaluation], whole: bool = False) -> list[Sheet]:
    """One table for each k, each with the protocol under it; the same run after different numbers of plays in each.

    If the `whole` is wanted, all that is measured beyond accuracy stands in a second one for each k.
    """
    if not evaluations:
        return []
    protocol, shown = evaluations[0].protocol, any(each.protocol.first_plays is not None for each in evaluations)
    notes: tuple[str, ...] = (
        (replace(protocol, first_plays=None) if shown else protocol).label,
        "± is half the bootstrap 95 % interval over listeners",
    )
    if protocol.candidates == "sampled":
        notes = (*notes, "sampled figures can rank models differently from full ranking: compare with papers only")
    notes = (*notes, *_notices(evaluations))
    sheets = []
    for k in protocol.ks:
        names = [n for n in evaluations[0].metrics if n.endswith(f"@{k}") or n == "auc"]
        names = [n for n in names if all(n in each.metrics for each in evaluations)]  # stored ones may have fewer
        if f"hr@{k}" in names:
            names = [n for n in names if not n.startswith("user_coverage")]  # the same number as the hit rate
        plays = [(each.protocol.first_plays,) if shown else () for each in evaluations]
        more = [name for name in names if name.startswith(("novelty", "catalogue_coverage") if whole else ())]
        more += [name for name in names if name.startswith(BEYOND)]
        accuracy = [name for name in names if name not in more]
        for title, chosen in ((f"At {k}", accuracy), (f"Beyond accuracy at {k}", more)):
            if chosen is more and not (whole and more):
                continue
            rows = (
                (each.run, each.model, *first, *(metric_figure(each.metrics[name]) for name in chosen))
                for each, first in zip(evaluations, plays, strict=True)
            )
            titles = ("run", "model", *(("plays shown",) if shown else ()), *map(metric_title, chosen))
            sheets.append(Sheet(title, titles, tuple(rows), notes))
    return sheets


def standings_long(evaluations: Sequence[Evaluation]) -> Sheet:
    """One row a figure, with its whole protocol."""
    columns = ("run", "model", "split", "candidates", "negatives", "seed", "listeners", "songs", "metric", "k")
    rows = []
    for each in evaluations:
        p = each.protocol
        told = (each.run, each.model, p.split, p.candidates, p.negatives, p.seed, p.listeners, p.songs)
        more = (p.name, p.first_plays, "; ".join(each.notices) or None)
        for name, figure in each.metrics.items():
            metric, _, k = name.partition("@")
            rows.append((*told, metric, int(k) if k else None, figure.mean, figure.low, figure.high, *more))
    more_columns = ("mean", "low", "high", "protocol", "first_plays", "notices")
    return Sheet("Standings", (*columns, *more_columns), tuple(rows))


def _notices(evaluations: Sequence[Evaluation]) -> tuple[str, ...]:
    told: dict[str, None] = {}
    for each in evaluations:
        after = "" if each.protocol.first_plays is None else f", {each.protocol.first_plays} plays shown"
        told |= dict.fromkeys(f"{each.run}{after}: {notice}" for notice in each.notices)
    return tuple(told)
