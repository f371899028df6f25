"""Item-kNN: songs played by the same listeners are alike (Sarwar et al., WWW 2001)."""

from __future__ import annotations

import torch
from torch import Tensor

from musicrec.core.dataset import Dataset
from musicrec.core.models.base import FittedModel, Scorer
from musicrec.core.models.co_plays import CoPlays, co_plays, heard
from musicrec.core.models.configs import ItemKNNConfig
from musicrec.core.models.neighbours import NeighbourScorer
from musicrec.core.ragged import offsets_of

_MOST_SONGS = 2**31 - 1


class ItemKNN(FittedModel):
    """Scores a song by its summed similarity to what the listener played.

    Similarity of songs i and j: listeners of both / (sqrt(listeners of i · listeners of j) + shrink); each song keeps
    its `neighbours` most similar ones, of equals the more played. Buffers: `nearest` int32 (n, K) and `similarity`
    float32 (n, K), 0 where there is none; from song n on nobody played any, as songs are numbered by their plays.
    """

    nearest: Tensor
    similarity: Tensor

    def __init__(self, config: ItemKNNConfig, data: Dataset) -> None:
        super().__init__()
        self.config = config
        played = data.popularity.nonzero()
        shape = (int(played.max()) + 1 if len(played) else 0, min(config.neighbours, data.song_count))
        self.register_buffer("nearest", torch.zeros(shape, dtype=torch.int32))
        self.register_buffer("similarity", torch.zeros(shape))

    def fit(self, data: Dataset) -> None:
        """Find the nearest songs of every song."""
        pairs = heard(data)
        norms = torch.bincount(pairs[0], minlength=data.song_count).float().sqrt()
        for block in co_plays(pairs, data.listener_count, data.song_count):
            of = block.songs[block.row]
            similarity = block.listeners / (norms[of] * norms[block.other] + self.config.shrink + 1e-9)
            self._keep_nearest(block, similarity.masked_fill_(of == block.other, 0))

    def _keep_nearest(self, block: CoPlays, similarity: Tensor) -> None:
        songs, row, other = block.songs, block.row, block.other
        lengths = torch.bincount(row, minlength=len(songs))
        place = torch.arange(len(row)) - offsets_of(lengths)[row]
        # One number to order by: floats of one sign are ordered as their bits are, and below them stands the song
        keys = torch.zeros(len(songs), int(lengths.max()), dtype=torch.int64)
        keys[row, place] = (similarity.view(torch.int32).long() << 32) | (_MOST_SONGS - other)
        best = keys.topk(min(self.nearest.shape[1], keys.shape[1]), dim=1).values.to(self.nearest.device)
        songs = songs.to(best.device)
        nearest = (_MOST_SONGS - (best & _MOST_SONGS)).masked_fill_(best <= _MOST_SONGS, 0)
        self.nearest[songs, : best.shape[1]] = nearest.int()
        self.similarity[songs, : best.shape[1]] = (best >> 32).int().view(torch.float32)

    def scorer(self, data: Dataset) -> Scorer:
        """Return the scorer."""
        return NeighbourScorer(self.nearest, self.similarity, data.song_count, "similar plays")
