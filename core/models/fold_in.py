"""Vectors of listeners who were not there in training, or who played something else there: the songs stay as they are.

A listener's vector p is the most probable one given their plays. For a new listener it minimises

    J(p) = L(p; plays) + (p - m)' V^-1 (p - m) / 2

L is the training loss in expectation: binary cross-entropy of every play, and of `negatives` songs per play drawn
from those never played by the chances of training. N(m, V) is fitted to the trained listeners, V diagonal. No plays
give m.

For a listener of the training with vector q, training stopped where J has some gradient c at q for the plays that were
there. Each of those plays keeps its share of c, so with a part r of them left in place

    J(p) = L(p; edited plays) + (p - m)' V^-1 (p - m) / 2 - r <c, p>

Without an edit q is a stationary point, and with all plays taken away the listener is as good as new.

The logit is piecewise linear in p (ReLU layers over a frozen song side), so Gauss-Newton steps are Newton steps. They
are halved until J falls enough, and end with one that lowers J by less than 0.05: at the kinks of the ReLUs there is no
end to smaller ones, and a posterior of D dimensions spreads over D / 2.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property

import torch
from torch import Tensor
from torch.nn import functional as F

from musicrec.core.dataset import TRAIN, Dataset, Listeners
from musicrec.core.models.base import Scorer
from musicrec.core.models.doubles import exact_device
from musicrec.core.ragged import Ragged
from musicrec.core.records import Listener

_SAMPLED = 2048  # songs that stand for all unplayed ones
_SEED = 7
_ENOUGH, _STEPS, _HALVINGS, _FALL = 0.05, 30, 6, 1e-4

Linearised = Callable[[Tensor, Tensor], tuple[Tensor, Tensor]]


@dataclass(frozen=True, slots=True)
class Sample:
    """Weighted songs (n, …): `played` is 1 for plays and 0 for the songs that stand for the unplayed ones.

    They are where double precision is; see `exact_device`.
    """

    songs: Tensor
    weights: Tensor
    played: Tensor


@dataclass(frozen=True, slots=True)
class _Point:
    """J, its gradient (D,) and its Hessian (D, D) at one vector, in double precision."""

    value: float
    gradient: Tensor
    hessian: Tensor


class FoldIn:
    """Finds vectors by `linearised`: the logits (n,) of a vector (D,) with songs (n,), and their slopes in it (n, D).

    `trained` (L, D) are the vectors of the listeners who took part in training. `chances` (S,) are those of songs to be
    drawn as negatives, None where all are alike.
    """

    def __init__(
        self, linearised: Linearised, trained: Tensor, songs: int, negatives: int, chances: Tensor | None = None
    ) -> None:
        self._linearised, self._negatives, self._device = linearised, negatives, trained.device
        self._exact = exact_device(trained.device)
        self._mean = trained.mean(0).to(self._exact).double()
        self._deviation = trained.to(self._exact).double().std(0, correction=0).clamp(min=1e-4)
        even = torch.full((songs,), 1 / songs, dtype=torch.float64)
        drawn, weights = _standing(even if chances is None else chances)
        self._unplayed, self._weights = drawn.to(self._exact), weights.to(self._exact)

    @torch.no_grad()
    def new(self, plays: Tensor) -> Tensor:
        """Return the vector (D,) of a listener with these plays (n,)."""
        return self._descend(self._mean, self._sample(plays), torch.zeros_like(self._mean))

    @torch.no_grad()
    def edited(self, vector: Tensor, original: Tensor, plays: Tensor) -> Tensor:
        """Return the vector (D,) of a listener trained to `vector` whose plays were `original` and now are `plays`."""
        trained, kept = vector.to(self._exact).double(), _kept(original, plays)
        residual = self._at(trained, self._sample(original), torch.zeros_like(trained)).gradient
        start = trained if kept == 1 else self._mean + kept * (trained - self._mean)
        return self._descend(start, self._sample(plays), residual * kept)

    def _sample(self, plays: Tensor) -> Sample:
        songs, counts = torch.unique(plays.to(self._exact), return_counts=True)
        free = ~torch.isin(self._unplayed, songs)
        others, weights = self._unplayed[free], self._weights[free]
        return Sample(
            torch.cat([songs, others]),
            torch.cat([counts.double(), weights * (self._negatives * len(plays) / weights.sum())]),
            torch.cat([torch.ones_like(songs), torch.zeros_like(others)]).double(),
        )

    def _at(self, p: Tensor, sample: Sample, correction: Tensor) -> _Point:
        logits, slopes = self._linearised(p.float().to(self._device), sample.songs.to(self._device))
        logits, slopes = logits.to(self._exact).double(), slopes.to(self._exact)
        precision, away = self._deviation**-2, p - self._mean
        chances = logits.sigmoid()
        loss = F.binary_cross_entropy_with_logits(logits, sample.played, sample.weights, reduction="sum")
        pull = slopes.T @ (sample.weights * (chances - sample.played)).to(slopes.dtype)
        curve = slopes.T @ (slopes * (sample.weights * chances * (1 - chances)).to(slopes.dtype)[:, None])
        return _Point(
            float(loss + (precision * away**2).sum() / 2 - correction @ p),
            pull.double() + precision * away - correction,
            curve.double() + precision.diag(),
        )

    def _descend(self, p: Tensor, sample: Sample, correction: Tensor) -> Tensor:
        here = self._at(p, sample, correction)
        for _ in range(_STEPS):
            step = torch.linalg.solve(here.hessian, -here.gradient)
            slope = float(here.gradient @ step)
            for halving in range(_HALVINGS):
                there = self._at(p + step / 2**halving, sample, correction)
                if there.value <= here.value + _FALL * slope / 2**halving:
                    break
            else:  # at a kink: no step along this line goes down
                break
            fall = here.value - there.value
            p, here = p + step / 2**halving, there
            if fall < _ENOUGH:
                break
        return p.float().to(self._device)


class FoldInScorer(Scorer):
    """What scorers share whose models learned a vector for each listener: whose to take, and fold-in where none is.

    `listener_rows` (L, D) are these vectors. In the place of those of listeners without training plays stands the mean
    of the others, which is also what folding in without plays finds.
    """

    def __init__(self, listener_rows: Tensor, data: Dataset) -> None:
        self.listener_rows, self.data = listener_rows, data

    @abstractmethod
    def folding(self, trained: Tensor) -> FoldIn:
        """Make what finds vectors, from those (n, D) of the listeners with training plays."""

    @torch.no_grad()
    def adapt(self, state: Listeners, origin: Listeners | None, facts: Listener | None) -> Listeners:
        plays = state.songs.values
        if origin is None or not bool(self._trained[origin.ids]):
            return replace(state, vectors=self._fold_in.new(plays)[None])
        vector = self.listener_rows[origin.ids[0]]
        return replace(state, vectors=self._fold_in.edited(vector, origin.songs.values, plays)[None])

    def rows(self, listeners: Listeners) -> Tensor:
        """Return what is known of each listener: (B, D); of one without training plays, what is of a new one."""
        if listeners.vectors is not None:
            return listeners.vectors
        if bool((listeners.ids < 0).any()):
            raise ValueError("a listener who was not there in training has no vector: adapt the state first")
        found = self.listener_rows[listeners.ids]
        if self._mean is None:
            return found
        return torch.where(self._trained[listeners.ids, None], found, self._mean)

    @cached_property
    def _trained(self) -> Tensor:
        plays = Ragged(self.data.songs, self.data.offsets)
        return (plays.count(self.data.split == TRAIN) > 0).to(self.listener_rows.device)

    @cached_property
    def _mean(self) -> Tensor | None:
        # Rows that no play ever taught are as they were drawn: the mean of the others, as for a new listener
        return None if bool(self._trained.all()) else self.listener_rows[self._trained].mean(0)

    @cached_property
    def _fold_in(self) -> FoldIn:
        return self.folding(self.listener_rows[self._trained])


def _standing(chances: Tensor) -> tuple[Tensor, Tensor]:
    """Choose songs (n,) that stand for all, with weights (n,): all of them by their chances, or `_SAMPLED` alike."""
    songs = len(chances)
    if songs <= _SAMPLED:
        return torch.arange(songs), chances
    # One song of each of equal stretches of the catalogue, which is in order of popularity, by chance
    places = torch.rand(_SAMPLED, generator=torch.Generator().manual_seed(_SEED), dtype=torch.float64)
    running = chances.cumsum(0)
    at = (torch.arange(_SAMPLED) + places) / _SAMPLED * running[-1]
    drawn = torch.searchsorted(running, at, right=True).clamp_(max=songs - 1)
    return drawn, torch.ones(_SAMPLED, dtype=torch.float64)


def _kept(original: Tensor, plays: Tensor) -> float:
    """Return the part of the `original` plays that is among `plays`, each as often as it is there."""
    songs, places = torch.unique(torch.cat([original, plays]), return_inverse=True)
    before, now = (torch.bincount(some, minlength=len(songs)) for some in places.tensor_split([len(original)]))
    return float(torch.minimum(before, now).sum()) / max(len(original), 1)
