"""The same training over several seeds: how far a figure depends on the draw."""

from __future__ import annotations

import statistics
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace

from musicrec.core.dataset import Dataset
from musicrec.core.errors import NotFound, UsageError
from musicrec.core.models.configs import Config, config_of_run
from musicrec.core.places import Places
from musicrec.core.records import RunCard
from musicrec.core.runs import check_name, read_card
from musicrec.core.tabular import Sheet
from musicrec.core.training import METRIC
from musicrec.core.weights import check_dataset


@dataclass(frozen=True, slots=True)
class Series:
    """Runs that differ in their seed alone, with mean and standard deviation (n - 1) of their validation metric.

    `mean` is None where a run was not validated, `spread` also where there is one run alone.
    """

    name: str
    metric: str
    runs: tuple[RunCard, ...]
    mean: float | None
    spread: float | None


def seeds_of(config: Config, count: int) -> tuple[Config, ...]:
    """The configurations of a series: `count` seeds from the one of `config` on."""
    return tuple(replace(config, seed=config.seed + more) for more in range(count))


def run_of(series: str, config: Config) -> str:
    """The name of a run in a series."""
    return check_name(f"{series}-s{config.seed}")


def series_of(name: str, runs: tuple[RunCard, ...]) -> Series:
    """Sum up runs of a series."""
    scores = [card.metrics[METRIC] for card in runs if METRIC in card.metrics]
    whole = len(scores) == len(runs) > 0
    spread = statistics.stdev(scores) if whole and len(runs) > 1 else None
    return Series(name, METRIC, runs, statistics.fmean(scores) if whole else None, spread)


def earlier(places: Places, run: str, model: str, config: Config, data: Dataset) -> RunCard | None:
    """What is there of a run already: its card, or None.

    Raises UsageError where its name belongs to another training, WrongDataset where it was trained on another dataset.
    """
    try:
        card = read_card(places, run)
    except NotFound:
        return None
    check_dataset(card, data.name, data.fingerprint)
    there, wanted = asdict(config_of_run(card.model, card.config)), asdict(config)
    odd = [name for name in wanted if there.get(name) != wanted[name]]
    if card.model != model or odd:
        what = f"{odd[0]} {there[odd[0]]}" if card.model == model else f"model {card.model}"
        raise UsageError(f"run {run} exists already with {what}: choose another --name")
    return card


def train_series(
    name: str,
    model: str,
    configs: tuple[Config, ...],
    data: Dataset,
    places: Places,
    begin: Callable[[Config, str], RunCard],
    go_on: Callable[[str], RunCard],
    found: Callable[[RunCard], object],
) -> Series:
    """Train the runs of a series that are not there yet.

    `begin` trains one from nothing, `go_on` one that was stopped, `found` is told of each that is finished already.
    Ends early after one that is interrupted. Raises as `earlier` does, and UsageError for a seed that is too large,
    before anything is trained.
    """
    for config in configs:
        config.check(model)
    there = {run: earlier(places, run, model, config, data) for config in configs for run in [run_of(name, config)]}
    runs: list[RunCard] = []
    for config, (run, card) in zip(configs, there.items(), strict=True):
        if card is not None and card.status == "finished":
            found(card)
        else:
            card = begin(config, run) if card is None else go_on(run)
        runs.append(card)
        if card.status == "interrupted":
            break
    return series_of(name, tuple(runs))


def series_sheet(series: Series) -> Sheet:
    """One row a run; mean and spread in the notes."""
    shown = "validation NDCG@10"
    rows = tuple(
        (card.name, card.seed, card.metrics.get(series.metric), card.best_epoch, card.seconds) for card in series.runs
    )
    notes = () if series.mean is None else (f"{len(rows)} seeds: {shown} {series.mean:.4f}{_give_or_take(series)}",)
    return Sheet(f"Series {series.name}", ("run", "seed", shown, "pass", "seconds"), rows, notes)


def _give_or_take(series: Series) -> str:
    return "" if series.spread is None else f", standard deviation {series.spread:.4f}"
