"""A run ready to answer: exact orders, explanations and similar songs for any listener, edited or new."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from weakref import proxy

import numpy as np
import torch
from torch import Tensor

from musicrec.core import compiled_ranking
from musicrec.core.dataset import Dataset, Listeners
from musicrec.core.drafts import Draft
from musicrec.core.errors import MusicrecError
from musicrec.core.models.base import Model, Parts
from musicrec.core.ordering import LazyOrder, Order, best
from musicrec.core.places import Places
from musicrec.core.ragged import Ragged
from musicrec.core.records import Listener, RunCard
from musicrec.core.weights import load_model

_LARGE = 100_000  # songs from which the compiled loops save more than a screen's frame
_KEPT = 8  # states and their scores that stay: the same listener is asked about again and again


@dataclass(frozen=True, slots=True)
class _Who:
    """Whom a question is about: a listener of the dataset (-1 for none), and facts and plays where they are edited."""

    origin: int
    facts: Listener | None = None
    songs: tuple[int, ...] | None = None
    behaviours: tuple[int, ...] = ()


class Ranking:
    """One run on one dataset, with everything that depends on songs alone computed once.

    A listener is the dense number of one of the dataset or a draft; a draft without edits is its origin. Every method
    may be called from any thread.
    """

    def __init__(self, card: RunCard, model: Model, data: Dataset, device: torch.device) -> None:
        self.card, self.device = card, device
        self.scorer = model.scorer(data)
        self._past = data.past("test")
        self._behaviours = {name: code for code, name in enumerate(data.behaviour_names, start=1)}
        popularity = data.popularity.argsort(descending=True, stable=True)
        self._popularity_rank = torch.empty_like(popularity)
        self._popularity_rank[popularity] = torch.arange(1, data.song_count + 1)
        me: Ranking = proxy(self)  # else it would keep itself in memory when it is let go
        self._state_of = lru_cache(_KEPT)(lambda who: me._make_state(who))
        self._scores_of = lru_cache(_KEPT)(lambda who: me._score(who))

    @classmethod
    def load(cls, places: Places, card: RunCard, data: Dataset, device: torch.device) -> Ranking:
        """Load a run. Raises WrongDataset or MusicrecError where it cannot be used."""
        return cls(card, load_model(places, card, data, device), data, device)

    def hasten(self) -> None:
        """Rank by compiled loops from now on, where they were compiled before and the catalogue is large.

        That takes half a second, in which every question is answered all the same.
        """
        if len(self._popularity_rank) >= _LARGE:
            self.scorer.expect(compiled_ranking.WORTH_LOADING, best=True)

    def state(self, listener: int | Draft) -> Listeners:
        """The state that the model reads: for a listener of the dataset everything but the test plays."""
        return self._state_of(self._who(listener))

    def order(self, listener: int | Draft, include_heard: bool = False, allowed: Tensor | None = None) -> Order:
        """Rank the catalogue for one listener; songs heard are no candidates unless asked for.

        `allowed` bool (S,) limits the candidates. Raises MusicrecError where a score is not a number.
        """
        who = self._who(listener)
        if not self.scorer.finds_best:
            return self._whole(who, include_heard, allowed)
        songs = self._state_of(who).songs.values[: 0 if include_heard else None]
        heard = torch.from_numpy(np.unique(songs.numpy()))
        candidates = len(self._popularity_rank) - len(heard)
        if allowed is not None:
            candidates = int(np.count_nonzero(allowed.numpy())) - int(allowed[heard].sum())
        return LazyOrder(
            candidates,
            lambda k: self.scorer.best(self._state_of(who), k, heard, allowed),
            lambda: self._whole(who, include_heard, allowed),
        )

    def _whole(self, who: _Who, include_heard: bool, allowed: Tensor | None) -> Order:
        scores = self._scores_of(who)
        # numpy asks no other thread to fill them: on a busy machine that takes longer than all the rest
        none = np.zeros(len(scores), dtype=np.bool_)
        barred = (torch.from_numpy(none) if allowed is None else ~allowed).to(self.device)
        if not include_heard:
            barred[self._state_of(who).songs.values] = True
        return Order(scores, barred)

    def parts(self, state: Listeners, song: int) -> Parts:
        """Take the score of one song apart: (1, 1, parts)."""
        return self.scorer.parts(state, torch.tensor([[song]], device=self.device))

    def usual_parts(self, listener: int | Draft) -> tuple[float, ...]:
        """The mean of each part of the score over the whole catalogue."""
        who = self._who(listener)
        return tuple(self.scorer.usual_parts(self._state_of(who), self._scores_of(who)[None])[0].tolist())

    def nearest(self, state: Listeners, song: int, count: int) -> list[tuple[int, float]]:
        """The played songs most like `song`, nearest first, with their similarity."""
        played = torch.unique(state.songs.values)
        played = played[played != song]
        similar = self.scorer.similarities(song, played)
        if similar is None:
            return []
        nearest = similar.topk(min(count, len(played)))
        return list(zip(played[nearest.indices].tolist(), nearest.values.tolist(), strict=True))

    def similar(self, song: int, k: int) -> list[tuple[int, float]]:
        """The songs most like `song` in the catalogue. Raises MusicrecError for a model that cannot tell."""
        similar = self.scorer.similarities(song)
        if similar is None:
            raise MusicrecError(f"run {self.card.name}: {self.card.model} has no notion of similar songs")
        similar = similar.clone()
        similar[song] = -torch.inf
        songs = best(similar, min(k, len(similar) - 1))
        return list(zip(songs.tolist(), similar[songs].tolist(), strict=True))

    def popularity_rank(self, song: int) -> int:
        """1 for the most played song."""
        return int(self._popularity_rank[song])

    def _who(self, listener: int | Draft) -> _Who:
        if isinstance(listener, int):
            return _Who(listener)
        songs = tuple(play.song.song for play in listener.plays)
        behaviours = tuple(self._behaviours.get(play.behaviour or "", 0) for play in listener.plays)
        if listener.origin is None:
            return _Who(-1, replace(listener.listener, plays=0), songs, behaviours)
        origin, edited = listener.origin, replace(listener.listener, plays=listener.origin.plays) != listener.origin
        facts = replace(listener.listener, plays=0) if edited else None
        past = self._state_of(_Who(origin.listener))
        same = songs == tuple(past.songs.values.tolist()) and behaviours == tuple(past.behaviours.values.tolist())
        return _Who(origin.listener) if same and not edited else _Who(origin.listener, facts, songs, behaviours)

    def _make_state(self, who: _Who) -> Listeners:
        number = torch.tensor([who.origin])
        origin = None if who.origin < 0 else self._past_of(who.origin).to(self.device)
        if origin is not None and who.songs is None:
            return origin
        state = Listeners(number, Ragged.of([who.songs or ()]), Ragged.of([who.behaviours]))
        return self.scorer.adapt(state.to(self.device), origin, who.facts)

    def _past_of(self, listener: int) -> Listeners:
        # As `take` would, in a third of its time: it is a tenth of the answer where the catalogue is small
        songs, behaviours = self._past.songs, self._past.behaviours
        first, end = songs.offsets[listener : listener + 2].tolist()
        number, offsets = torch.tensor([listener]), torch.tensor([0, end - first])
        played, how = songs.values[first:end], behaviours.values[first:end]
        return Listeners(number, Ragged(played, offsets), Ragged(how, offsets))

    def _score(self, who: _Who) -> Tensor:
        scores = self.scorer.scores(self._state_of(who))[0]
        if bool(scores.min().isnan()):  # the least of all is not a number where any is not
            raise MusicrecError(f"run {self.card.name} gives scores that are not numbers: train it again")
        return scores
