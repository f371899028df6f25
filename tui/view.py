"""The view: the one frozen value that says what the explore screen is about."""

from __future__ import annotations

from dataclasses import dataclass

from musicrec.core.records import Listener, RunCard

SIZES = (5, 10, 20, 50, 100, 200)  # lengths of the ranking that + and - go through


@dataclass(frozen=True, slots=True)
class View:
    """What is shown: for whom, by which run, how many songs, with or without those already heard."""

    listener: Listener | None = None
    run: str | None = None  # the run that is loaded; None until one is
    runs: tuple[RunCard, ...] = ()
    k: int = 10
    include_heard: bool = False

    @property
    def card(self) -> RunCard | None:
        """What is known of the run."""
        return next((card for card in self.runs if card.name == self.run), None)

    def resized(self, steps: int) -> int:
        """Return the length of the ranking `steps` sizes further."""
        index = SIZES.index(self.k) if self.k in SIZES else 1
        return SIZES[min(max(index + steps, 0), len(SIZES) - 1)]
