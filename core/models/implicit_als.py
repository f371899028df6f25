"""ALS: matrix factorization of plays with confidences (Hu, Koren & Volinsky, ICDM 2008)."""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor

from musicrec.core.dataset import Dataset, Listeners
from musicrec.core.models.base import FittedModel, Parts, Scorer
from musicrec.core.models.configs import ALSConfig
from musicrec.core.models.doubles import exact_device
from musicrec.core.models.implicit_library import ready, training_plays
from musicrec.core.ragged import Ragged, offsets_of

_CHUNK_CELLS = 4_000_000  # double precision numbers of song vectors gathered at once: 32 MB


class ALS(FittedModel):
    """Scores a song by the product of its vector with the listener's, both of size `factors` (F).

    The songs' vectors Y (S, F) are trained by the library implicit. A listener's vector is always the exact solution
    for what they played (paper §4), so that listeners of the training, edited and new ones are alike:

        x = (Y'Y + Y'(C - 1)Y + l2)^-1 Y'C p

    where p is 1 for played songs and 0 else, and C is `alpha` times the plays of a song, 1 where there is none.
    """

    song_table: Tensor

    def __init__(self, config: ALSConfig, data: Dataset) -> None:
        super().__init__()
        self.config = config
        self.register_buffer("song_table", torch.zeros(data.song_count, config.factors))

    def fit(self, data: Dataset) -> None:
        """Have implicit train. Raises MusicrecError where it is not installed."""
        config = self.config
        with ready("als"):
            from implicit.cpu.als import AlternatingLeastSquares

            model = AlternatingLeastSquares(
                factors=config.factors,
                regularization=config.l2,
                alpha=config.alpha,
                iterations=config.iterations,
                num_threads=torch.get_num_threads(),
                random_state=config.seed,
            )
            model.fit(training_plays(data), show_progress=False)
        self.song_table.copy_(torch.from_numpy(model.item_factors))

    def scorer(self, data: Dataset) -> Scorer:
        """Return the scorer."""
        return ALSScorer(self.song_table, self.config)


class ALSScorer(Scorer):
    """Solves for the vectors of listeners in double precision, those with as many plays at a time."""

    pairwise = True

    def __init__(self, song_table: Tensor, config: ALSConfig) -> None:
        self.songs, self.config = song_table, config
        solving = exact_device(song_table.device)
        count, size = song_table.shape
        self._exact = torch.zeros(count + 1, size, dtype=torch.float64, device=solving)
        exact = self._exact[:count].copy_(song_table)  # the last row stands where there is no play
        self._square = exact.T @ exact + config.l2 * torch.eye(exact.shape[1], dtype=torch.float64, device=solving)

    @property
    def song_vectors(self) -> Tensor:
        return self.songs

    def listener_vectors(self, listeners: Listeners) -> Tensor:
        """Return the vectors of these listeners: (B, F); 0 without plays."""
        count, device = len(self.songs), self._exact.device
        keys = listeners.songs.row_ids() * count + listeners.songs.values
        keys, plays = torch.unique(keys.to(device), return_counts=True)
        offsets = offsets_of(torch.bincount(keys // count, minlength=len(listeners)))
        songs, confidence = Ragged(keys % count, offsets), Ragged(plays * self.config.alpha, offsets)
        vectors = torch.zeros(len(listeners), self.songs.shape[1], device=device)
        for rows in self._alike(songs.lengths):
            vectors[rows] = self._solve(songs.rows(rows).padded(count), confidence.rows(rows).padded()).float()
        return vectors.to(self.songs.device)

    def _alike(self, lengths: Tensor) -> Iterator[Tensor]:
        """Yield rows with plays by falling length, as many at a time as memory allows."""
        order = lengths.argsort(descending=True, stable=True)
        start, end = 0, int((lengths > 0).sum())
        while start < end:
            size = max(1, _CHUNK_CELLS // (int(lengths[order[start]]) + self.songs.shape[1]) // self.songs.shape[1])
            yield order[start : min(start + size, end)]
            start += size

    def _solve(self, songs: Tensor, confidence: Tensor) -> Tensor:
        """Solve for `songs` (n, T) and `confidence` (n, T), where song S stands for none: (n, F)."""
        vectors, weights = self._exact[songs], confidence.double()[:, :, None]  # (n, T, F), (n, T, 1)
        left = self._square + (vectors * (weights - 1)).transpose(1, 2) @ vectors
        solved: Tensor = torch.linalg.solve(left, (vectors * weights).sum(1))
        return solved

    def scores(self, listeners: Listeners) -> Tensor:
        return self.listener_vectors(listeners) @ self.songs.T

    def parts(self, listeners: Listeners, songs: Tensor) -> Parts:
        values = torch.einsum("bf,bnf->bn", self.listener_vectors(listeners), self.songs[songs])
        return Parts(("vectors",), values.unsqueeze(-1))
