"""The view: the one frozen value that says what the screen is about, in all places alike."""

from __future__ import annotations

from dataclasses import dataclass

from musicrec.core.drafts import UNFILTERED, Filters
from musicrec.core.records import DatasetCard, Listener, RunCard, Song

SIZES = (5, 10, 20, 50, 100, 200)  # lengths of the ranking that + and - go through


@dataclass(frozen=True, slots=True)
class Order:
    """How a list is sorted: by a key of the explorer's, in its usual direction or the other one."""

    key: str = "plays"
    reverse: bool = False


@dataclass(frozen=True, slots=True)
class View:
    """What is shown: for whom, which song, by which run, how many songs of which kinds, in which order lists stand."""

    dataset: DatasetCard | None = None  # None until it is open
    listener: Listener | None = None
    song: Song | None = None
    run: str | None = None  # the run that is loaded; None until one is
    other: str | None = None  # the run that it is compared with
    other_loading: str | None = None  # the run that is being loaded to compare with
    other_problem: str | None = None  # why the run to compare with is not loaded
    runs: tuple[RunCard, ...] | None = None  # None until they have been read
    loading: str | None = None  # what the loading of a run is busy with
    problem: str | None = None  # why the run that was asked for is not loaded
    renewed: int = 0  # how often one of both was loaded once more: it may have other weights by then
    awaited: bool = False  # whether the listener to begin with is still being looked for
    song_awaited: bool = False  # the same for the song
    k: int = 10
    filters: Filters = UNFILTERED
    listener_order: Order = Order()
    song_order: Order = Order()

    @property
    def card(self) -> RunCard | None:
        """What is known of the run."""
        return self.card_of(self.run)

    def card_of(self, run: str | None) -> RunCard | None:
        """What is known of a run."""
        return next((card for card in self.runs or () if card.name == run), None)

    def trained_since(self, before: View, run: str) -> bool:
        """Whether a run was changed since `before`, and can still be used."""
        then, now = before.card_of(run), self.card_of(run)
        return then is not None and now is not None and then != now and now.problem is None

    def resized(self, steps: int) -> int:
        """Return the length of the ranking `steps` sizes further."""
        if self.k in SIZES:
            return SIZES[min(max(SIZES.index(self.k) + steps, 0), len(SIZES) - 1)]
        wanted = [size for size in SIZES if (size > self.k) == (steps > 0)]
        return (min(wanted) if steps > 0 else max(wanted)) if wanted else self.k


def asked(view: View) -> tuple[object, ...]:
    """Return what a ranking depends on, beside whom it is for."""
    return view.run, view.renewed, view.k, view.filters
