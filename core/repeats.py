"""Runs that differ in nothing but their seed: how far figures depend on the draw."""

from __future__ import annotations

import json
import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import takewhile

from musicrec.core.figures import BEYOND, metric_title
from musicrec.core.places import Places
from musicrec.core.records import Evaluation, Protocol, RunCard
from musicrec.core.runs import list_runs, read_evaluations
from musicrec.core.tabular import Sheet


@dataclass(frozen=True, slots=True)
class Spread:
    """Mean of a figure over seeds, and its standard deviation (n − 1)."""

    mean: float
    deviation: float


@dataclass(frozen=True, slots=True)
class Repeat:
    """Finished runs of one model, dataset and configuration under one protocol, a seed each."""

    name: str
    model: str
    runs: tuple[str, ...]
    seeds: tuple[int, ...]
    protocol: Protocol
    metrics: dict[str, Spread]


def repeats(cards: Iterable[RunCard], evaluations: Sequence[Evaluation]) -> tuple[Repeat, ...]:
    """Sum up every group of two or more of these runs over their seeds, under each protocol that they share.

    Of runs with the same seed the first counts.
    """
    groups: dict[str, dict[int, RunCard]] = {}
    for card in cards:
        if card.status == "finished" and card.problem is None:
            groups.setdefault(_alike(card), {}).setdefault(card.seed, card)
    found = []
    for group in groups.values():
        members = {card.name: card for _, card in sorted(group.items())}
        protocols = dict.fromkeys(each.protocol for each in evaluations if each.run in members)
        for protocol in protocols:
            measured = {each.run: each for each in evaluations if each.run in members and each.protocol == protocol}
            if len(measured) > 1:
                found.append(_repeat([members[name] for name in members if name in measured], measured, protocol))
    return tuple(found)


def repeats_of(places: Places, cards: Iterable[RunCard]) -> tuple[Repeat, ...]:
    """Sum up the stored figures of all runs that differ from one of `cards` in their seed alone, or not at all."""
    wanted = {_alike(card) for card in cards}
    kin = [card for card in list_runs(places) if card.problem is None and _alike(card) in wanted]
    return repeats(kin, [each for card in kin for each in read_evaluations(places, card.name)])


def _alike(card: RunCard) -> str:
    config = {name: value for name, value in card.config.items() if name != "seed"}
    return json.dumps([card.model, card.fingerprint, config], sort_keys=True, default=str)


def _repeat(cards: Sequence[RunCard], measured: dict[str, Evaluation], protocol: Protocol) -> Repeat:
    runs = tuple(card.name for card in cards)
    several = [measured[run].metrics for run in runs]
    metrics = {}
    for name in several[0]:
        if all(name in each for each in several):
            values = [each[name].mean for each in several]
            metrics[name] = Spread(statistics.fmean(values), statistics.stdev(values))
    return Repeat(_stem(runs), cards[0].model, runs, tuple(card.seed for card in cards), protocol, metrics)


def _stem(runs: Sequence[str]) -> str:
    # ncf-s7 and ncf-s8 are ncf
    common = "".join(letters[0] for letters in takewhile(lambda each: len(set(each)) == 1, zip(*runs, strict=False)))
    return common.rstrip("0123456789").removesuffix("-s").rstrip("-._+") or f"{runs[0]} and {len(runs) - 1} more"


def repeats_sheets(found: Sequence[Repeat]) -> list[Sheet]:
    """One table for each protocol and k, one row a group of runs."""
    tables: dict[Protocol, list[Repeat]] = {}
    for each in found:
        tables.setdefault(each.protocol, []).append(each)
    return [_sheet(group, k) for protocol, group in tables.items() for k in protocol.ks]


def _sheet(found: Sequence[Repeat], k: int) -> Sheet:
    names = [name for name in found[0].metrics if "@" not in name or name.endswith(f"@{k}")]
    names = [name for name in names if not name.startswith(("user_coverage", *BEYOND))]
    rows = tuple(
        (
            each.name,
            each.model,
            len(each.seeds),
            *(_spread(each.metrics[name]) if name in each.metrics else None for name in names),
        )
        for each in found
    )
    members = (f"{each.name}: {', '.join(each.runs)}" for each in found)
    notes = (found[0].protocol.label, "± is the standard deviation over seeds", *members)
    return Sheet(f"Over seeds, at {k}", ("runs", "model", "seeds", *map(metric_title, names)), rows, notes)


def _spread(value: Spread) -> str:
    return f"{value.mean:.4f} ±{value.deviation:.4f}"
