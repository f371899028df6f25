"""A listener's past as the screen shows it: playlists, and what they are made of."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from musicrec.core.records import Listener, Play, Playlists

if TYPE_CHECKING:
    from musicrec.core.explorer import Explorer

MOST = 12  # kinds that are worth a bar


@dataclass(frozen=True, slots=True)
class Portion:
    """How much of the past is of one kind; `share` is the part of all plays (a song may be of several kinds)."""

    name: str
    plays: int
    share: float


@dataclass(frozen=True, slots=True)
class Past:
    """One listener, the windows that a model reads, and the genres and behaviours of all known plays."""

    listener: Listener
    playlists: Playlists
    genres: tuple[Portion, ...]
    behaviours: tuple[Portion, ...]


def read_past(explorer: Explorer, listener: str, run: str | None) -> Past:
    """Ask the explorer for the past of one listener. Held-out plays are left out of the portions, as out of a model."""
    plays = [play for play in explorer.plays(listener) if play.split != "test"]
    return Past(
        explorer.listener(listener),
        explorer.playlists(listener, run),
        portions((genre for play in plays for genre in play.song.genres), len(plays)),
        portions(_behaviours(plays), len(plays)),
    )


def portions(names: Iterable[str], total: int) -> tuple[Portion, ...]:
    """Count `names`, most frequent first, as parts of `total` plays."""
    counted = Counter(names).most_common(MOST)
    return tuple(Portion(name, plays, plays / total) for name, plays in counted)


def _behaviours(plays: Iterable[Play]) -> Iterable[str]:
    return (play.behaviour for play in plays if play.behaviour)
