"""Scores that are sums over what a listener played: each played song gives something to a few others."""

from __future__ import annotations

import torch
from torch import Tensor

from musicrec.core.dataset import Listeners
from musicrec.core.models.base import Parts, Scorer
from musicrec.core.ragged import blocks

_CHUNK_CELLS = 8_000_000  # summands held at once: some 200 MB


class NeighbourScorer(Scorer):
    """A play of song i gives `weights` (n, K) to the songs `others` int32 (n, K) out of `songs`, for i below n.

    Song 0 with weight 0 stands where there is none. A song that was played twice gives twice.
    """

    def __init__(self, others: Tensor, weights: Tensor, songs: int, part: str) -> None:
        self.others, self.weights, self.songs, self.part = others, weights, songs, part

    def scores(self, listeners: Listeners) -> Tensor:
        scores = torch.zeros(len(listeners) * self.songs, device=self.weights.device)
        plays, owners = listeners.songs.values, listeners.songs.row_ids()
        giving = plays < len(self.others)
        plays, owners = plays[giving], owners[giving]
        for some in blocks(len(plays), _CHUNK_CELLS // max(self.others.shape[1], 1), plays.device):
            cells = owners[some, None] * self.songs + self.others[plays[some]]  # (plays, K)
            scores.index_add_(0, cells.flatten(), self.weights[plays[some]].flatten())
        return scores.view(len(listeners), -1)

    def parts(self, listeners: Listeners, songs: Tensor) -> Parts:
        return Parts((self.part,), self.scores(listeners).gather(1, songs).unsqueeze(-1))

    def similarities(self, song: int, among: Tensor | None = None) -> Tensor:
        similar = torch.zeros(self.songs, device=self.weights.device)
        if song < len(self.others):
            similar.index_add_(0, self.others[song].long(), self.likeness(song))
        similar[song] = 1
        return similar if among is None else similar[among]

    def likeness(self, song: int) -> Tensor:
        """Similarity of `song`, below n, to each of its others: (K,) in [-1, 1]; the weights, unless told otherwise."""
        return self.weights[song]
