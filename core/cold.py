"""Listeners as if they were new: who they are and a few plays, and nothing that was learned of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import torch
from torch import Tensor

from musicrec.core import distributed
from musicrec.core.dataset import Listeners, take
from musicrec.core.errors import MusicrecError
from musicrec.core.models.base import Parts, Scorer
from musicrec.core.ragged import Ragged, offsets_of
from musicrec.core.records import Listener


def first_plays(past: Listeners, count: int) -> Listeners:
    """Return states of nobody's (`ids` -1) that hold the first `count` plays of each, or all where there are fewer."""
    everyone = torch.arange(len(past))
    lengths = past.songs.lengths.clamp(max=count)
    songs, behaviours = past.songs.prefixes(everyone, lengths), past.behaviours.prefixes(everyone, lengths)
    return Listeners(torch.full_like(past.ids, -1), songs, behaviours)


def as_new(scorer: Scorer, states: Listeners, facts: Sequence[Listener]) -> Listeners:
    """Have a scorer make each of `states` (B,) ready as it does for somebody new, of whom `facts` (B,) is known."""
    if type(scorer).adapt is Scorer.adapt:  # it reads plays alone
        return states
    rows = torch.arange(len(states), device=states.ids.device)
    return _joined(
        [scorer.adapt(take(states, rows[row : row + 1]), None, replace(who, plays=0)) for row, who in enumerate(facts)]
    )


def _joined(states: Sequence[Listeners]) -> Listeners:
    statics = [state.static for state in states if state.static is not None]
    vectors = [state.vectors for state in states if state.vectors is not None]
    if len(statics) not in (0, len(states)) or len(vectors) not in (0, len(states)):
        raise MusicrecError("a model made some listeners ready as new and others not: it cannot be measured so")
    return Listeners(
        torch.cat([state.ids for state in states]),
        _stacked([state.songs for state in states]),
        _stacked([state.behaviours for state in states]),
        _stacked(statics) if statics else None,
        torch.cat(vectors) if vectors else None,
    )


def _stacked(rows: Sequence[Ragged]) -> Ragged:
    values: Tensor = torch.cat([each.values for each in rows])
    return Ragged(values, offsets_of(torch.cat([each.lengths for each in rows])))


class Chance(Scorer):
    """Scores drawn anew for each listener and song: what a model must exceed to have told anything."""

    def __init__(self, songs: int, seed: int, device: torch.device) -> None:
        self._songs, self._device = songs, device
        # Each process of a group scores other listeners
        self._generator = torch.Generator().manual_seed(distributed.unlike_seed(seed, distributed.current().rank))

    def scores(self, listeners: Listeners) -> Tensor:
        return torch.rand((len(listeners), self._songs), generator=self._generator).to(self._device)

    def parts(self, listeners: Listeners, songs: Tensor) -> Parts:
        return Parts(("chance",), self.scores(listeners).gather(1, songs).unsqueeze(-1))
