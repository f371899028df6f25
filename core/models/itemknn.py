"""Item-kNN: songs played by the same listeners are alike (Sarwar et al., WWW 2001)."""

from __future__ import annotations

import warnings
from collections.abc import Iterator

import torch
from torch import Tensor

from musicrec.core.dataset import Dataset, Listeners
from musicrec.core.models.base import FittedModel, Parts, Scorer
from musicrec.core.models.configs import ItemKNNConfig
from musicrec.core.ragged import Ragged, offsets_of

_CHUNK_CELLS = 8_000_000  # similarities held at once while the nearest are picked: some 200 MB
_MOST_SONGS = 2**31 - 1


class ItemKNN(FittedModel):
    """Scores a song by its summed similarity to what the listener played.

    Similarity of songs i and j: listeners of both / (sqrt(listeners of i · listeners of j) + shrink); each song keeps
    its `neighbours` most similar ones, of equals the more played. Buffers: `nearest` int32 (S, K) and `similarity`
    float32 (S, K), 0 where there is none.
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
        """Find the nearest songs of every song, a block of songs at a time.

        Products of sparse matrices: work and memory go by the songs that share a listener, not by all pairs of songs.
        """
        past, shape = data.past("validation").songs, (data.listener_count, data.song_count)
        pairs = torch.unique(torch.stack([past.values, past.row_ids()]), dim=1)  # songs, listeners
        sizes = torch.bincount(pairs[0], minlength=shape[1])
        listeners = Ragged(pairs[1], offsets_of(sizes))
        played = torch.sparse_coo_tensor(pairs.flip(0), torch.ones(pairs.shape[1]), shape, check_invariants=True)
        played, norms = played.coalesce(), sizes.float().sqrt()
        for songs in _blocks(pairs, shape):
            rows = listeners.rows(songs)
            entries = torch.stack([rows.row_ids(), rows.values])
            block = (len(songs), shape[0])
            by_song = torch.sparse_coo_tensor(entries, torch.ones(len(rows.values)), block, check_invariants=True)
            with warnings.catch_warnings():
                warnings.filterwarnings("ignore", message="Sparse CSR tensor support is in beta")
                both = torch.sparse.mm(by_song.coalesce(), played).coalesce()
            row, other = both.indices()
            norm = norms[songs[row]] * norms[other]
            similarity = both.values() / (norm + self.config.shrink + 1e-9)
            similarity[songs[row] == other] = 0
            self._keep_nearest(songs, row, other, similarity)

    def _keep_nearest(self, songs: Tensor, row: Tensor, other: Tensor, similarity: Tensor) -> None:
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
        return _ItemKNNScorer(self.nearest, self.similarity)


def _blocks(pairs: Tensor, shape: tuple[int, int]) -> Iterator[Tensor]:
    """Yield the songs that somebody played, as many at a time as keep what they share with others within bounds."""
    longest = torch.bincount(pairs[1], minlength=shape[0]).double()[pairs[1]]
    shared = torch.zeros(shape[1], dtype=torch.float64).index_add_(0, pairs[0], longest)
    shared.clamp_(max=shape[1])
    order = shared.argsort(descending=True, stable=True)
    start, end = 0, int((shared > 0).sum())
    while start < end:
        size = max(1, int(_CHUNK_CELLS / shared[order[start]]))
        yield order[start : min(start + size, end)]
        start += size


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
        similar.index_add_(0, self.nearest[song].long(), self.similarity[song])  # where there is none: song 0, plus 0
        similar[song] = 1
        return similar if among is None else similar[among]
