"""EASE: the linear model of songs by songs that has a closed form (Steck, WWW 2019)."""

from __future__ import annotations

import logging

import torch
from torch import Tensor

from musicrec.core.dataset import Dataset
from musicrec.core.errors import MusicrecError
from musicrec.core.models.base import FittedModel, Scorer
from musicrec.core.models.co_plays import co_plays, heard
from musicrec.core.models.configs import EASEConfig
from musicrec.core.models.memory import available
from musicrec.core.models.neighbours import NeighbourScorer
from musicrec.core.ragged import blocks

_CHUNK_CELLS = 8_000_000  # weights looked at at once
_LOG = logging.getLogger(__name__)


class EASE(FittedModel):
    """Scores a song by the sum of its weights for what the listener played.

    B minimises |X - XB|² + l2 |B|² with a zero diagonal, where X (L, S) says who played what: with P = (X'X + l2)^-1,
    B_ij = -P_ij / P_jj (paper §3.1). It is made of the `most_songs` most played songs (n), since P is dense; the others
    score 0, and playing them counts for nothing. Of what a play gives to other songs, the `kept_weights` (K) that are
    farthest from 0 are kept.

    Buffers: playing song i gives `weights` float32 (n, K) to the songs `others` int32 (n, K); `precision` (n,) is the
    diagonal of P.
    """

    others: Tensor
    weights: Tensor
    precision: Tensor

    def __init__(self, config: EASEConfig, data: Dataset) -> None:
        super().__init__()
        self.config, self.song_count = config, data.song_count
        count = min(config.most_songs, data.song_count)
        shape = (count, min(config.kept_weights, count))
        self.register_buffer("others", torch.zeros(shape, dtype=torch.int32))
        self.register_buffer("weights", torch.zeros(shape))
        self.register_buffer("precision", torch.ones(count))

    def fit(self, data: Dataset) -> None:
        """Invert the Gram matrix. Raises MusicrecError, before it takes any memory, where it would not do."""
        count, device = len(self.precision), self.precision.device
        left_out = int((data.popularity[count:] > 0).sum())
        if left_out:
            _LOG.warning("ease: the %s least played songs are left out, see --most-songs", f"{left_out:,}")
        if device.type != "cuda":
            device = torch.device("cpu")  # the decomposition is there on both
        _check_memory(count, device)
        inverse = self._inverse(data, count, device)
        precision = inverse.diagonal().clone()
        self.precision.copy_(precision)
        for songs in blocks(count, _CHUNK_CELLS // count, device):
            self._keep_largest(songs, -inverse[songs] / precision)

    def _inverse(self, data: Dataset, count: int, device: torch.device) -> Tensor:
        gram = torch.zeros(count, count, device=device)
        for block in co_plays(heard(data, count), data.listener_count, count):
            gram[block.songs[block.row].to(device), block.other.to(device)] = block.listeners.to(device)
        gram.diagonal().add_(self.config.l2)
        triangle, failed = torch.linalg.cholesky_ex(gram)
        if int(failed):
            raise MusicrecError(f"ease: --l2 {self.config.l2} is too small for single precision: give a larger one")
        del gram
        return torch.cholesky_inverse(triangle)

    def _keep_largest(self, songs: Tensor, weights: Tensor) -> None:
        weights[torch.arange(len(songs), device=songs.device), songs] = 0
        others = weights.abs().topk(self.others.shape[1], dim=1).indices
        start, end = int(songs[0]), int(songs[-1]) + 1
        self.others[start:end] = others.int().to(self.others.device)
        self.weights[start:end] = weights.gather(1, others).to(self.weights.device)

    def scorer(self, data: Dataset) -> Scorer:
        """Return the scorer."""
        return _EASEScorer(self)


def _check_memory(songs: int, device: torch.device) -> None:
    there, wanted = available(device), 3 * 4 * songs**2  # a matrix, its triangle and what inverting takes
    if there is not None and wanted > there:
        raise MusicrecError(
            f"ease on {songs:,} songs needs {wanted / 1e9:.1f} GB of memory and {there / 1e9:.1f} GB are free: "
            f"give --most-songs {int((there / 12) ** 0.5)} or fewer"
        )


class _EASEScorer(NeighbourScorer):
    def __init__(self, model: EASE) -> None:
        super().__init__(model.others, model.weights, model.song_count, "weighted plays")
        self.precision = model.precision

    def likeness(self, song: int) -> Tensor:
        """Partial correlation of plays: P_ij / sqrt(P_ii P_jj), turned round."""
        others = self.others[song].long()
        return (self.weights[song] * (self.precision[others] / self.precision[song]).sqrt()).clamp(-1, 1)
