"""A stand-in whose runs agree on some songs, as real ones do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from stand_in import StandIn

from musicrec.core.drafts import UNFILTERED, Draft, Filters
from musicrec.core.errors import MusicrecError
from musicrec.core.pages import Comparison, Shift
from musicrec.core.records import Metric, Recommendation, Song


@dataclass
class Rivals(StandIn):
    """The songs of the second run are those of the first in another order, every third replaced."""

    measured: bool = True  # whether both runs have figures under one protocol
    held: int = 5  # held-out songs
    damaged: frozenset[str] = frozenset()  # runs that do not load

    def load(self, run: str | None = None, progress: Callable[[str], None] | None = None) -> str:
        if run in self.damaged:
            raise MusicrecError(f"{run} [x] is damaged")
        return super().load(run, progress)

    def compare(self, who: str | Draft, one: str, other: str, k: int = 10, filters: Filters = UNFILTERED) -> Comparison:
        self._enter("compare")
        left, right = self.recommend(who, one, k, filters), self.recommend(who, other, k, filters)
        songs = [item.song for item in left.items]
        mixed = [song if place % 3 else right.items[place].song for place, song in enumerate(_stirred(songs))]
        ranked = tuple(_with(item, song) for item, song in zip(right.items, mixed, strict=True))
        right = replace(right, items=ranked)
        first, second = _ranks(songs), _ranks(mixed)

        def shift(song: Song) -> Shift:
            far = 40 + song.song * 7 % 1_300
            return Shift(song, first.get(song.song, far), second.get(song.song, far))

        held_out = (
            Shift(self._song(2), 4, 90), Shift(self._song(13), 120, 3), Shift(self._song(7), 8, 8),
            Shift(self._song(9), None, None), shift(songs[1] if songs else self._song(4)),
        )[: self.held]  # fmt: skip
        overall = (self.run_page(one).evaluations[0], self.run_page(other).evaluations[0])
        more = {"novelty@10": Metric(7.5, 7.4, 7.6), "catalogue_coverage@10": Metric(0.31)}
        fuller = (
            replace(overall[0], metrics={**overall[0].metrics, **more}),
            replace(overall[1], metrics={**overall[1].metrics, **more}),
        )
        return Comparison(
            left,
            right,
            tuple(map(shift, songs)),
            tuple(map(shift, mixed)),
            len(set(first) & set(second)),
            held_out,
            fuller if self.measured else None,
        )


def _with(item: Recommendation, song: Song) -> Recommendation:
    return replace(item, song=song, held_out=item.rank == 2)


def _stirred(songs: list[Song]) -> list[Song]:
    return [*songs[4:7], *songs[:4], *songs[7:][::-1]]


def _ranks(songs: list[Song]) -> dict[int, int]:
    return {song.song: rank for rank, song in enumerate(songs, start=1)}
