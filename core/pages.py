"""The larger answers, composed of records: a listener's profile, a song's page, two rankings, a run in full."""

from __future__ import annotations

from dataclasses import dataclass

from musicrec.core.drafts import Draft
from musicrec.core.records import (
    Evaluation,
    Listener,
    Page,
    Playlists,
    Recommendations,
    RunCard,
    Song,
)
from musicrec.core.watch import Epoch


@dataclass(frozen=True, slots=True)
class Portion:
    """How much of a past is of one kind; `share` is the part of all plays (a song may be of several kinds)."""

    name: str
    plays: int
    share: float


@dataclass(frozen=True, slots=True)
class Taste:
    """The share of a genre (a language, where genres are unknown) in equal stretches of the past, oldest first."""

    name: str
    shares: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Profile:
    """One listener, the windows that a model reads, and what all plays but the held-out ones are made of."""

    listener: Listener
    playlists: Playlists
    genres: tuple[Portion, ...]
    languages: tuple[Portion, ...]
    behaviours: tuple[Portion, ...]
    tastes: tuple[Taste, ...]  # of the most frequent genres


@dataclass(frozen=True, slots=True)
class SongPage:
    """One song, how popular it is, and who played it (training plays; those who play most first)."""

    song: Song
    popularity_rank: int  # 1 is the most played song
    listeners: Page[Listener]


@dataclass(frozen=True, slots=True)
class Shift:
    """One song in two rankings of the whole catalogue; a rank is None where it is no candidate (heard, filtered)."""

    song: Song
    before: int | None
    after: int | None


@dataclass(frozen=True, slots=True)
class WhatIf:
    """What a run recommends to an edited listener, against what it recommended before.

    `shifts` goes with `after.items`; `gone` holds the songs of `before.items` that are no longer in the list.
    """

    draft: Draft
    before: Recommendations
    after: Recommendations
    shifts: tuple[Shift, ...]
    gone: tuple[Shift, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two runs on one listener. Scores of two models have no common scale: only ranks are compared.

    `one_shifts` goes with `one.items` and `other_shifts` with `other.items`; `before` is always the rank by `one`,
    `after` by `other`. `held_out` has the same for the songs that the listener did play later. `overall` holds the
    stored test figures of both runs under one protocol, where both were evaluated under it.
    """

    one: Recommendations
    other: Recommendations
    one_shifts: tuple[Shift, ...]
    other_shifts: tuple[Shift, ...]
    shared: int  # songs that are in both lists
    held_out: tuple[Shift, ...]
    overall: tuple[Evaluation, Evaluation] | None

    @property
    def jaccard(self) -> float | None:
        """The songs in both lists as a share of those in either; None where both are empty."""
        either = len(self.one.items) + len(self.other.items) - self.shared
        return self.shared / either if either else None

    @property
    def correlation(self) -> float | None:
        """Spearman's rank correlation over the songs in both lists: 1 is the same order; None for fewer than two."""
        ranks = {item.song.song: item.rank for item in self.other.items}
        shared = [ranks[item.song.song] for item in self.one.items if item.song.song in ranks]
        if (n := len(shared)) < 2:
            return None
        places = {rank: place for place, rank in enumerate(sorted(shared))}
        apart = sum((place - places[rank]) ** 2 for place, rank in enumerate(shared))
        return 1 - 6 * apart / (n * (n * n - 1))


@dataclass(frozen=True, slots=True)
class RunPage:
    """One run in full: how it was trained, how training went, and every stored evaluation."""

    card: RunCard
    epochs: tuple[Epoch, ...]
    evaluations: tuple[Evaluation, ...]


@dataclass(frozen=True, slots=True)
class Difference:
    """A parameter in which two runs differ; None where a run's model has no such parameter."""

    name: str
    one: object
    other: object
