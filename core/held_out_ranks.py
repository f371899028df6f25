"""Where held-out songs land among the candidates, by the scores of a model."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from musicrec.core import distributed, metrics
from musicrec.core.cold import as_new
from musicrec.core.dataset import take
from musicrec.core.models.base import Scorer
from musicrec.core.placing import Places, place
from musicrec.core.ragged import Ragged, blocks, offsets_of
from musicrec.core.tasks import Task

_CELLS = 32_000_000  # scores held at once: 128 MB
_LISTENERS = 4096  # listeners at once
_PAIRS = 400_000  # pairs scored at once where each takes rows of its own
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
    songs = task.protocol.songs if task.songs is None else len(task.songs)
    asked = songs if task.negatives is None or not scorer.pairwise else task.negatives.shape[1] + 1
    size = min((_CELLS if asked == songs else _PAIRS) // asked, _LISTENERS)
    first, end = distributed.current().part(len(task.past))  # of several processes each ranks some of the listeners
    with distributed.failing_together():
        if device.type == "cpu":
            scorer.expect((end - first) * asked)
        size = max(size if task.shown is None else min(size, _NEW), 1)
        room = torch.empty(min(size, end - first) if task.negatives is None else 0, songs, device=device)
        for rows in blocks(end - first, size):
            parts.append(_rank_block(scorer, task, first + rows, device, room))
            if progress is not None:
                progress(int(rows[-1]) + 1, end - first)
    return Ranks(*(distributed.gathered_array([getattr(part, name) for part in parts]) for name in Ranks.__slots__))


def _rank_block(scorer: Scorer, task: Task, rows: Tensor, device: torch.device, room: Tensor) -> Ranks:
    past, held = take(task.past, rows).to(device), task.held.rows(rows).to(device)
    asked = past
    if task.shown is not None:
        asked = as_new(scorer, take(task.shown, rows).to(device), [task.facts[row] for row in rows.tolist()])
    k, owner = max(task.protocol.ks), held.row_ids()
    if task.negatives is None:
        let_in = None if task.songs is None else task.songs.to(device)
        places = place(scorer.scores_in(asked, room), past.songs, let_in, held, k)
        return _ranks(owner + rows[0], places, places.lists)
    sampled = _beside(task.negatives[int(rows[0]) : int(rows[-1]) + 1].to(device), held)
    if task.songs is None and int(sampled.min()) >= 0:  # every candidate is there, as it mostly is
        barred = Ragged(sampled.new_empty(0), sampled.new_zeros(len(sampled) + 1))
    else:
        absent = sampled < 0 if task.songs is None else (sampled < 0) | ~task.songs.to(device)[sampled]
        barred = Ragged(absent.nonzero()[:, 1], offsets_of(absent.sum(1)))
        sampled = sampled.clamp(min=0)
    columns = task.negatives.shape[1] + torch.arange(len(owner), device=device) - held.offsets[owner]
    scores = scorer.scores_of(asked, sampled)
    places = place(scores, barred, None, Ragged(columns, held.offsets), k)
    return _ranks(
        owner + rows[0], places, torch.where(places.lists < 0, -1, sampled.gather(1, places.lists.clamp(min=0)))
    )


def _ranks(owner: Tensor, places: Places, lists: Tensor) -> Ranks:
    found = (owner, places.higher, places.tied, places.candidates, lists)
    return Ranks(*(part.cpu().numpy() for part in found))


def _beside(sampled: Tensor, held: Ragged) -> Tensor:
    # Held-out songs of the same listener are candidates too: (B, n + most held), -1 where there are fewer
    owner, longest = held.row_ids(), int(held.lengths.max())
    beside = torch.full((len(held), longest), -1, device=sampled.device)
    beside[owner, torch.arange(len(owner), device=owner.device) - held.offsets[owner]] = held.values
    return torch.cat([sampled, beside], dim=1)
