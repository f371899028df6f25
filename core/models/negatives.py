"""Songs that a listener did not play, drawn by the million."""

from __future__ import annotations

import torch
from torch import Tensor

from musicrec.core import compiled_drawing
from musicrec.core.errors import MusicrecError
from musicrec.core.ragged import Ragged, offsets_of

_ROUNDS = 64  # of draws, before what is left is drawn from a listener's unplayed songs alone


def sampling_chances(plays: Tensor, exponent: float) -> Tensor:
    """Chances (S,) in double precision, which sum to 1, in proportion to (plays + 1)^exponent.

    `plays` (S,) are training plays. The one more lets songs that nobody played be drawn: what is never drawn is never
    taught to be low.
    """
    weights = (plays.double() + 1) ** exponent
    return weights / weights.sum()


class Unplayed:
    """Draws songs that a listener never played: uniformly, or by the `chances` (S,) of `sampling_chances`.

    A draw that hits a played song is drawn again, so among what remains the proportions are exact; where nearly all
    draws would hit, those that are left after some rounds are drawn from the unplayed songs alone. `spared`, pairs of
    listeners (n,) and songs (n,), are never drawn either. Membership is a binary search in the sorted keys
    listener · songs + song.
    """

    def __init__(
        self,
        played: Ragged,
        songs: int,
        device: torch.device,
        chances: Tensor | None = None,
        spared: tuple[Tensor, Tensor] | None = None,
    ) -> None:
        self.songs = songs
        keys = played.row_ids() * songs + played.values
        if spared is not None:
            keys = torch.cat([keys, spared[0] * songs + spared[1]])
        self.keys = torch.unique(keys).to(device)
        counts = torch.bincount(self.keys // songs, minlength=len(played))
        self._offsets, self._played = offsets_of(counts), self.keys % songs
        self.exhausted = counts >= songs  # nothing can be drawn for these
        self.any_exhausted = bool(self.exhausted.any())
        self._chances, self._running = chances, None if chances is None else chances.cumsum(0)

    def hits(self, listeners: Tensor, songs: Tensor) -> Tensor:
        """Say for each pair whether it is a play, or spared: bool (n,)."""
        if compiled_drawing.are_worth(songs):
            return compiled_drawing.mark_played(self._offsets, self._played, listeners, songs, self.songs)
        keys = listeners * self.songs + songs
        at = torch.searchsorted(self.keys, keys).clamp_(max=max(len(self.keys) - 1, 0))
        return self.keys[at] == keys if len(self.keys) else torch.zeros_like(keys, dtype=torch.bool)

    def draw(self, listeners: Tensor, generator: torch.Generator) -> Tensor:
        """Draw one song for each entry of `listeners`: int64 (n,). Raises MusicrecError where nothing is left."""
        if self.any_exhausted and bool(self.exhausted[listeners].any()):
            raise MusicrecError(
                "a listener has played the whole catalogue (or what of it spare_negatives leaves): there is nothing to "
                "draw negatives from; import more songs, or train popularity or itemknn"
            )
        drawn = self._random(len(listeners), generator)
        wrong = self.hits(listeners, drawn).nonzero().squeeze(1)
        for _ in range(_ROUNDS):
            if not len(wrong):
                return drawn
            drawn[wrong] = self._random(len(wrong), generator)
            wrong = wrong[self.hits(listeners[wrong], drawn[wrong])]
        for listener in torch.unique(listeners[wrong]).tolist():
            mine = wrong[listeners[wrong] == listener]
            drawn[mine] = self._random_unplayed(listener, len(mine), generator)
        return drawn

    def draw_distinct(self, count: int, generator: torch.Generator) -> Tensor:
        """Draw `count` songs for each listener, none of them twice: int64 (L, count). All must have as many left."""
        listeners = torch.arange(len(self.exhausted), device=self.keys.device).repeat_interleave(count)
        drawn = self.draw(listeners, generator)
        while True:
            order = (listeners * self.songs + drawn).argsort(stable=True)
            ordered = drawn[order]
            same = (ordered[1:] == ordered[:-1]) & (listeners[order][1:] == listeners[order][:-1])
            again = order[1:][same].sort().values  # all but the first of equal ones
            if not len(again):
                return drawn.view(-1, count)
            drawn[again] = self.draw(listeners[again], generator)

    def _random_unplayed(self, listener: int, count: int, generator: torch.Generator) -> Tensor:
        free = torch.ones(self.songs, dtype=torch.bool)
        free[self._played[self._offsets[listener] : self._offsets[listener + 1]].cpu()] = False
        songs = free.nonzero().squeeze(1)
        chances = torch.ones(self.songs, dtype=torch.float64) if self._chances is None else self._chances
        running = chances[songs].cumsum(0)
        places = torch.rand(count, generator=generator, dtype=torch.float64) * running[-1]
        at = torch.searchsorted(running, places, right=True).clamp_(max=len(songs) - 1)
        return songs[at].to(self.keys.device)

    def _random(self, count: int, generator: torch.Generator) -> Tensor:
        if self._running is None:
            return torch.randint(self.songs, (count,), generator=generator).to(self.keys.device)
        places = torch.rand(count, generator=generator, dtype=torch.float64) * self._running[-1]
        if compiled_drawing.are_worth(places):
            return compiled_drawing.find_songs(self._running, places).to(self.keys.device)
        return torch.searchsorted(self._running, places, right=True).clamp_(max=self.songs - 1).to(self.keys.device)
