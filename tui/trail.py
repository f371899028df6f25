"""The way back: the spots that were visited, and those that were left by going back."""

from __future__ import annotations

from dataclasses import dataclass

from musicrec.core.records import Listener, Song

LONGEST = 200


@dataclass(frozen=True, slots=True)
class Spot:
    """A place, and whom and what it showed."""

    place: str
    listener: Listener | None
    song: Song | None


@dataclass(frozen=True, slots=True)
class Trail:
    """Spots behind the present one and ahead of it, the nearest last."""

    behind: tuple[Spot, ...] = ()
    ahead: tuple[Spot, ...] = ()

    def left(self, spot: Spot) -> Trail:
        """Remember `spot`, which is being left for a new one."""
        if self.behind[-1:] == (spot,):
            return Trail(self.behind)
        return Trail((*self.behind, spot)[-LONGEST:])

    def back(self, present: Spot) -> tuple[Spot, Trail] | None:
        """Return the spot before, and the trail from there; None at the beginning."""
        behind = self.behind[:-1] if self.behind[-1:] == (present,) else self.behind
        return (behind[-1], Trail(behind[:-1], (*self.ahead, present))) if behind else None

    def forward(self, present: Spot) -> tuple[Spot, Trail] | None:
        """Return the spot that was left by going back, and the trail from there; None at the end."""
        return (self.ahead[-1], Trail((*self.behind, present), self.ahead[:-1])) if self.ahead else None
