"""The small interface that every model keeps: fit or take gradient steps, then score."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

import torch
from torch import Tensor, nn

from musicrec.core import compiled_ranking
from musicrec.core.dataset import Dataset, Listeners
from musicrec.core.errors import MusicrecError
from musicrec.core.models.batches import count_rows
from musicrec.core.records import Listener


@dataclass(frozen=True, slots=True)
class Parts:
    """Scores as sums: `values` (B, n, parts) adds up to the scores over its last dimension."""

    names: tuple[str, ...]
    values: Tensor


class Scorer(ABC):
    """A trained model on one dataset, with all that depends on songs alone computed once.

    `pairwise` is whether `scores_of` takes time by the songs that it is asked for, not by the catalogue.
    """

    pairwise: ClassVar[bool] = False

    @property
    def finds_best(self) -> bool:
        """Whether `best` is ready to find songs faster than `scores` does."""
        return False

    @abstractmethod
    def scores(self, listeners: Listeners) -> Tensor:
        """Score the whole catalogue for every listener: float32 logits (B, S), comparable within a row alone."""

    def scores_in(self, listeners: Listeners, room: Tensor) -> Tensor:
        """Score as `scores` does, where it can be in the first rows of `room` (≥ B, S), and return the scores.

        Memory that is taken anew for every block costs as much as products of short vectors.
        """
        return self.scores(listeners)

    def scores_of(self, listeners: Listeners, songs: Tensor) -> Tensor:
        """Score for each listener songs of their own, (B, n): (B, n)."""
        if self.pairwise:
            return self.parts(listeners, songs).values.sum(2)
        return self.scores(listeners).gather(1, songs)

    def best(self, listener: Listeners, k: int, heard: Tensor, allowed: Tensor | None) -> tuple[Tensor, Tensor] | None:
        """Find the best `k` songs for one listener and their scores, falling, without writing down all the others'.

        They are what sorting `scores` would give, the first of equal ones first. No candidates are `heard` (n,), which
        rises, and those where `allowed` bool (S,) is false. None where there is no such way, or a score is not finite.
        """
        return None

    def expect(self, scores: float, best: bool = False) -> None:
        """Be told that about so many scores will be asked for, so that what takes time to make ready may pay.

        With `best`, what the first call of `best` would make ready is made so now. Whoever scores, the compiled loops
        that place the scores are made ready where they pay.
        """
        compiled_ranking.prepare(scores)

    @abstractmethod
    def parts(self, listeners: Listeners, songs: Tensor) -> Parts:
        """Take apart the scores of `songs` (B, n)."""

    def usual_parts(self, listeners: Listeners, scores: Tensor) -> Tensor:
        """Average each part over the catalogue: (B, parts). `scores` (B, S) are those of these listeners."""
        every = torch.arange(scores.shape[1], device=scores.device).expand(len(listeners), -1)
        return self.parts(listeners, every).values.mean(1)

    def adapt(self, state: Listeners, origin: Listeners | None, facts: Listener | None) -> Listeners:
        """Make ready to score one listener who was edited or built from nothing (`ids` -1).

        `origin` is the state before the edits, None for a new listener; `facts` is who they are now, None where that is
        as in the dataset. Models that read plays alone take every state as it is.
        """
        return state

    @property
    def song_vectors(self) -> Tensor | None:
        """Vectors (S, D) whose cosine is similarity, or None where the model has no notion of it."""
        return None

    def similarities(self, song: int, among: Tensor | None = None) -> Tensor | None:
        """Similarity of `song` to the songs `among` (n,), or to the whole catalogue: (n,) in [-1, 1], or None."""
        vectors = self.song_vectors
        if vectors is None:
            return None
        others = nn.functional.normalize(vectors if among is None else vectors[among], dim=1)
        return others @ nn.functional.normalize(vectors[song], dim=0)


def check_scores(scores: Tensor) -> None:
    """Raise MusicrecError unless all scores are finite: whoever ranks them gives −inf to what is no candidate."""
    if not bool(torch.isfinite(scores).all()):
        raise MusicrecError(
            "the model's scores are not numbers: its training diverged; train again with a smaller --lr"
        )


class Model(nn.Module, ABC):
    """Weights and what they mean. A model knows the shapes of its dataset from `data` and keeps nothing else of it."""

    @abstractmethod
    def scorer(self, data: Dataset) -> Scorer:
        """Compute once what depends on songs alone, on the device of the weights."""


class FittedModel(Model):
    """A model computed from the training plays in one go."""

    @abstractmethod
    def fit(self, data: Dataset) -> None:
        """Fill the model's buffers from the training plays of `data`."""


class GradientModel(Model):
    """A model trained by gradient steps."""

    @abstractmethod
    def prepare(self, data: Dataset) -> None:
        """Take from `data` what training needs on the device; called once, after the model is on its device."""

    @abstractmethod
    def samples(self) -> int:
        """Count the samples of one pass."""

    @abstractmethod
    def batches(self, generator: torch.Generator) -> Iterator[Any]:
        """Yield the batches of one pass, sampled and shuffled by `generator`, which is on the CPU."""

    @abstractmethod
    def loss(self, batch: Any) -> Tensor:
        """Return the mean loss over a batch."""

    def weight(self, batch: Any) -> float:
        """Say how many samples the mean loss over a batch is a mean of: its rows, where a model does not say else."""
        return count_rows(batch)
