"""A run ready to answer: exact top-k, explanations and similar songs for any listener state."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from musicrec.core.dataset import Dataset, Listeners, take
from musicrec.core.errors import MusicrecError
from musicrec.core.models.base import Model, Parts
from musicrec.core.places import Places
from musicrec.core.records import RunCard
from musicrec.core.weights import load_model


@dataclass(frozen=True, slots=True)
class Top:
    """The best songs of a catalogue: `songs` and `scores` (≤ k,), out of so many candidates."""

    songs: Tensor
    scores: Tensor
    candidates: int


class Ranking:
    """One run on one dataset, with everything that depends on songs alone computed once.

    A listener state is a value: recommending to a listener of the dataset, to one with an edited playlist and to a new
    one is the same call.
    """

    def __init__(self, card: RunCard, model: Model, data: Dataset, device: torch.device) -> None:
        self.card, self.device = card, device
        self.scorer = model.scorer(data)
        self._past = data.past("test")
        popularity = data.popularity.argsort(descending=True, stable=True)
        self._popularity_rank = torch.empty_like(popularity)
        self._popularity_rank[popularity] = torch.arange(1, data.song_count + 1)

    @classmethod
    def load(cls, places: Places, card: RunCard, data: Dataset, device: torch.device) -> Ranking:
        """Load a run. Raises WrongDataset or MusicrecError where it cannot be used."""
        return cls(card, load_model(places, card, data, device), data, device)

    def state(self, listener: int) -> Listeners:
        """The state of a listener of the dataset: everything but the test plays."""
        return take(self._past, torch.tensor([listener])).to(self.device)

    def top(self, state: Listeners, k: int, include_heard: bool = False, allowed: Tensor | None = None) -> Top:
        """Rank the catalogue for one listener state, exactly; songs heard are left out unless asked for.

        `allowed` int64 (n,) limits the candidates. Ties go to the song with more plays. Fewer than `k` songs come back
        where fewer are left.
        """
        scores = self._scores(state)
        barred = torch.zeros_like(scores, dtype=torch.bool)
        if allowed is not None:
            barred[:] = True
            barred[allowed.to(self.device)] = False
        if not include_heard:
            barred[state.songs.values] = True
        scores = scores.masked_fill(barred, -torch.inf)
        candidates = len(scores) - int(barred.sum())
        songs = _best(scores, min(k, candidates))
        return Top(songs.cpu(), scores[songs].cpu(), candidates)

    def parts(self, state: Listeners, song: int) -> Parts:
        """Take the score of one song apart: (1, 1, parts)."""
        return self.scorer.parts(state, torch.tensor([[song]], device=self.device))

    def usual_parts(self, state: Listeners) -> tuple[float, ...]:
        """The mean of each part of the score over the whole catalogue."""
        every = torch.arange(len(self._popularity_rank), device=self.device)[None]
        return tuple(self.scorer.parts(state, every).values[0].mean(0).tolist())

    def nearest(self, state: Listeners, song: int, count: int) -> list[tuple[int, float]]:
        """The played songs most like `song`, nearest first, with their similarity."""
        similar = self.scorer.similarities(song)
        if similar is None:
            return []
        played = torch.unique(state.songs.values)
        played = played[played != song]
        best = similar[played].topk(min(count, len(played)))
        return list(zip(played[best.indices].tolist(), best.values.tolist(), strict=True))

    def similar(self, song: int, k: int) -> list[tuple[int, float]]:
        """The songs most like `song` in the catalogue. Raises MusicrecError for a model that cannot tell."""
        similar = self.scorer.similarities(song)
        if similar is None:
            raise MusicrecError(f"run {self.card.name}: {self.card.model} has no notion of similar songs")
        similar = similar.clone()
        similar[song] = -torch.inf
        songs = _best(similar, min(k, len(similar) - 1))
        return list(zip(songs.tolist(), similar[songs].tolist(), strict=True))

    def popularity_rank(self, song: int) -> int:
        """1 for the most played song."""
        return int(self._popularity_rank[song])

    def _scores(self, state: Listeners) -> Tensor:
        scores = self.scorer.scores(state)[0]
        if bool(torch.isnan(scores).any()):
            raise MusicrecError(f"run {self.card.name} gives scores that are not numbers: train it again")
        return scores


def _best(scores: Tensor, k: int) -> Tensor:
    """Indices of the k highest scores, falling; among equal ones the lower index, which has more plays, comes first."""
    if k <= 0:
        return torch.zeros(0, dtype=torch.int64, device=scores.device)
    threshold = scores.topk(k).values[-1]
    found = (scores >= threshold).nonzero().squeeze(1)
    return found[scores[found].argsort(descending=True, stable=True)][:k]
