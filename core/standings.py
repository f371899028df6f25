"""Runs side by side under one protocol, with the baselines that every table must show."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch

from musicrec.core.dataset import Dataset, Held
from musicrec.core.evaluation import SEED, evaluate, make_task, measure
from musicrec.core.measurements import keep_measurement
from musicrec.core.models.base import FittedModel, Scorer
from musicrec.core.models.configs import config_for
from musicrec.core.models.registry import build
from musicrec.core.places import Places
from musicrec.core.records import Evaluation, RunCard
from musicrec.core.weights import load_model

BASELINES = ("popularity", "itemknn")


def standings(
    data: Dataset,
    places: Places,
    cards: Sequence[RunCard],
    *,
    split: Held = "test",
    ks: tuple[int, ...] = (5, 10, 20),
    negatives: int | None = None,
    seed: int = SEED,
    device: torch.device | None = None,
    progress: Callable[[str, int, int], None] | None = None,
) -> tuple[Evaluation, ...]:
    """Evaluate runs on the same task, after popularity and item-kNN, and keep each run's figures in its folder.

    A baseline among the runs is not fitted a second time. Raises MusicrecError where nothing is held out.
    """
    where = device or torch.device("cpu")
    task = make_task(data, split, ks, negatives, seed)
    results = []
    for name in [name for name in BASELINES if name not in {card.model for card in cards}]:
        told = None if progress is None else _named(progress, name)
        results.append(evaluate(baseline(name, data, where), data, task, f"({name})", name, where, told))
    for card in cards:
        scorer = load_model(places, card, data, where).scorer(data)
        told = None if progress is None else _named(progress, card.name)
        measurement = measure(scorer, data, task, card.name, card.model, where, told)
        keep_measurement(places, data.path, measurement)
        results.append(measurement.evaluation)
    return tuple(results)


def baseline(name: str, data: Dataset, device: torch.device) -> Scorer:
    """Fit popularity or item-kNN with its defaults."""
    model = build(name, config_for(name), data)
    assert isinstance(model, FittedModel)
    model.fit(data)
    return model.to(device).eval().scorer(data)


def _named(progress: Callable[[str, int, int], None], name: str) -> Callable[[int, int], None]:
    return lambda done, total: progress(name, done, total)
