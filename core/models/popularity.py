"""The baseline that every model must beat: the same list for everybody."""

from __future__ import annotations

import torch
from torch import Tensor

from musicrec.core.dataset import Dataset, Listeners
from musicrec.core.models.base import FittedModel, Parts, Scorer
from musicrec.core.models.configs import PopularityConfig


class Popularity(FittedModel):
    """Scores a song by its training plays."""

    plays: Tensor

    def __init__(self, config: PopularityConfig, data: Dataset) -> None:
        super().__init__()
        self.register_buffer("plays", torch.zeros(data.song_count))

    def fit(self, data: Dataset) -> None:
        """Count the training plays of every song."""
        self.plays.copy_(data.popularity)

    def scorer(self, data: Dataset) -> Scorer:
        """Return the scorer."""
        return PopularityScorer(self.plays)


class PopularityScorer(Scorer):
    """Scores everybody alike: by `plays` (S,)."""

    def __init__(self, plays: Tensor) -> None:
        self.plays = plays

    def scores(self, listeners: Listeners) -> Tensor:
        return self.plays.expand(len(listeners), -1).clone()

    def parts(self, listeners: Listeners, songs: Tensor) -> Parts:
        return Parts(("plays",), self.plays[songs].unsqueeze(-1))
