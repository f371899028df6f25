"""Songs that a listener did not play, drawn by the million."""

from __future__ import annotations

import torch
from torch import Tensor

from musicrec.core.ragged import Ragged


class Unplayed:
    """Draws uniformly over the songs that a listener never played.

    A draw that hits a played song is drawn again, so what remains is exactly uniform. Membership is a binary search in
    the sorted keys listener · songs + song.
    """

    def __init__(self, played: Ragged, songs: int, device: torch.device) -> None:
        self.songs = songs
        self.keys = torch.unique(played.row_ids() * songs + played.values).to(device)
        counts = torch.bincount(self.keys // songs, minlength=len(played))
        self.exhausted = counts >= songs  # these have played everything: nothing can be drawn for them
        self.any_exhausted = bool(self.exhausted.any())

    def hits(self, listeners: Tensor, songs: Tensor) -> Tensor:
        """Say for each pair whether it is a play: bool (n,)."""
        keys = listeners * self.songs + songs
        at = torch.searchsorted(self.keys, keys).clamp_(max=max(len(self.keys) - 1, 0))
        return self.keys[at] == keys if len(self.keys) else torch.zeros_like(keys, dtype=torch.bool)

    def draw(self, listeners: Tensor, generator: torch.Generator) -> Tensor:
        """Draw one song for each entry of `listeners`: int64 (n,). Raises ValueError where a listener played all."""
        if self.any_exhausted and bool(self.exhausted[listeners].any()):
            raise ValueError("a listener has played the whole catalogue: there is nothing to draw negatives from")
        drawn = self._random(len(listeners), generator)
        wrong = self.hits(listeners, drawn).nonzero().squeeze(1)
        while len(wrong):
            drawn[wrong] = self._random(len(wrong), generator)
            wrong = wrong[self.hits(listeners[wrong], drawn[wrong])]
        return drawn

    def _random(self, count: int, generator: torch.Generator) -> Tensor:
        return torch.randint(self.songs, (count,), generator=generator).to(self.keys.device)
