"""The edits of one listener: every version of the draft, and where among them a person stands."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import accumulate

from musicrec.core.drafts import Draft
from musicrec.core.records import Song

LONGEST = 200  # versions that can be undone
FACTS = ("age", "gender", "city")


@dataclass(frozen=True, slots=True)
class Changes:
    """In what a draft differs from the listener as they are: positions in the draft, and which facts."""

    added: frozenset[int]
    moved: frozenset[int]
    removed: int
    facts: tuple[str, ...]

    @property
    def count(self) -> int:
        """How many differences there are."""
        return len(self.added) + len(self.moved) + self.removed + len(self.facts)

    @property
    def signs(self) -> str:
        """What was done to the plays, as short as can be."""
        counted = ((len(self.added), "+"), (self.removed, "−"), (len(self.moved), "↕"))
        return " ".join(f"{sign}{number:,}" for number, sign in counted if number)

    @property
    def plays(self) -> tuple[str, ...]:
        """What was done to the plays, a few words each."""
        counted = ((len(self.added), "added"), (self.removed, "removed"), (len(self.moved), "moved"))
        return tuple(f"{number:,} {what}" for number, what in counted if number)

    @property
    def words(self) -> tuple[str, ...]:
        """What was done, a few words each."""
        return (*self.plays, *(f"{fact} edited" for fact in self.facts))


@dataclass(frozen=True, slots=True)
class Version:
    """A draft; for each of its plays the position it came from, None where it was added; those that were moved."""

    draft: Draft
    sources: tuple[int | None, ...]
    touched: frozenset[int] = frozenset()  # by the positions that they came from


@dataclass(frozen=True, slots=True)
class Edits:
    """Versions before the present one and after it, the nearest last. Every edit is a new value."""

    first: Version
    present: Version
    past: tuple[Version, ...] = ()
    future: tuple[Version, ...] = ()

    @classmethod
    def of(cls, draft: Draft) -> Edits:
        """Begin with a listener as they are."""
        version = Version(draft, tuple(range(len(draft.plays))))
        return cls(version, version)

    @property
    def draft(self) -> Draft:
        """The draft as it is now."""
        return self.present.draft

    @property
    def changes(self) -> Changes:
        """In what the draft differs from the listener as they are."""
        sources = self.present.sources
        facts, before = self.draft.listener, self.first.draft.listener
        return Changes(
            added=frozenset(position for position, source in enumerate(sources) if source is None),
            moved=_moved(sources, self.present.touched),
            removed=len(self.first.sources) - sum(source is not None for source in sources),
            facts=tuple(fact for fact in FACTS if getattr(facts, fact) != getattr(before, fact)),
        )

    def added(self, song: Song) -> Edits:
        """Add a play of `song` as the latest."""
        present = self.present
        return self._done(replace(present, draft=self.draft.with_song(song), sources=(*present.sources, None)))

    def removed(self, position: int) -> Edits:
        """Remove a play. Raises UsageError where there is none."""
        draft = self.draft.without(position)
        return self._done(self._arranged(draft, lambda sources: sources.pop(position)))

    def moved(self, position: int, to: int) -> Edits:
        """Move the play at `position` so that it stands at `to`. Raises UsageError where there is no such play."""
        to = min(max(to, 0), len(self.draft.plays) - 1)
        if to == position:
            return self
        version = self._arranged(
            self.draft.moved(position, to), lambda sources: sources.insert(to, sources.pop(position))
        )
        source = self.present.sources[position]
        return self._done(version if source is None else replace(version, touched=version.touched | {source}))

    def with_facts(self, *, age: int | None, gender: str | None, city: str | None) -> Edits:
        """Set the facts; None is unknown. Raises UsageError for values that there are not."""
        return self._done(replace(self.present, draft=self.draft.with_facts(age=age, gender=gender, city=city)))

    def reset(self) -> Edits:
        """Have the listener as they are; this can be undone like any edit."""
        return self._done(self.first)

    def undone(self) -> Edits:
        """Go back one version; at the first one nothing happens."""
        if not self.past:
            return self
        return replace(self, present=self.past[-1], past=self.past[:-1], future=(*self.future, self.present))

    def redone(self) -> Edits:
        """Go forward again; at the last version nothing happens."""
        if not self.future:
            return self
        return replace(self, present=self.future[-1], past=(*self.past, self.present), future=self.future[:-1])

    def _arranged(self, draft: Draft, arrange: Callable[[list[int | None]], object]) -> Version:
        sources = list(self.present.sources)
        arrange(sources)
        return replace(self.present, draft=draft, sources=tuple(sources))

    def _done(self, version: Version) -> Edits:
        if version == self.present:
            return self
        return replace(self, present=version, past=(*self.past, self.present)[-LONGEST:], future=())


@lru_cache(maxsize=8)  # several panels ask about the same version
def _moved(sources: tuple[int | None, ...], touched: frozenset[int]) -> frozenset[int]:
    """Return the positions of moved plays that do stand out of order: one that was moved back again does not."""
    if not touched:
        return frozenset()
    kept = [(position, source) for position, source in enumerate(sources) if source is not None]
    numbers = [source for _, source in kept]
    highest = accumulate(numbers, max)
    lowest = list(accumulate(reversed(numbers), min))[::-1]
    return frozenset(
        position
        for (position, source), before, after in zip(kept, highest, lowest, strict=True)
        if source in touched and (before > source or after < source)
    )
