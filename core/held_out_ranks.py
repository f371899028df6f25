"""Where held-out songs land among the candidates, by the scores of a model."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from musicrec.core import distributed, metrics
from musicrec.core.cold import as_new
from musicrec.core.dataset import take
from musicrec.core.models.base import Scorer, check_scores
from musicrec.core.ragged import Ragged, blocks
from musicrec.core.tasks import Task

_CELLS = 16_000_000  # scores held at once: 64 MB
_NEW = 128  # listeners made ready as new at once, one by one: often enough to tell how far it is


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


def rank_held_out(
    scorer: Scorer, task: Task, device: torch.device, progress: Callable[[int, int], None] | None = None
) -> Ranks:
    """Score the listeners of the task in blocks and find where their held-out songs land.

    Raises MusicrecError where a score is not a finite number.
    """
    parts: list[Ranks] = []
    size = _CELLS // (task.protocol.songs if task.songs is None else len(task.songs))
    first, end = distributed.current().part(len(task.past))  # of several processes each ranks some of the listeners
    with distributed.failing_together():
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
