"""An explorer of invented listeners and songs: the real one's methods, answers by arithmetic, faults by switch."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from stand_in_browsing import BrowsingStandIn

from musicrec.core.drafts import UNFILTERED, Draft, Filters, new_draft
from musicrec.core.errors import NotFound
from musicrec.core.pages import Comparison, Shift, WhatIf
from musicrec.core.records import (
    Evaluation,
    Explanation,
    Neighbour,
    ProtocolName,
    Recommendation,
    Recommendations,
    ScorePart,
)


@dataclass
class StandIn(BrowsingStandIn):
    """Recommends, explains, compares and measures as well."""

    def evaluate(
        self,
        runs: Sequence[str] | None = None,
        split: Literal["validation", "test"] = "test",
        ks: tuple[int, ...] | None = None,
        negatives: int = 99,
        seed: int = 7,
        progress: Callable[[str, int, int], None] | None = None,
        protocol: ProtocolName = "full",
        first: tuple[int, ...] = (0, 1, 5, 10),
        most: int | None = None,
        scores: Path | None = None,
        scores_name: str | None = None,
    ) -> tuple[Evaluation, ...]:
        for name in runs or ():
            if progress is not None:
                progress(name, 1, 2)
            self._enter("evaluate")
        return tuple(self.run_page(name).evaluations[0] for name in runs or ())

    def what_if(self, draft: Draft, run: str | None = None, k: int = 10, filters: Filters = UNFILTERED) -> WhatIf:
        self._enter("what_if")
        before = self.recommend(draft.origin.id if draft.origin else new_draft(), run, k, filters)
        after = self.recommend(draft, run, k, filters)
        ranks = {item.song.song: item.rank for item in before.items}
        shifts = tuple(Shift(item.song, ranks.get(item.song.song, 77), item.rank) for item in after.items)
        kept = {item.song.song for item in after.items}
        heard = {play.song.song for play in draft.plays}
        gone = tuple(
            Shift(item.song, item.rank, None if item.song.song in heard else k + 5)
            for item in before.items
            if item.song.song not in kept
        )
        return WhatIf(draft, before, after, shifts, gone)

    def compare(self, who: str | Draft, one: str, other: str, k: int = 10, filters: Filters = UNFILTERED) -> Comparison:
        self._enter("compare")
        left, right = self.recommend(who, one, k, filters), self.recommend(who, other, k, filters)
        ranks = [{item.song.song: item.rank for item in each.items} for each in (left, right)]
        shifts = [
            tuple(Shift(i.song, ranks[0].get(i.song.song, 31), ranks[1].get(i.song.song, 47)) for i in each.items)
            for each in (left, right)
        ]
        held_out = (Shift(self._song(5), 4, 90), Shift(self._song(6), 120, 3), Shift(self._song(7), None, 8))
        overall = (self.run_page(one).evaluations[0], self.run_page(other).evaluations[0])
        shared = len(set(ranks[0]) & set(ranks[1]))
        return Comparison(left, right, shifts[0], shifts[1], shared, held_out, overall)

    def load(self, run: str | None = None, progress: Callable[[str], None] | None = None) -> str:
        for step in ("importing torch", "reading weights"):
            if progress is not None:
                progress(step)
            self._enter("load")
        name = run or self.default_run()
        if name not in {card.name for card in self.runs()}:
            raise NotFound(f"no run is called {name}; there are: dtnmr-2, ncf-1, popularity-1")
        assert name is not None
        return name

    def recommend(
        self,
        who: str | Draft,
        run: str | None = None,
        k: int = 10,
        filters: Filters = UNFILTERED,
    ) -> Recommendations:
        self._enter("recommend")
        listener = self.listener(who) if isinstance(who, str) else who.listener
        heard = filters.include_heard
        seed = listener.listener if isinstance(who, str) else self._seed(who)
        items = [self._recommendation(seed, rank, k, heard, run) for rank in range(1, k + 1)]
        kept = [item for item in items if filters.genre is None or filters.genre in item.song.genres]
        ranked = tuple(replace(item, rank=rank) for rank, item in enumerate(kept, start=1))
        return Recommendations(listener, run or "dtnmr-2", ranked, self.songs - listener.plays % 60, 3.2)

    def explain(self, who: str | Draft, song: str, run: str | None = None) -> Explanation:
        self._enter("explain")
        what = self.song(song)
        past = self.playlists(who).short_term if isinstance(who, str) else who.plays[-10:]
        parts = (ScorePart("static", 0.412), ScorePart("long-term", 1.25), ScorePart("short-term", -0.317))
        nearest = tuple(Neighbour(play.song, 0.91 - 0.13 * place) for place, play in enumerate(past[:5]))
        sentence = (
            f"Mostly long-term taste: close to {nearest[0].song.label}." if nearest else "Liked by similar people."
        )
        shared = (what.artists, what.genres) if nearest else ((), ())
        return Explanation(what, run or "dtnmr-2", 1.345, parts, nearest, *shared, what.song + 1, sentence)

    def similar(self, song: str, run: str | None = None, k: int = 10) -> tuple[Neighbour, ...]:
        self._enter("similar")
        number = self.song(song).song
        return tuple(
            Neighbour(self._song((number + 3 * step) % self.songs), 0.98 - step / 60) for step in range(1, k + 1)
        )

    def _seed(self, draft: Draft) -> int:
        """Return what an edited listener's ranking depends on; without an edit it is the listener's own."""
        if draft.origin is not None and draft == self.draft(draft.origin.id):
            return draft.origin.listener
        return draft.listener.listener + len(draft.plays) + (draft.listener.age or 0) + 1

    def _recommendation(self, listener: int, rank: int, k: int, heard: bool, run: str | None) -> Recommendation:
        number = (listener * 31 + rank * 3 + 7 * len(run or "")) % self.songs
        return Recommendation(
            rank,
            self._song(number),
            score=2.5 - rank * 0.137,
            share=1 - (rank - 1) / max(k - 1, 1),
            heard=heard and rank % 3 == 0,
            held_out=rank == 4,
            new_genre=number % 7 == 0,
        )
