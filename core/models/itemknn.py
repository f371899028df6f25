"""Item-kNN: songs played by the same listeners are alike (Sarwar et al., WWW 2001)."""

from __future__ import annotations

import warnings

import torch
from torch import Tensor

from musicrec.core.dataset import Dataset, Listeners
from musicrec.core.models.base import FittedModel, Parts, Scorer
from musicrec.core.models.configs import ItemKNNConfig
from musicrec.core.ragged import blocks

_CHUNK_CELLS = 32_000_000  # dense similarities held at once while the nearest are picked: 128 MB


class ItemKNN(FittedModel):
    """Scores a song by its summed similarity to what the listener played.

    Similarity of songs i and j: listeners of both / (sqrt(listeners of i · listeners of j) + shrink); each song keeps
    its `neighbours` most similar ones. Buffers: `nearest` int32 (S, K) and `similarity` float32 (S, K), 0 where there
    is none.
    """

    nearest: Tensor
    similarity: Tensor

    def __init__(self, config: ItemKNNConfig, data: Dataset) -> None:
        super().__init__()
        self.config = config
        shape = (data.song_count, min(config.neighbours, data.song_count))
        self.register_buffer("nearest", torch.zeros(shape, dtype=torch.int32))
        self.register_buffer("similarity", torch.zeros(shape))

    def fit(self, data: Dataset) -> None:
        """Find the nearest songs of every song, a block of songs at a time."""
        past = data.past("validation")
        pairs = torch.unique(torch.stack([past.songs.row_ids(), past.songs.values]), dim=1)
        ones, shape = torch.ones(pairs.shape[1]), (data.listener_count, data.song_count)
        played = torch.sparse_coo_tensor(pairs, ones, shape, check_invariants=True).coalesce()
        by_song = torch.sparse_coo_tensor(pairs.flip(0), ones, shape[::-1], check_invariants=True).coalesce()
        norms = torch.bincount(pairs[1], minlength=data.song_count).float().sqrt()
        block = max(1, _CHUNK_CELLS // data.song_count)
        for songs in blocks(data.song_count, block):
            with warnings.catch_warnings():
                warnings.filterwarnings("ignore", message="Sparse CSR tensor support is in beta")
                both = torch.sparse.mm(by_song.index_select(0, songs), played).to_dense()  # (block, S)
            self._keep_nearest(songs, both / (norms[songs, None] * norms + self.config.shrink + 1e-9))

    def _keep_nearest(self, songs: Tensor, similarity: Tensor) -> None:
        similarity[torch.arange(len(songs)), songs] = 0
        best = similarity.topk(self.nearest.shape[1], dim=1)
        self.nearest[songs[0] : songs[-1] + 1] = best.indices.int().to(self.nearest.device)
        self.similarity[songs[0] : songs[-1] + 1] = best.values.to(self.similarity.device)

    def scorer(self, data: Dataset) -> Scorer:
        """Return the scorer."""
        return _ItemKNNScorer(self.nearest, self.similarity)


class _ItemKNNScorer(Scorer):
    def __init__(self, nearest: Tensor, similarity: Tensor) -> None:
        self.nearest, self.similarity = nearest, similarity

    def scores(self, listeners: Listeners) -> Tensor:
        scores = torch.zeros(len(listeners) * len(self.nearest), device=self.nearest.device)
        rows = listeners.songs.row_ids()[:, None] * len(self.nearest)
        flat = rows + self.nearest[listeners.songs.values]  # (plays, K)
        scores.index_add_(0, flat.flatten(), self.similarity[listeners.songs.values].flatten())
        return scores.view(len(listeners), -1)

    def parts(self, listeners: Listeners, songs: Tensor) -> Parts:
        return Parts(("similar plays",), self.scores(listeners).gather(1, songs).unsqueeze(-1))

    def similarities(self, song: int, among: Tensor | None = None) -> Tensor:
        similar = torch.zeros(len(self.nearest), device=self.nearest.device)
        similar[self.nearest[song].long()] = self.similarity[song]
        similar[song] = 1
        return similar if among is None else similar[among]
