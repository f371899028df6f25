"""What DTNMR knows of songs and listeners, and the layers that turn it into vectors."""

from __future__ import annotations

from itertools import pairwise

import torch
from torch import Tensor, nn

from musicrec.core.dataset import Bags, Dataset
from musicrec.core.models.configs import DTNMRConfig
from musicrec.core.ragged import Ragged, offsets_of, spans


class FeatureMLP(nn.Module):
    """Multi-hot features to R^E: a Linear layer over multi-hot vectors is a sum of columns, so it is embedding bags.

    `sizes` are the code counts of the bags that are added up; `scalars` counts dense inputs beside them.
    """

    def __init__(self, sizes: tuple[int, ...], hidden: tuple[int, ...], out: int, scalars: int, sparse: bool) -> None:
        super().__init__()
        self.tables = nn.ModuleList(nn.EmbeddingBag(n, hidden[0], mode="sum", sparse=sparse) for n in sizes)
        self.scalars = nn.Linear(scalars, hidden[0], bias=False) if scalars else None
        self.bias = nn.Parameter(torch.zeros(hidden[0]))
        widths = [*hidden, out]
        self.layers = nn.ModuleList(nn.Linear(a, b) for a, b in pairwise(widths))

    def forward(self, bags: tuple[Ragged, ...], scalars: Tensor | None = None) -> Tensor:
        """Embed B rows: (B, E)."""
        x = self.bias
        for table, bag in zip(self.tables, bags, strict=True):
            x = x + table(bag.values, bag.offsets[:-1])
        if self.scalars is not None and scalars is not None:
            x = x + self.scalars(scalars)
        for layer in self.layers:
            x = layer(torch.relu(x))
        return x


def song_features(config: DTNMRConfig, data: Dataset) -> Bags:
    """The codes of every song's features; with `song_ids` the last one is the song itself, if it is played enough."""
    found = data.bags(*config.song_bags)
    if not config.song_ids:
        return found
    # After its metadata such a song gets code size + its rank among them
    known = (data.popularity >= config.song_id_plays).to(found.bags.offsets.device)
    lengths = found.bags.lengths
    offsets = offsets_of(lengths + known)
    values = found.bags.values.new_empty(int(offsets[-1]))
    values[spans(offsets[:-1], lengths)] = found.bags.values
    values[offsets[1:][known] - 1] = found.size + torch.arange(int(known.sum()), device=values.device)
    return Bags(Ragged(values, offsets), found.size + int(known.sum()))


def scaled_lengths(milliseconds: Tensor) -> Tensor:
    """Song lengths as inputs (S, 2): log length in standard deviations from the mean (0 where unknown), and unknown."""
    known = milliseconds > 0
    log = milliseconds.clamp(min=1).log()
    mean, spread = (log[known].mean(), log[known].std(correction=0).clamp(min=1e-3)) if known.any() else (0.0, 1.0)
    return torch.stack([torch.where(known, (log - mean) / spread, 0.0), (~known).float()], dim=1)
