"""Popularity of late: the same list for everybody, made of what listeners played last."""

from __future__ import annotations

import torch
from torch import Tensor

from musicrec.core.dataset import Dataset
from musicrec.core.models.base import FittedModel, Scorer
from musicrec.core.models.configs import RecentConfig
from musicrec.core.models.popularity import PopularityScorer


class RecentPopularity(FittedModel):
    """Scores a song by its training plays, weighted by how late they came.

    No dataset here says when a play was, only in which order a listener's plays were. So late means late among the
    plays of the same listener: a play with n later ones of its listener weighs 2^(-n / half_life). All plays of a
    listener together weigh less than 1 / (1 - 2^(-1 / half_life)), however many they are.
    """

    plays: Tensor

    def __init__(self, config: RecentConfig, data: Dataset) -> None:
        super().__init__()
        self.config = config
        self.register_buffer("plays", torch.zeros(data.song_count))

    def fit(self, data: Dataset) -> None:
        """Add up the weights of the training plays of every song."""
        past = data.past("validation").songs
        later = past.offsets[1:][past.row_ids()] - 1 - torch.arange(len(past.values))
        weights = torch.exp2(-later.double() / self.config.half_life)
        total = torch.zeros(data.song_count, dtype=torch.float64).index_add_(0, past.values, weights)
        self.plays.copy_(total)

    def scorer(self, data: Dataset) -> Scorer:
        """Return the scorer."""
        return PopularityScorer(self.plays)
