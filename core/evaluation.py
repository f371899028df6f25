"""From scores to ranks, from ranks to metrics, under a named protocol."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from musicrec.core import beyond, distributed, metrics
from musicrec.core.cold import as_new
from musicrec.core.dataset import Dataset, Held, Listeners, take
from musicrec.core.errors import MusicrecError
from musicrec.core.models.base import Scorer, check_scores
from musicrec.core.models.negatives import Unplayed
from musicrec.core.ragged import Ragged, blocks
from musicrec.core.records import Evaluation, Listener, Metric, Protocol

SEED = 7  # of sampled songs and of the bootstrap where no other is asked for
_CELLS = 16_000_000  # scores held at once: 64 MB
_SPARSE = 20  # songs for each that a listener has no use for: then few drawn songs must be drawn again
_ALIKE = "it scores all candidates alike: by the rule for ties every held-out song stands in the middle"
_NEW = 128  # listeners made ready as new at once, one by one: often enough to tell how far it is


@dataclass(frozen=True, slots=True)
class Task:
    """What is ranked: listeners with something held out, what they heard before, and what they should be given.

    `past` L listeners; `held` L rows of songs, none of which the listener heard before; `negatives` (L, n) or None
    for the whole catalogue, or for those of it that `songs` bool (S,) lets in. `shown` L states and who they are,
    `facts` (L,), replace the past where models get to know the listeners as if they were new. `metrics` names those
    that are kept, without their k; none keeps all.
    """

    past: Listeners
    held: Ragged
    protocol: Protocol
    negatives: Tensor | None = None
    songs: Tensor | None = None
    shown: Listeners | None = None
    facts: tuple[Listener, ...] = ()
    metrics: tuple[str, ...] = ()


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


@dataclass(frozen=True, slots=True)
class Ranks:
    """Where held-out songs landed. `owner` (P,), `higher` and `tied` (P,), `candidates` (L,), `lists` (L, k) the top
    songs among the candidates, -1 where there are no more.
    """

    owner: metrics.Ints
    higher: metrics.Ints
    tied: metrics.Ints
    candidates: metrics.Ints
    lists: metrics.Ints


def make_task(
    data: Dataset,
    split: Held = "test",
    ks: tuple[int, ...] = (10,),
    negatives: int | None = None,
    seed: int = SEED,
    most: int | None = None,
    songs: Tensor | None = None,
) -> Task:
    """Choose the listeners to judge by: those with a play before the split and a song to find in it.

    A held-out song that the listener heard before cannot be recommended and is left out. `negatives` songs that the
    listener never played, drawn once from `seed`, make the sampled protocol; `most` draws so many of the listeners.
    Raises MusicrecError where nobody is left.
    """
    past, held = data.past(split), _distinct(data.held_out(split), data.song_count)
    held = held.keep(~_among(held, past.songs, data.song_count))
    if songs is not None:
        held = held.keep(songs[held.values])
    judged = ((held.lengths > 0) & (past.songs.lengths > 0)).nonzero().squeeze(1)
    if not len(judged):
        raise MusicrecError(
            f"dataset {data.name} has no listener with both a past and a {split} song: nothing to measure"
        )
    generator = torch.Generator().manual_seed(seed)
    drawn = None
    if negatives is not None:  # before listeners are drawn, so that fewer of them have the same songs
        everything = Ragged(data.songs, data.offsets).rows(judged)
        drawn = _draw_negatives(everything, data.song_count, negatives, generator)
    if most is not None and len(judged) > most:
        chosen = torch.randperm(len(judged), generator=generator)[:most].sort().values
        judged, drawn = judged[chosen], None if drawn is None else drawn[chosen]
    count = data.song_count if songs is None else int(songs.sum())
    protocol = Protocol(split, "full" if negatives is None else "sampled", negatives, seed, len(judged), count, ks)
    return Task(take(past, judged), held.rows(judged), protocol, drawn, songs)


def protocol_negatives(data: Dataset, split: Held = "test", count: int = 99, seed: int = SEED) -> tuple[Tensor, Tensor]:
    """Draw the sampled songs of the sampled protocol: listeners (L,) and `count` songs for each, (L, count).

    They are those that `make_task` gives with the same values. Raises MusicrecError as it does.
    """
    task = make_task(data, split, negatives=count, seed=seed)
    assert task.negatives is not None
    return task.past.ids, task.negatives


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
    intervals = metrics.bootstrap(list(columns.values()), task.protocol.seed)
    figures = {
        name: Metric(float(column.mean()), low, high)
        for (name, column), (low, high) in zip(columns.items(), intervals, strict=True)
    }
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


def evaluate(
    scorer: Scorer,
    data: Dataset,
    task: Task,
    run: str,
    model: str,
    device: torch.device,
    progress: Callable[[int, int], None] | None = None,
) -> Evaluation:
    """Measure, and keep the figures alone."""
    return measure(scorer, data, task, run, model, device, progress).evaluation


def ndcg(scorer: Scorer, task: Task, device: torch.device) -> float:
    """Return the mean NDCG at the task's first k, which chooses the best epoch."""
    ranks = rank_held_out(scorer, task, device)
    return float(_columns(ranks, task.protocol.listeners, task.protocol.ks[:1])[f"ndcg@{task.protocol.ks[0]}"].mean())


