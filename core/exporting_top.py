"""The best songs of every listener, block by block, such that metrics on them are those on whole rankings."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import torch
from torch import Tensor

from musicrec.core import distributed
from musicrec.core.dataset import Listeners, take
from musicrec.core.models.base import Scorer, check_scores
from musicrec.core.ragged import blocks
from musicrec.core.tables.exporting import TopRows

_CELLS = 16_000_000  # scores held at once: 64 MB


def top_songs(
    scorer: Scorer,
    past: Listeners,
    songs: int,
    k: int,
    device: torch.device,
    progress: Callable[[int, int], None] | None = None,
) -> Iterator[TopRows]:
    """Yield the best of `songs` for the listeners of `past` who played anything; songs they played are no candidates.

    See `top_places` for which songs these are. Of several processes each scores a part of every block, and all get the
    whole. Raises MusicrecError where a score is not a number.
    """
    group, listening = distributed.current(), (past.songs.lengths > 0).nonzero().squeeze(1)
    for block in blocks(len(listening), max(_CELLS // songs, 1) * group.size):
        first, end = group.part(len(block))
        with distributed.failing_together():
            own = _of_block(scorer, past, listening[block[first:end]], k, device)
        found = [distributed.gathered(part) for part in own]
        yield TopRows(*(part.numpy() for part in found))
        if progress is not None:
            progress(int(block[-1]) + 1, len(listening))


def top_places(scores: Tensor, k: int) -> tuple[Tensor, Tensor, Tensor]:
    """Return (row, rank, song) of the best `k` of scores (B, S), rows rising, ranks from 1; -inf is no candidate.

    Songs that tie with the k-th are all there, so that each rank by the rule for ties is the one among all candidates.
    Where these are all the rest, none is: whoever reads the list has them tied below it anyway. Among equal scores the
    lower number comes first.
    """
    last = scores.topk(min(k, scores.shape[1]), dim=1).values[:, -1:]
    candidates, reaching = scores > -torch.inf, (scores >= last) & (scores > -torch.inf)
    rest = (reaching.sum(1) > k) & (reaching == candidates).all(1)
    row, song = (reaching & ~(rest[:, None] & (scores == last))).nonzero().unbind(1)
    order = scores[row, song].argsort(descending=True, stable=True)
    order = order[row[order].argsort(stable=True)]
    counts = torch.bincount(row, minlength=len(scores))
    starts = counts.cumsum(0) - counts
    return row[order], 1 + torch.arange(len(row), device=row.device) - starts[row[order]], song[order]


def _of_block(
    scorer: Scorer, past: Listeners, listeners: Tensor, k: int, device: torch.device
) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    if not len(listeners):
        nothing = torch.empty(0, dtype=torch.int64)
        return nothing, nothing, nothing, torch.empty(0)
    state = take(past, listeners).to(device)
    scores = scorer.scores(state)
    check_scores(scores)
    scores[state.songs.row_ids(), state.songs.values] = -torch.inf
    row, rank, song = top_places(scores, k)
    return past.ids[listeners[row.cpu()]], rank.cpu(), song.cpu(), scores[row, song].cpu()
