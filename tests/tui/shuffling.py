"""A stand-in whose edits move songs of one list up and down, as those of a model do."""

from __future__ import annotations

from stand_in import StandIn

from musicrec.core.drafts import UNFILTERED, Draft, Filters
from musicrec.core.pages import Shift, WhatIf
from musicrec.core.records import Recommendation, Recommendations

RANKED = 60  # songs that have a rank


class Shuffling(StandIn):
    """Ranks 60 songs for a listener; an edit mixes them, and songs that were played are no candidates."""

    def what_if(self, draft: Draft, run: str | None = None, k: int = 10, filters: Filters = UNFILTERED) -> WhatIf:
        self._enter("what_if")
        former = self._ranked(self.draft(draft.origin.id if draft.origin else None), run)
        now = self._ranked(draft, run)
        before, after = (self._answer(draft, order[:k], run) for order in (former, now))
        shifts = tuple(Shift(item.song, _rank(former, item.song.song), item.rank) for item in after.items)
        gone = tuple(
            Shift(item.song, item.rank, _rank(now, item.song.song))
            for item in before.items
            if item.song.song not in now[:k]
        )
        return WhatIf(draft, before, after, shifts, gone)

    def _ranked(self, draft: Draft, run: str | None) -> list[int]:
        seed = draft.listener.listener * 31 + 7 * len(run or "")
        edits = self._seed(draft) - draft.listener.listener if draft.origin or draft.plays else 0
        played = {play.song.song for play in draft.plays}
        candidates = [(seed + rank * 3) % self.songs for rank in range(RANKED)]
        mixed = sorted(range(RANKED), key=lambda rank: rank + (rank * 17 + edits * 5) % 29 * bool(edits) / 2)
        return [candidates[rank] for rank in mixed if candidates[rank] not in played]

    def _answer(self, draft: Draft, numbers: list[int], run: str | None) -> Recommendations:
        items = tuple(
            Recommendation(rank, self._song(number), 2.5 - rank / 9, 1 - rank / 12, False, number % 9 == 0, False)
            for rank, number in enumerate(numbers, start=1)
        )
        return Recommendations(draft.listener, run or "dtnmr-2", items, self.songs - len(draft.plays), 3.2)


def _rank(order: list[int], number: int) -> int | None:
    return order.index(number) + 1 if number in order else None
