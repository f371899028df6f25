"""A listener as they might have been: facts and plays that can be edited, each edit a new value."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from musicrec.core.errors import UsageError
from musicrec.core.records import Listener, Play, Song

NEW = "new listener"  # the id of a listener who is in no dataset


@dataclass(frozen=True, slots=True)
class Filters:
    """What may be recommended: None and False ask for nothing. Years are of release, both ends included."""

    genre: str | None = None
    language: str | None = None
    first_year: int | None = None
    last_year: int | None = None
    include_heard: bool = False
    per_artist: int | None = None  # at most so many songs of an artist

    def check(self) -> None:
        """Raise UsageError where nothing can meet what is asked for."""
        first, last = self.first_year, self.last_year
        if first is not None and last is not None and first > last:
            raise UsageError(f"the first year, {first}, is after the last, {last}")
        if self.per_artist is not None and self.per_artist < 1:
            raise UsageError(f"at most {self.per_artist} songs of an artist is none: ask for 1 or more")

    @property
    def words(self) -> tuple[str, ...]:
        """What is asked for, a few words each."""
        first, last = self.first_year, self.last_year
        years = str(first) if first == last else "–".join("" if year is None else str(year) for year in (first, last))
        return tuple(
            word
            for word in (
                self.genre,
                self.language,
                None if first is None and last is None else years,
                f"≤ {self.per_artist} an artist" if self.per_artist else None,
                "heard too" if self.include_heard else None,
            )
            if word
        )


UNFILTERED = Filters()


@dataclass(frozen=True, slots=True)
class Draft:
    """An edited listener, with the facts as edited.

    `plays` is the past as edited, oldest first, without held-out plays; `origin` is who the draft began with, None for
    one built from nothing.
    """

    listener: Listener
    plays: tuple[Play, ...] = ()
    origin: Listener | None = None

    def with_song(self, song: Song, at: int | None = None, behaviour: str | None = None) -> Draft:
        """Add a play of `song` before position `at`, or as the latest."""
        plays = list(self.plays)
        plays.insert(len(plays) if at is None else min(max(at, 0), len(plays)), Play(0, song, behaviour))
        return self._with(plays)

    def without(self, position: int) -> Draft:
        """Remove the play at `position`. Raises UsageError where there is none."""
        self._check(position)
        return self._with([*self.plays[:position], *self.plays[position + 1 :]])

    def moved(self, position: int, to: int) -> Draft:
        """Move the play at `position` so that it stands at `to`. Raises UsageError where there is no such play."""
        self._check(position)
        plays = list(self.plays)
        play = plays.pop(position)
        plays.insert(min(max(to, 0), len(plays)), play)
        return self._with(plays)

    def with_facts(self, *, age: int | None, gender: str | None, city: str | None) -> Draft:
        """Set age (5 to 100), gender (male, female) and city; None is unknown. Raises UsageError for other values."""
        if age is not None and not 5 <= age <= 100:
            raise UsageError(f"age {age} is not between 5 and 100")
        if gender not in (None, "male", "female"):
            raise UsageError(f"gender {gender!r} is neither male nor female")
        return replace(self, listener=replace(self.listener, age=age, gender=gender, city=city or None))

    def _check(self, position: int) -> None:
        if not 0 <= position < len(self.plays):
            raise UsageError(f"there is no play at position {position}: the playlist has {len(self.plays)}")

    def _with(self, plays: Sequence[Play]) -> Draft:
        numbered = tuple(replace(play, position=position) for position, play in enumerate(plays))
        return replace(self, listener=replace(self.listener, plays=len(numbered)), plays=numbered)


def new_draft() -> Draft:
    """Return a listener of whom nothing is known."""
    return Draft(Listener(-1, NEW))
