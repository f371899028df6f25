"""The songs that share a softmax with the true next song."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from musicrec.core.models.configs import DTNMRConfig


@dataclass(frozen=True, slots=True)
class Choices:
    """The true songs (B,) of a batch, and the `others`: (B, n) for each its own, (n,) the same for all.

    `log_weights`, shaped like `others`, says for how many songs each stands.
    """

    true: Tensor
    others: Tensor
    log_weights: Tensor

    def rows(self, index: Tensor) -> Choices:
        """Pick true songs by number, with what is theirs of the others."""
        if self.others.dim() == 1:
            return Choices(self.true[index], self.others, self.log_weights)
        return Choices(self.true[index], self.others[index], self.log_weights[index])

    def cross_entropy(self, of_true: Tensor, of_others: Tensor) -> Tensor:
        """Mean softmax cross-entropy of the true songs by the logits of all: (B,) and (B, n).

        A true song that was drawn too is left out: it is never its own negative.
        """
        same = self.others == self.true[:, None]
        others = (of_others + self.log_weights).masked_fill(same, -torch.inf)
        return (torch.logsumexp(torch.cat([of_true[:, None], others], dim=1), dim=1) - of_true).mean()


class SongSampler:
    """Draws songs by their training plays (S,).

    A song that nobody played is never drawn, and so never taught to be wrong: it stays a cold start. With `correction`
    each of n draws stands for 1 / (n · its chance) songs, so that the softmax is on average that over all songs and a
    popular song is not pushed down for being drawn often (logQ: Bengio and Senécal, 2008; for in-batch songs Yi et al.,
    RecSys 2019, §3). The true song, which is there for certain, stands for itself (Khrylchenko et al., RecSys 2025).
    """

    def __init__(self, config: DTNMRConfig, plays: Tensor, device: torch.device) -> None:
        self.config = config
        self.played = plays.nonzero().squeeze(1)
        exponent = {"uniform": 0.0, "popularity": config.popularity_exponent, "in-batch": 1.0}[config.sampling]
        counts = plays[self.played].double()
        weights = (counts / counts.max()) ** exponent  # at most 1: no power of them is too large
        self.cumulative = (weights / weights.sum()).cumsum(0)  # where the generator is: not all devices have doubles
        self.log_chance = torch.full((len(plays),), -torch.inf, device=device)
        apart = config.sampling == "uniform" and not config.shared_samples  # the true song is passed over when drawing
        self.log_chance[self.played.to(device)] = (
            (weights / max(float(weights.sum()) - apart, 1.0)).log().float().to(device)
        )
        self.played = self.played.to(device)

    def draw(self, true: Tensor, generator: torch.Generator) -> Choices:
        """Draw the other songs for a batch of true ones (B,)."""
        config = self.config
        if config.shared_samples and config.sampling != "in-batch" and config.subset_size > len(self.played):
            return Choices(true, self.played, torch.zeros_like(self.played, dtype=torch.float32))  # the full softmax
        others = self._others(true, generator)
        count = len(true) - 1 if config.sampling == "in-batch" else config.subset_size - 1
        weights = -self.log_chance[others] - math.log(max(count, 1))
        return Choices(true, others, weights if config.correction else torch.zeros_like(weights))

    def _others(self, true: Tensor, generator: torch.Generator) -> Tensor:
        wanted = self.config.subset_size - 1
        if self.config.sampling == "in-batch":
            return true
        shape = (wanted,) if self.config.shared_samples else (len(true), wanted)
        if self.config.sampling == "popularity":
            drawn = torch.rand(shape, generator=generator, dtype=torch.float64)
            places = torch.searchsorted(self.cumulative, drawn).clamp(max=len(self.played) - 1)
            return self.played[places.to(true.device)]
        if self.config.shared_samples:
            return self.played[torch.randperm(len(self.played), generator=generator)[:wanted].to(true.device)]
        count = max(len(self.played) - 1, 1)
        drawn = torch.randint(count, shape, generator=generator).to(true.device)
        skipped = torch.searchsorted(self.played, true)  # the true song's place: draws from there on move up by one
        return self.played[(drawn + (drawn >= skipped[:, None])).clamp(max=len(self.played) - 1)]
