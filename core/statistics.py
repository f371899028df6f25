"""Is one run better than another on the same listeners? Paired intervals, paired tests, correction for many of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from musicrec.core.metrics import Floats, Ints, bootstrap

_DRAWS = 10_000  # sign flips drawn where not all can be tried
_CELLS = 4_000_000  # signs held at once: 32 MB


@dataclass(frozen=True, slots=True)
class Paired:
    """One metric of two runs on the same listeners.

    `difference` is the mean of `other` less the mean of `one`, `low` and `high` its bootstrap 95 % interval, `p` of a
    two-sided paired randomisation test, `adjusted` the same p after Holm's correction for all metrics tested with it.
    `higher` and `lower` count the listeners for whom `other` is above and below `one`.
    """

    metric: str
    one: float
    other: float
    difference: float
    low: float
    high: float
    p: float
    adjusted: float
    listeners: int
    higher: int
    lower: int


def paired(one: Mapping[str, Floats], other: Mapping[str, Floats], seed: int) -> tuple[Paired, ...]:
    """Test every metric that both runs have, one value a listener (L,), the same listeners in the same order.

    The interval draws listeners with replacement, the test flips the signs of their differences: both keep a listener's
    two values together (Smucker, Allan & Carterette, CIKM 2007). The metrics share the draws.
    """
    names = [name for name in one if name in other]
    if not names:
        return ()
    apart = np.stack([other[name] - one[name] for name in names], axis=1)
    intervals = bootstrap(list(apart.T), seed)
    chances = sign_flips(apart, seed)
    return tuple(
        Paired(
            metric=name,
            one=float(one[name].mean()),
            other=float(other[name].mean()),
            difference=float(column.mean()),
            low=low,
            high=high,
            p=p,
            adjusted=adjusted,
            listeners=len(column),
            higher=int((column > 0).sum()),
            lower=int((column < 0).sum()),
        )
        for name, column, (low, high), p, adjusted in zip(
            names, apart.T, intervals, chances, holm(chances), strict=True
        )
    )


def sign_flips(differences: Floats, seed: int, draws: int = _DRAWS) -> list[float]:
    """Return the two-sided p of each column of paired `differences` (L, M) under the hypothesis of no difference.

    If it held, each listener's difference could as well have had the other sign: p is the share of all sign flips whose
    sum is at least as far from 0 as what was seen. All 2^n are tried where n listeners differ and 2^n ≤ `draws`;
    otherwise `draws` are drawn from `seed`, and what was seen counts as one more (Phipson & Smyth, 2010), so that no p
    is 0. The p of a column does not depend on the others.
    """
    few = [2 ** int(count) <= draws for count in (differences != 0).sum(axis=0)]
    drawn = iter(_drawn(differences[:, np.logical_not(few)], seed, draws))
    return [_every(column) if is_few else next(drawn) for column, is_few in zip(differences.T, few, strict=True)]


def holm(chances: Sequence[float]) -> list[float]:
    """Adjust several p for being several, in the order given, so that the chance of any false find stays what it says
    (Holm, 1979): the smallest times their number, the next times one fewer, never falling, at most 1.
    """
    values = np.asarray(chances, dtype=np.float64)
    order = np.argsort(values, kind="stable")
    steps = values[order] * np.arange(len(values), 0, -1)
    adjusted = np.empty(len(values))
    adjusted[order] = np.minimum(np.maximum.accumulate(steps), 1)
    result: list[float] = adjusted.tolist()
    return result


def furthest(one: Floats, other: Floats, count: int) -> Ints:
    """Return the rows of the `count` listeners whose two values differ most, the furthest first; equal ones not."""
    apart = np.abs(other - one)
    rows = np.argsort(-apart, kind="stable")[:count]
    return rows[apart[rows] > 0].astype(np.int64)


def _every(column: Floats) -> float:
    moved = column[column != 0]
    signs = (np.arange(2 ** len(moved))[:, None] >> np.arange(len(moved))) & 1
    return float(_as_far(signs.astype(np.float64), moved[:, None])[0] / len(signs))


def _drawn(differences: Floats, seed: int, draws: int) -> list[float]:
    generator, count = np.random.default_rng(seed), len(differences)
    as_far, step = np.ones(differences.shape[1]), max(1, _CELLS // max(count, 1))
    for start in range(0, draws if differences.shape[1] else 0, step):
        rows = min(step, draws - start)
        packed = np.frombuffer(generator.bytes(rows * -(-count // 8)), dtype=np.uint8).reshape(rows, -1)
        as_far += _as_far(np.unpackbits(packed, axis=1, count=count).astype(np.float64), differences)
    share: list[float] = (as_far / (draws + 1)).tolist()
    return share


def _as_far(signs: Floats, differences: Floats) -> Floats:
    # Of flips (F, L) of 0 and 1, how many bring the sum of each column as far from 0 as it is, but for rounding
    total = differences.sum(axis=0)
    slack = 1e-9 * np.abs(differences).sum(axis=0)
    far: Floats = (np.abs(2 * (signs @ differences) - total) >= np.abs(total) - slack).sum(axis=0)
    return far
