"""One listener's scores over a catalogue: the best songs, exact ranks, and lists with few songs of an artist."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
from torch import Tensor

from musicrec.core import compiled_ranking
from musicrec.core.ragged import Ragged

_DEEP = 32  # scores of which the highest stands for all while the best of a large catalogue are looked for
_FAR = 500_000  # songs that are worth another thread
_SORTED = 16  # of so many scores one that is looked for is worth sorting all
_AT_ONCE = 64  # songs looked at one by one before those of artists who have enough are left out together


@dataclass(frozen=True, slots=True)
class Top:
    """The best songs of a catalogue: `songs` and `scores` (≤ k,), out of so many candidates."""

    songs: Tensor
    scores: Tensor
    candidates: int


class Order:
    """Candidates by falling score; among equal ones the lower number, which has more plays, comes first.

    `scores` (S,) without NaN; songs that are `barred` (S,) are no candidates.
    """

    def __init__(self, scores: Tensor, barred: Tensor) -> None:
        # A candidate of score -inf still stands before what is barred
        self._scores = _barred(scores, barred)
        self.candidates = len(scores) - int(np.count_nonzero(barred.cpu().numpy()))

    def top(self, k: int) -> Top:
        """Return the best `k`, exactly; fewer where there are fewer candidates."""
        return self._top(best(self._scores, min(k, self.candidates)))

    def top_of_artists(self, k: int, artists: Ragged, most: int) -> Top:
        """Return what remains of the whole order, from the best down, when an artist who has `most` songs is passed by.

        Row s of `artists` has the codes of song s; a song of several counts for each, and code 0 stands for nobody.
        """
        chosen: list[int] = []
        songs_of: Counter[int] = Counter()
        full = torch.zeros(1 + int(artists.values.max() if len(artists.values) else 0), dtype=torch.bool)
        seen, reach = 0, min(4 * k, self.candidates)
        while len(chosen) < k and seen < self.candidates:
            if reach * _SORTED < len(self._scores):
                left = best(self._scores, reach)[seen:].cpu()
            else:  # an artist has most of the best: all are sorted once
                reach = self.candidates
                left = self._scores.argsort(descending=True, stable=True)[seen:reach].cpu()
            seen, reach = reach, min(2 * reach, self.candidates)
            while len(left) and len(chosen) < k:
                theirs = artists.rows(left)
                left = left[theirs.count(full[theirs.values]) == 0]
                for song in left[:_AT_ONCE].tolist():
                    of = [each for each in _row(artists, song) if each]
                    if len(chosen) < k and all(songs_of[each] < most for each in of):
                        chosen.append(song)
                        songs_of.update(of)
                        full[[each for each in of if songs_of[each] >= most]] = True
                left = left[_AT_ONCE:]
        return self._top(torch.tensor(chosen, dtype=torch.int64, device=self._scores.device))

    def ranks(self, songs: Sequence[int]) -> list[int | None]:
        """Return the rank of each of `songs` among all candidates, from 1; None for one that is no candidate."""
        asked = torch.tensor(songs, dtype=torch.int64, device=self._scores.device)
        own = self._scores[asked]
        there = own > -torch.inf
        ranks = torch.zeros_like(asked)
        if bool(there.any()):
            ranks[there] = self._ranks(asked[there], own[there])
        return [rank or None for rank in ranks.tolist()]

    def _ranks(self, songs: Tensor, own: Tensor) -> Tensor:
        found = (self._scores >= own.min()).nonzero().squeeze(1)
        values, levels = self._scores[found], torch.unique(own)
        place = torch.searchsorted(levels, values)  # how many of the levels are below
        above = len(found) - torch.bincount(place, minlength=len(levels) + 1).cumsum(0)
        level = torch.searchsorted(levels, own)
        # Songs that tie with one asked for, as rising (level, number): those before it are its ties of more plays
        tied = values == levels[place.clamp(max=len(levels) - 1)]
        keys = (place[tied] * len(self._scores) + found[tied]).sort().values
        first = level * len(self._scores)
        return 1 + above[level] + torch.searchsorted(keys, first + songs) - torch.searchsorted(keys, first)

    def _top(self, songs: Tensor) -> Top:
        return Top(songs.cpu(), self._scores[songs].cpu(), self.candidates)


class LazyOrder(Order):
    """An order whose best songs may be found without the others': the whole is `made` when it is asked for.

    `find` gives the best k songs and their scores, or None where it cannot.
    """

    def __init__(
        self, candidates: int, find: Callable[[int], tuple[Tensor, Tensor] | None], make: Callable[[], Order]
    ) -> None:
        self.candidates, self._find, self._make = candidates, find, make

    @cached_property
    def _scores(self) -> Tensor:  # type: ignore[override]
        return self._make()._scores

    def top(self, k: int) -> Top:
        wanted = min(k, self.candidates)
        found = self._find(wanted) if wanted > 0 and "_scores" not in self.__dict__ else None
        return super().top(k) if found is None else Top(*found, self.candidates)


def best(scores: Tensor, k: int) -> Tensor:
    """Return the songs of the k highest scores, falling; among equal ones the lower number comes first."""
    if k <= 0:
        return torch.zeros(0, dtype=torch.int64, device=scores.device)
    loops = compiled_ranking.loops()
    if loops is not None and scores.device.type == "cpu" and scores.dtype == torch.float32:
        chosen = torch.from_numpy(loops.find_best(scores.detach().contiguous().numpy(), k))
        if len(chosen) == k:
            return chosen
    found = (scores >= _reached(scores, k)).nonzero().squeeze(1)
    return found[scores[found].argsort(descending=True, stable=True)][:k]


def _barred(scores: Tensor, barred: Tensor) -> Tensor:
    loops = compiled_ranking.loops()
    if loops is None or scores.device.type != "cpu" or scores.dtype != torch.float32:
        return scores.clamp(min=torch.finfo(scores.dtype).min).masked_fill_(barred, -torch.inf)
    kept = torch.empty(len(scores))
    arrays = [each.detach().contiguous().numpy() for each in (scores, barred, kept)]
    compiled_ranking.in_parts(len(scores), lambda first, end: loops.bar(*arrays, first, end), _FAR)
    return kept


def _reached(scores: Tensor, k: int) -> Tensor:
    """Return a value that at least `k` scores reach, and not many more."""
    columns = len(scores) // _DEEP
    if columns > 4 * k:  # the highest of each column are fewer, and enough: k of them are k scores
        floor = scores[: columns * _DEEP].view(_DEEP, columns).amax(0).topk(k).values[-1]
        if bool(floor > -torch.inf):
            return floor
    return scores.topk(k).values[-1]


def _row(rows: Ragged, row: int) -> list[int]:
    return rows.values[int(rows.offsets[row]) : int(rows.offsets[row + 1])].tolist()
