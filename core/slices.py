"""Figures by slice: how good a run is for some of the listeners, or at some of the held-out songs.

A slice is a name and its members, `member` int64 (E,) rows into whatever is sliced; one may be in several slices.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from musicrec.core.metrics import Floats, Ints, at_k, averages
from musicrec.core.records import By, Metric, Protocol

BY_SONG: tuple[By, ...] = ("popularity", "language", "genre")
FEW = 20  # listeners; a slice of fewer is marked
_MOST = 12  # slices of a kind that are shown one by one
UNKNOWN = "unknown"
_QUARTERS = 4
_THIRDS = ("head", "middle", "tail")
Groups = list[tuple[str, Ints]]


@dataclass(frozen=True, slots=True)
class Slice:
    """Figures of a part of the listeners, or of all listeners for a part of the held-out songs."""

    name: str
    listeners: int
    songs: int | None  # held-out songs in it; None where listeners are sliced
    metrics: dict[str, Metric]

    @property
    def few(self) -> bool:
        """Whether so few listeners stand behind the figures that they say little."""
        return self.listeners < FEW


@dataclass(frozen=True, slots=True)
class Sliced:
    """The figures of one run under one protocol, slice by slice."""

    run: str
    model: str
    by: By
    protocol: Protocol
    slices: tuple[Slice, ...]


def of_listeners(groups: Groups, columns: Mapping[str, Floats], seed: int) -> tuple[Slice, ...]:
    """Average each column (L,) over the listeners of each group, with a bootstrap 95 % interval."""
    return tuple(
        Slice(name, len(rows), None, averages({metric: column[rows] for metric, column in columns.items()}, seed))
        for name, rows in groups
    )


def of_songs(groups: Groups, owner: Ints, rank: Ints, ks: Sequence[int], seed: int) -> tuple[Slice, ...]:
    """Measure each group of held-out songs as if nothing else had been held out, but for its ranks, which stay.

    `owner` and `rank` (P,) are those of all held-out songs. The listeners of a slice are those who have such a song.
    """
    slices = []
    for name, rows in groups:
        _, mine = np.unique(owner[rows], return_inverse=True)
        order = np.argsort(mine, kind="stable")
        listeners = int(mine.max()) + 1
        columns: dict[str, Floats] = {}
        for k in ks:
            found = at_k(mine[order], rank[rows][order], listeners, k)
            columns |= {f"{metric}@{k}": column for metric, column in found.items()}
        slices.append(Slice(name, listeners, len(rows), averages(columns, seed)))
    return tuple(slices)


def by_quarter(values: Ints, what: str) -> Groups:
    """Group rows by the quarter of `values` (L,) that they are in; equal values stay together, so quarters may differ
    in size, or be fewer.
    """
    inner = np.quantile(values, np.arange(1, _QUARTERS) / _QUARTERS, method="inverted_cdf")
    quarter = np.searchsorted(np.unique(inner), values)
    groups = []
    for each in np.unique(quarter):
        rows = np.flatnonzero(quarter == each)
        low, high = int(values[rows].min()), int(values[rows].max())
        groups.append((f"{low:,} {what}" if low == high else f"{low:,}–{high:,} {what}", rows))
    return groups


def by_decade(ages: Sequence[int | None]) -> Groups:
    """Group rows by ten years of age: under 20, 20–29, …, 60 and over, unknown."""

    def decade(age: int | None) -> str:
        if age is None:
            return UNKNOWN
        return "under 20" if age < 20 else "60 and over" if age >= 60 else f"{age // 10 * 10}–{age // 10 * 10 + 9}"

    names = ["under 20", *(decade(age) for age in range(20, 60, 10)), "60 and over", UNKNOWN]
    return _gathered([(decade(age),) for age in ages], lambda name, rows: (names.index(name), rows, name))


def by_value(values: Sequence[Sequence[str]]) -> Groups:
    """Group rows by each of their values, the largest group first; the smallest are one group, and those without."""
    counts: dict[str, int] = {}
    for several in values:
        for value in dict.fromkeys(several):
            counts[value] = counts.get(value, 0) + 1
    common = sorted(counts, key=lambda value: (-counts[value], value))
    if len(common) > _MOST:
        common = common[: _MOST - 1]
    others = f"{len(counts) - len(common)} others"
    last = (others, UNKNOWN)
    shown = {value: f'"{value}"' if value in last else value for value in common}
    named = [tuple(shown.get(value, others) for value in several) or (UNKNOWN,) for several in values]
    return _gathered(named, lambda name, rows: ((name in last) + (name == UNKNOWN), -rows, name))


def thirds(plays: Ints) -> Ints:
    """Divide songs, of which `plays` (S,) fall, into head, middle and tail, 0, 1 and 2 (S,): the most played songs that
    make up a third of all plays, those that make up the next, and all the rest.
    """
    before, total = np.cumsum(plays) - plays, max(int(plays.sum()), 1)
    third: Ints = np.where(plays == 0, len(_THIRDS) - 1, len(_THIRDS) * before // total)
    return third


def by_third(held: Ints, third: Ints) -> Groups:
    """Group held-out songs (P,) by head, middle and tail, and say how many songs of the catalogue each has."""
    groups, which = [], third[held]
    for each, name in enumerate(_THIRDS):
        count, rows = int((third == each).sum()), np.flatnonzero(which == each)
        if len(rows):
            groups.append((f"{name} ({count:,} {'song' if count == 1 else 'songs'})", rows))
    return groups


def _gathered(names: Sequence[Sequence[str]], key: Callable[[str, int], tuple[int, int, str]]) -> Groups:
    rows: dict[str, list[int]] = {}
    for row, several in enumerate(names):
        for name in dict.fromkeys(several):
            rows.setdefault(name, []).append(row)
    ordered = sorted(rows, key=lambda name: key(name, len(rows[name])))
    return [(name, np.array(rows[name], dtype=np.int64)) for name in ordered]
