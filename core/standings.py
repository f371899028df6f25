"""Runs side by side under one protocol, with the baselines that every table must show."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial

import torch

from musicrec.core import distributed
from musicrec.core.cold import Chance
from musicrec.core.dataset import Dataset
from musicrec.core.errors import UsageError
from musicrec.core.evaluation import measure
from musicrec.core.measurements import check_weights, keep_measurement
from musicrec.core.models.base import FittedModel, Scorer
from musicrec.core.models.configs import config_for
from musicrec.core.models.registry import build
from musicrec.core.places import Places
from musicrec.core.protocols import ProtocolOptions, notices_for, tasks_for
from musicrec.core.records import Evaluation, RunCard
from musicrec.core.runs import weights_mark
from musicrec.core.scores import MODEL, FileScorer, ScoreFile
from musicrec.core.tasks import Task
from musicrec.core.weights import load_model

BASELINES = ("popularity", "itemknn")
_FULL = ProtocolOptions()


def standings(
    data: Dataset,
    places: Places,
    cards: Sequence[RunCard],
    options: ProtocolOptions = _FULL,
    *,
    scores: ScoreFile | None = None,
    device: torch.device | None = None,
    progress: Callable[[str, int, int], None] | None = None,
) -> tuple[Evaluation, ...]:
    """Evaluate runs on the same task, after popularity and item-kNN, and keep each run's figures in its folder.

    A baseline among the runs is not fitted a second time, and none is for each of several tasks, whose figures stand
    task by task. `scores` of another program are measured last. Raises UsageError where the options do not go with the
    protocol, MusicrecError where the dataset does not.
    """
    where = device or torch.device("cpu")
    if scores is not None and options.name == "cold-listeners":
        raise UsageError(f"{scores.name}: a file of scores knows no new listeners: choose another --protocol")
    tasks = tasks_for(data, options)
    table: list[list[Evaluation]] = [[] for _ in tasks]
    for each in _contenders(data, places, cards, options, scores, where):
        told = None if progress is None else _named(progress, each.run)
        for row, task in zip(table, tasks, strict=True):
            found = measure(each.scorer, data, task, each.run, each.model, each.device, told)
            evaluation = replace(found.evaluation, notices=(*each.notices(task), *found.evaluation.notices))
            row.append(evaluation)
            with distributed.failing_together():
                if each.kept:
                    check_weights(places, each.run, each.weights)
                if each.kept and distributed.current().leads:
                    keep_measurement(places, data.path, replace(found, evaluation=evaluation), each.weights)
        del each, found  # or each model would still be there while the next is loaded
    return tuple(evaluation for row in table for evaluation in row)


@dataclass(frozen=True, slots=True)
class _Contender:
    """What is measured, where, under which name, and what must be known of its figures.

    A run keeps them; `weights` is its `weights_mark` from before they were read.
    """

    scorer: Scorer
    device: torch.device
    run: str
    model: str
    notices: Callable[[Task], tuple[str, ...]]
    kept: bool = False
    weights: tuple[int, int, int] | None = None


def _contenders(
    data: Dataset,
    places: Places,
    cards: Sequence[RunCard],
    options: ProtocolOptions,
    scores: ScoreFile | None,
    device: torch.device,
) -> Iterator[_Contender]:
    if options.name in ("cold-songs", "cold-listeners"):  # where some models can tell nothing
        chance = Chance(data.song_count, options.seed, device)
        yield _Contender(chance, device, "(chance)", "random", lambda task: ())
    for name in [name for name in BASELINES if name not in {card.model for card in cards}]:
        yield _Contender(baseline(name, data, device), device, f"({name})", name, lambda task: ())
    for card in cards:
        yield _of_run(data, places, card, device)
    if scores is not None:
        scorer = FileScorer(scores, data.song_count)
        yield _Contender(scorer, torch.device("cpu"), scores.name, MODEL, scores.notices)


def _of_run(data: Dataset, places: Places, card: RunCard, device: torch.device) -> _Contender:
    with distributed.failing_together():
        weights = weights_mark(places, card.name)
        scorer = load_model(places, card, data, device).scorer(data)
    return _Contender(scorer, device, card.name, card.model, partial(notices_for, card), True, weights)


def baseline(name: str, data: Dataset, device: torch.device) -> Scorer:
    """Fit popularity or item-kNN with its defaults."""
    model = build(name, config_for(name), data)
    assert isinstance(model, FittedModel)
    model.fit(data)
    return model.to(device).eval().scorer(data)


def _named(progress: Callable[[str, int, int], None], name: str) -> Callable[[int, int], None]:
    return lambda done, total: progress(name, done, total)