def rank_held_out(
    scorer: Scorer, task: Task, device: torch.device, progress: Callable[[int, int], None] | None = None
) -> Ranks:
    """Score the listeners of the task in blocks and find where their held-out songs land.

    Raises MusicrecError where a score is not a finite number.
    """
    parts: list[Ranks] = []
    size = _CELLS // (task.protocol.songs if task.songs is None else len(task.songs))
    first, end = distributed.current().part(len(task.past))  # of several processes each ranks some of the listeners
    for rows in blocks(end - first, size if task.shown is None else min(size, _NEW)):
        parts.append(_rank_block(scorer, task, first + rows, device))
        if progress is not None:
            progress(int(rows[-1]) + 1, end - first)
    return Ranks(*(distributed.gathered_array([getattr(part, name) for part in parts]) for name in Ranks.__slots__))


def _rank_block(scorer: Scorer, task: Task, rows: Tensor, device: torch.device) -> Ranks:
    past, held = take(task.past, rows).to(device), task.held.rows(rows).to(device)
    if task.shown is None:
        scores = scorer.scores(past)
    else:
        shown = take(task.shown, rows).to(device)
        scores = scorer.scores(as_new(scorer, shown, [task.facts[row] for row in rows.tolist()]))
    check_scores(scores)
    owner = held.row_ids()
    scores[past.songs.row_ids(), past.songs.values] = -torch.inf
    if task.songs is not None:
        scores[:, ~task.songs.to(device)] = -torch.inf
    of_held = scores[owner, held.values]
    if task.negatives is None:
        candidates = scores.shape[1] - torch.isinf(scores).sum(1)
        higher, tied = _count(scores, owner, of_held)
        lists = _lists(scores, min(max(task.protocol.ks), scores.shape[1]))
    else:
        sampled = _beside(task.negatives[rows].to(device), held)
        pool = scores.gather(1, sampled.clamp(min=0)).masked_fill_(sampled < 0, -torch.inf)
        candidates = (sampled >= 0).sum(1)
        higher, tied = _count(pool, owner, of_held)
        places = _lists(pool, min(max(task.protocol.ks), scores.shape[1]))
        lists = torch.where(places < 0, -1, sampled.gather(1, places.clamp(min=0)))
    return Ranks(*(part.cpu().numpy() for part in (owner + rows[0], higher, tied, candidates, lists)))


def _beside(sampled: Tensor, held: Ragged) -> Tensor:
    # Held-out songs of the same listener are candidates too: (B, n + most held), -1 where there are fewer
    owner, longest = held.row_ids(), int(held.lengths.max())
    beside = torch.full((len(held), longest), -1, device=sampled.device)
    beside[owner, torch.arange(len(owner), device=owner.device) - held.offsets[owner]] = held.values
    return torch.cat([sampled, beside], dim=1)


def _all_tied(ranks: Ranks) -> bool:
    return bool((ranks.tied == ranks.candidates[ranks.owner]).all())


def _lists(scores: Tensor, k: int) -> Tensor:
    top = scores.topk(min(k, scores.shape[1]), dim=1)
    there = torch.where(torch.isinf(top.values), -1, top.indices)
    return torch.nn.functional.pad(there, (0, k - there.shape[1]), value=-1)


def _count(scores: Tensor, owner: Tensor, of_held: Tensor) -> tuple[Tensor, Tensor]:
    higher, tied = torch.empty_like(owner), torch.empty_like(owner)
    for part in blocks(len(owner), _CELLS // (4 * scores.shape[1]), owner.device):
        rows, own = scores[owner[part]], of_held[part, None]
        higher[part], tied[part] = (rows > own).sum(1), (rows == own).sum(1)
    return higher, tied


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


def _distinct(rows: Ragged, songs: int) -> Ragged:
    keys = torch.unique(rows.row_ids() * songs + rows.values)
    lengths = torch.bincount(keys // songs, minlength=len(rows))
    return Ragged(keys % songs, torch.cat([lengths.new_zeros(1), lengths.cumsum(0)]))


def _among(rows: Ragged, others: Ragged, songs: int) -> Tensor:
    return torch.isin(rows.row_ids() * songs + rows.values, others.row_ids() * songs + others.values)


def _draw_negatives(played: Ragged, songs: int, count: int, generator: torch.Generator) -> Tensor:
    if songs > _SPARSE * (count + int(played.lengths.max())):
        return Unplayed(played, songs, torch.device("cpu")).draw_distinct(count, generator)
    # Listener by listener in effect, all at once in fact: a random key for every song, the smallest keys win
    drawn = []
    for rows in blocks(len(played), _CELLS // songs):
        keys = torch.rand((len(rows), songs), generator=generator)
        heard = played.rows(rows)
        keys[heard.row_ids(), heard.values] = torch.inf
        smallest = keys.topk(min(count, songs), dim=1, largest=False)
        if bool(torch.isinf(smallest.values).any()) or songs < count:
            raise MusicrecError(f"a listener has fewer than {count} unplayed songs: use --protocol full")
        drawn.append(smallest.indices)
    return torch.cat(drawn)
