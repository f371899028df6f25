"""What a past is made of: shares of genres, languages and behaviours, and how the taste moved."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import pairwise

from musicrec.core.pages import Portion, Taste
from musicrec.core.records import Play

MOST = 12  # kinds that are worth a bar
_TASTES = 3
_STRETCHES = 24


def genre_portions(plays: Sequence[Play]) -> tuple[Portion, ...]:
    """The most frequent genres; a play counts for each genre of its song."""
    return _portions((genre for play in plays for genre in set(play.song.genres)), len(plays))


def language_portions(plays: Sequence[Play]) -> tuple[Portion, ...]:
    """The most frequent languages."""
    return _portions((play.song.language for play in plays if play.song.language), len(plays))


def behaviour_portions(plays: Sequence[Play]) -> tuple[Portion, ...]:
    """The most frequent ways in which a song came to be played."""
    return _portions((play.behaviour for play in plays if play.behaviour), len(plays))


def tastes(plays: Sequence[Play]) -> tuple[Taste, ...]:
    """The shares of the most frequent genres in equal stretches of the past, oldest first; languages without genres.

    There are as many stretches as leave two plays to each, up to 24. A genre that is on just the plays of a more
    frequent one tells nothing new and is passed over: Melon has one for all of a genre and one for all of its parts.
    """
    kinds = [set(play.song.genres) for play in plays]
    if not any(kinds):
        kinds = [{play.song.language} if play.song.language else set() for play in plays]
    count = min(_STRETCHES, max(len(plays) // 2, 1))
    edges = [len(plays) * edge // count for edge in range(count + 1)]
    stretches = [kinds[start:end] for start, end in pairwise(edges) if end > start]
    told: dict[tuple[bool, ...], str] = {}
    for name, _ in _counted(kind for each in kinds for kind in each):
        if len(told) < _TASTES:
            told.setdefault(tuple(name in each for each in kinds), name)
    return tuple(Taste(name, tuple(_share(name, stretch) for stretch in stretches)) for name in told.values())


def _share(name: str, stretch: Sequence[set[str]]) -> float:
    return sum(name in kinds for kinds in stretch) / len(stretch)


def _portions(names: Iterable[str], total: int) -> tuple[Portion, ...]:
    return tuple(Portion(name, plays, plays / total) for name, plays in _counted(names)[:MOST])


def _counted(names: Iterable[str]) -> list[tuple[str, int]]:
    return sorted(Counter(names).items(), key=lambda pair: (-pair[1], pair[0]))
