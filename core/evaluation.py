"""From ranks to metrics, under a named protocol."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch

from musicrec.core import beyond, metrics
from musicrec.core.dataset import Dataset
from musicrec.core.held_out_ranks import Ranks, rank_held_out
from musicrec.core.models.base import Scorer
from musicrec.core.records import Evaluation, Metric
from musicrec.core.tasks import Task

_ALIKE = "it scores all candidates alike: by the rule for ties every held-out song stands in the middle"


@dataclass(frozen=True, slots=True)
class Measurement:
    """Figures of one run, and what they are means of.

    `listeners` int64 (L,) are dense numbers, `columns` has every metric that is one number a listener, float64 (L,),
    and `lists` int64 (L, k) the songs at the first places for the largest k, -1 where there are no more candidates.
    `held` int64 (P,) are the held-out songs and `ranks` (P,) their ranks, those of listener after listener: `owner`
    (P,) in [0, L), rising.
    """

    evaluation: Evaluation
    listeners: metrics.Ints
    columns: dict[str, metrics.Floats]
    lists: metrics.Ints
    owner: metrics.Ints
    held: metrics.Ints
    ranks: metrics.Ints


def measure(
    scorer: Scorer,
    data: Dataset,
    task: Task,
    run: str,
    model: str,
    device: torch.device,
    progress: Callable[[int, int], None] | None = None,
) -> Measurement:
    """Rank every listener of the task and compute all metrics with their bootstrap intervals."""
    ranks = rank_held_out(scorer, task, device, progress)
    columns = _columns(ranks, task.protocol.listeners, task.protocol.ks)
    if task.negatives is None:
        columns |= _beyond(ranks.lists, data, task)
    if task.metrics:
        columns = {name: column for name, column in columns.items() if name.partition("@")[0] in task.metrics}
    figures = metrics.averages(columns, task.protocol.seed)
    if task.negatives is None and not task.metrics:
        for k in task.protocol.ks:
            coverage = metrics.catalogue_coverage(ranks.lists[:, :k], task.protocol.songs)
            figures[f"catalogue_coverage@{k}"] = Metric(coverage)
            figures[f"gini@{k}"] = Metric(beyond.gini(ranks.lists[:, :k], task.protocol.songs))
    alike = (_ALIKE,) if _all_tied(ranks) else ()
    evaluation = Evaluation(run, model, task.protocol, figures, alike)
    places = metrics.tied_ranks(ranks.owner, ranks.higher, ranks.tied)
    held = task.held.values.numpy()
    return Measurement(evaluation, task.past.ids.numpy(), columns, ranks.lists, ranks.owner, held, places)


def ndcg(scorer: Scorer, task: Task, device: torch.device) -> float:
    """Return the mean NDCG at the task's first k, which chooses the best epoch."""
    ranks = rank_held_out(scorer, task, device)
    return float(_columns(ranks, task.protocol.listeners, task.protocol.ks[:1])[f"ndcg@{task.protocol.ks[0]}"].mean())


def _all_tied(ranks: Ranks) -> bool:
    return bool((ranks.tied == ranks.candidates[ranks.owner]).all())


def _columns(ranks: Ranks, listeners: int, ks: tuple[int, ...]) -> dict[str, metrics.Floats]:
    rank = metrics.tied_ranks(ranks.owner, ranks.higher, ranks.tied)
    columns = {
        f"{name}@{k}": column for k in ks for name, column in metrics.at_k(ranks.owner, rank, listeners, k).items()
    }
    return columns | {"auc": metrics.auc(ranks.owner, ranks.higher, ranks.tied, listeners, ranks.candidates)}


def _beyond(lists: metrics.Ints, data: Dataset, task: Task) -> dict[str, metrics.Floats]:
    plays, songs = data.popularity.double().numpy(), task.past.songs
    past = beyond.past_popularity(songs.row_ids().numpy(), songs.values.numpy(), len(songs), plays)
    owner, artist = _artists(data)
    columns: dict[str, metrics.Floats] = {}
    for k in task.protocol.ks:
        top = lists[:, :k]
        columns[f"novelty@{k}"] = metrics.novelty(top, plays)
        columns[f"popularity_lift@{k}"] = beyond.popularity_lift(top, plays, past)
        if len(owner):
            columns[f"artist_diversity@{k}"] = beyond.artist_diversity(top, owner, artist)
    return columns


def _artists(data: Dataset) -> tuple[metrics.Ints, metrics.Ints]:
    # Songs and their artists; none where the dataset knows none or has no file behind it
    if data.path is None:
        return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64)
    artists = data.bags("song", ("artist",), 1, 1).bags
    known = artists.values > 0  # 0 stands for unknown
    return artists.row_ids()[known].numpy(), artists.values[known].numpy()
