"""DTNMR's RC: listener vectors and song vectors to scores."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from itertools import combinations
from math import comb
from typing import ClassVar

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from musicrec.core.models.configs import DTNMRConfig

_CELLS = 500_000  # hidden activations held at once while a catalogue is rated: 2 MB stay near the cache


class RatingLayer(nn.Module, ABC):
    """Rates songs for listeners, whose vectors (P, B, E) are given as the P parts that add up to them."""

    linear: ClassVar[bool]  # the mean of what songs get is what the mean of their vectors gets

    def songs(self, vectors: Tensor) -> Tensor:
        """Make song vectors (n, E) ready for the other methods."""
        return vectors

    @abstractmethod
    def every(self, listeners: Tensor, songs: Tensor, room: Tensor | None = None) -> Tensor:
        """Rate songs (n, E) for all listeners: (B, n), in `room` (B, n) if it is given and that saves anything."""

    @abstractmethod
    def own(self, listeners: Tensor, songs: Tensor) -> Tensor:
        """Rate songs (B, n, E), other ones for each listener: (B, n)."""

    @abstractmethod
    def split(self, listeners: Tensor, songs: Tensor) -> Tensor:
        """Take the scores of `own` apart: (B, n, parts), which add up to them."""

    def usual(self, listeners: Tensor, songs: Tensor) -> Tensor:
        """Average the parts of songs (S, E): (B, parts)."""
        batch = listeners.shape[1]
        chunks = _chunks(songs, _CELLS // songs.shape[1] // batch)
        sums = [self.split(listeners, chunk.expand(batch, -1, -1)).sum(1) for chunk in chunks]
        return torch.stack(sums).sum(0) / len(songs)

    def names(self, parts: tuple[str, ...]) -> tuple[str, ...]:
        """Name the parts of a score, given those of the listener's vector."""
        return parts


class DotRating(RatingLayer):
    """The dot product, or with `temperature` τ above 0 the cosine over τ. Scores split exactly into the parts'."""

    linear = True

    def __init__(self, config: DTNMRConfig) -> None:
        super().__init__()
        self.temperature = config.temperature

    def songs(self, vectors: Tensor) -> Tensor:
        """Give them length 1/τ where there is a temperature."""
        return F.normalize(vectors, dim=1) / self.temperature if self.temperature else vectors

    def every(self, listeners: Tensor, songs: Tensor, room: Tensor | None = None) -> Tensor:
        """Multiply each with each."""
        return torch.mm(self._scaled(listeners).sum(0), songs.T, out=room)

    def own(self, listeners: Tensor, songs: Tensor) -> Tensor:
        """Multiply each with its own."""
        scores: Tensor = torch.einsum("be,bne->bn", self._scaled(listeners).sum(0), songs)
        return scores

    def split(self, listeners: Tensor, songs: Tensor) -> Tensor:
        """Multiply each part: they are scaled alike, by the length of their sum."""
        return torch.einsum("pbe,bne->bnp", self._scaled(listeners), songs)

    def _scaled(self, listeners: Tensor) -> Tensor:
        if self.temperature:
            length = torch.linalg.vector_norm(listeners.sum(0), dim=1, keepdim=True)
            listeners = listeners / length.clamp(min=1e-12)
        return listeners


class MLPRating(RatingLayer):
    """One hidden layer over [u, s, u⊙s]: the paper's figure, and the product, without which all would rank alike.

    For one listener the first layer is a Linear layer of the song alone, (W_s + W_p diag(u)) s + (W_u u + b), so that a
    catalogue costs one matrix product. What each part adds to a score is its Shapley value: its mean gain over all
    orders in which the parts can join; "song" is the score for a listener whose vector is zero.
    """

    linear = False

    def __init__(self, config: DTNMRConfig) -> None:
        super().__init__()
        size, hidden = config.embedding_size, config.rating_hidden
        first = nn.Linear(3 * size, hidden)
        self.weight, self.bias = first.weight, first.bias
        self.out = nn.Linear(hidden, 1, bias=False)  # a constant would change no ranking

    def every(self, listeners: Tensor, songs: Tensor, room: Tensor | None = None) -> Tensor:
        """Rate all songs of a chunk for all listeners by one product."""
        weight, bias = self._folded(listeners.sum(0))
        chunks = _chunks(songs, _CELLS // max(bias.numel(), 1))
        hidden = (F.linear(chunk, weight.flatten(0, 1), bias.flatten()).relu() for chunk in chunks)  # (n, B · H)
        return torch.cat([self.out(each.view(len(each), *bias.shape)).squeeze(2) for each in hidden]).T

    def own(self, listeners: Tensor, songs: Tensor) -> Tensor:
        """Rate each listener's own songs."""
        return self._own(listeners.sum(0), songs)

    def split(self, listeners: Tensor, songs: Tensor) -> Tensor:
        """Weigh the gains of each part over all sets of the others."""
        parts = range(len(listeners))
        sets = [each for size in range(len(listeners) + 1) for each in combinations(parts, size)]
        worth = {each: self._own(listeners[list(each)].sum(0), songs) for each in sets}  # (B, n) each
        gains = [torch.zeros_like(worth[()]) for _ in parts]
        for each in sets:
            for part in set(parts) - set(each):
                share = len(parts) * comb(len(parts) - 1, len(each))
                gains[part] += (worth[tuple(sorted((*each, part)))] - worth[each]) / share
        return torch.stack([worth[()], *gains], dim=2)

    def names(self, parts: tuple[str, ...]) -> tuple[str, ...]:
        """Put the song's own part first."""
        return ("song", *parts)

    def _folded(self, listeners: Tensor) -> tuple[Tensor, Tensor]:  # (B, H, E) and (B, H)
        of_listener, of_song, of_product = self.weight.chunk(3, dim=1)
        return of_song + of_product * listeners[:, None, :], F.linear(listeners, of_listener, self.bias)

    def _own(self, listeners: Tensor, songs: Tensor) -> Tensor:
        weight, bias = self._folded(listeners)
        scores: Tensor = self.out(torch.relu(songs @ weight.transpose(1, 2) + bias[:, None, :]))
        return scores.squeeze(2)


def rating_layer(config: DTNMRConfig) -> RatingLayer:
    """Make the rating that `config` names."""
    return MLPRating(config) if config.rating == "mlp" else DotRating(config)


def _chunks(songs: Tensor, size: int) -> Iterator[Tensor]:
    return (songs[at : at + max(size, 1)] for at in range(0, len(songs), max(size, 1)))
