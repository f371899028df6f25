"""What the models of (listener, song) pairs share: batches of plays and sampled songs, their loss, and fold-in."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from musicrec.core.dataset import TRAIN, Dataset, Listeners
from musicrec.core.models.base import GradientModel, Scorer
from musicrec.core.models.fold_in import FoldIn
from musicrec.core.models.negatives import Unplayed, sampling_chances
from musicrec.core.models.pair_config import PairConfig
from musicrec.core.ragged import Ragged
from musicrec.core.records import Listener


@dataclass(frozen=True, slots=True)
class Pairs:
    """Listeners (B,), songs (B,) and whether each pair is a play: float32 (B,)."""

    listeners: Tensor
    songs: Tensor
    played: Tensor


class PairModel(GradientModel):
    """One logit for a (listener, song) pair, learned from plays and from songs that were not played.

    A row of `listener_table` is all that is learned of a listener, one of `song_table` all that is learned of a song.
    """

    config: PairConfig
    listener_table: nn.Embedding
    song_table: nn.Embedding
    _spared: tuple[Tensor, Tensor] | None = None

    @abstractmethod
    def forward(self, listeners: Tensor, songs: Tensor) -> Tensor:
        """Return the logits of pairs: (B,)."""

    def spare(self, listeners: Tensor, songs: Tensor) -> None:
        """Never draw `songs` (L, n) as negatives of `listeners` (L,); called before `prepare`."""
        self._spared = listeners.repeat_interleave(songs.shape[1]), songs.flatten()

    def prepare(self, data: Dataset) -> None:
        """Take the training plays, and what negatives must avoid."""
        device, songs = self.song_table.weight.device, data.past("validation").songs
        chances = _chances(self.config, data)
        self._unplayed = Unplayed(songs, data.song_count, device, chances, self._spared)
        self._listeners, self._songs = songs.row_ids().to(device), songs.values.to(device)
        self._correction = None if chances is None else _log_chances(chances).to(device)

    def samples(self) -> int:
        """Count the plays and the negatives of a pass."""
        return len(self._songs) * (1 + self.config.negatives)

    def batches(self, generator: torch.Generator) -> Iterator[Pairs]:
        """Draw negatives anew and yield shuffled pairs."""
        device, n = self._songs.device, self.config.negatives
        listeners = self._listeners.repeat(1 + n)
        songs = torch.cat([self._songs, self._unplayed.draw(self._listeners.repeat(n), generator)])
        plays, size = len(self._songs), self.config.batch_size
        order = torch.randperm(len(songs), generator=generator).to(device)
        for start in range(0, len(order), size):
            chosen = order[start : start + size]
            yield Pairs(listeners[chosen], songs[chosen], (chosen < plays).float())

    def loss(self, batch: Pairs) -> Tensor:
        """Binary cross-entropy with logits (He et al., WWW 2017, §3.1), corrected for how negatives are drawn.

        Where q(s) is the chance of drawing song s, the loss is that of the logit less log(S q(s)), which is 0 for
        uniform draws: noise-contrastive estimation (Gutmann & Hyvärinen, AISTATS 2010), but for a constant.
        """
        logits = self(batch.listeners, batch.songs)
        if self._correction is not None:
            logits = logits - self._correction[batch.songs]
        return F.binary_cross_entropy_with_logits(logits, batch.played)


class PairScorer(Scorer):
    """What scorers of such models share: whose vector to take, and fold-in where there is none."""

    def __init__(self, model: PairModel, data: Dataset) -> None:
        self.data, self.config = data, model.config
        self.listener_rows = model.listener_table.weight.detach()

    @abstractmethod
    def linearised(self, p: Tensor, songs: Tensor) -> tuple[Tensor, Tensor]:
        """Return the logits (n,) of one listener's row with `songs` (n,), and their slopes (n, D) in the row."""

    @torch.no_grad()
    def adapt(self, state: Listeners, origin: Listeners | None, facts: Listener | None) -> Listeners:
        plays = state.songs.values
        if origin is None or not bool(self._trained[origin.ids]):
            return replace(state, vectors=self._fold_in.new(plays)[None])
        vector = self.listener_rows[origin.ids[0]]
        return replace(state, vectors=self._fold_in.edited(vector, origin.songs.values, plays)[None])

    def rows(self, listeners: Listeners) -> Tensor:
        """Return what is known of each listener: (B, D)."""
        if listeners.vectors is not None:
            return listeners.vectors
        if bool((listeners.ids < 0).any()):
            raise ValueError("a listener who was not there in training has no vector: adapt the state first")
        return self.listener_rows[listeners.ids]

    @cached_property
    def _trained(self) -> Tensor:
        plays = Ragged(self.data.songs, self.data.offsets)
        return (plays.count(self.data.split == TRAIN) > 0).to(self.listener_rows.device)

    @cached_property
    def _fold_in(self) -> FoldIn:
        trained, songs, chances = (
            self.listener_rows[self._trained],
            self.data.song_count,
            _chances(self.config, self.data),
        )
        if chances is None:
            return FoldIn(self.linearised, trained, songs, self.config.negatives)
        correction = _log_chances(chances).to(trained.device)

        def corrected(p: Tensor, songs: Tensor) -> tuple[Tensor, Tensor]:
            logits, slopes = self.linearised(p, songs)
            return logits - correction[songs], slopes

        return FoldIn(corrected, trained, songs, self.config.negatives, chances)


def _chances(config: PairConfig, data: Dataset) -> Tensor | None:
    if config.negative_sampling == "uniform":
        return None
    return sampling_chances(data.popularity, config.popularity_exponent)


def _log_chances(chances: Tensor) -> Tensor:
    return (chances * len(chances)).log().float()
