"""The test figures of a sweep's runs: for reporting, after everything was chosen."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import torch

from musicrec.core.dataset import Dataset
from musicrec.core.places import Places
from musicrec.core.protocols import ProtocolOptions, tasks_for
from musicrec.core.records import Protocol
from musicrec.core.runs import CARD, read_card, read_evaluations
from musicrec.core.standings import standings
from musicrec.core.sweeping.results import Outcome, keep_baselines
from musicrec.core.sweeping.storage import locked

Which = Literal["best", "all"]


def measure_runs(
    found: Outcome,
    data: Dataset,
    places: Places,
    options: ProtocolOptions,
    which: Which,
    device: torch.device,
    progress: Callable[[str, int, int], None] | None = None,
) -> None:
    """Measure the best run or all finished ones beside popularity and item-kNN, and keep the figures.

    What has figures under this protocol, or is on another machine, is passed by. Raises as `standings` does.
    """
    with locked(places.run(found.name), "test"):
        best = found.best
        runs = [
            each.run for each in found.results if each.trial.state == "finished" and (which == "all" or each is best)
        ]
        there = [run for run in runs if (places.run(run) / CARD).is_file()]
        asked = {task.protocol for task in tasks_for(data, options)}
        missing = [read_card(places, run) for run in there if not asked <= _measured(places, run)]
        if missing:
            measured = standings(data, places, missing, options, device=device, progress=progress)
            names = {card.name for card in missing}
            keep_baselines(places, found.name, [each for each in measured if each.run not in names])


def _measured(places: Places, run: str) -> set[Protocol]:
    return {each.protocol for each in read_evaluations(places, run)}
