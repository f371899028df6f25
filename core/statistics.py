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
    `better` and `worse` count the listeners for whom `other` is above and below `one`.
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
    better: int
    worse: int


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
            better=int((column > 0).sum()),
            worse=int((column < 0).sum()),
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
    is 0.
    """
    moved = differences[(differences != 0).any(axis=1)]
    count, columns = moved.shape
    seen, slack = np.abs(moved.sum(axis=0)), 1e-9 * np.abs(moved).sum(axis=0)
    exact = 2**count <= draws
    as_far = np.zeros(columns) if exact else np.ones(columns)
    total = 2**count if exact else draws
    generator, step = np.random.default_rng(seed), max(1, _CELLS // max(count, 1))
    for start in range(0, total, step):
        rows = np.arange(start, min(start + step, total))
        signs = _every(rows, count) if exact else _some(generator, len(rows), count)
        as_far += (np.abs(2 * signs @ moved - moved.sum(axis=0)) >= seen - slack).sum(axis=0)
    share: list[float] = (as_far / (total if exact else draws + 1)).tolist()
    return share


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


def _every(numbers: Ints, count: int) -> Floats:
    bits = (numbers[:, None] >> np.arange(count)) & 1
    return bits.astype(np.float64)


def _some(generator: np.random.Generator, rows: int, count: int) -> Floats:
    packed = np.frombuffer(generator.bytes(rows * -(-count // 8)), dtype=np.uint8).reshape(rows, -1)
    return np.unpackbits(packed, axis=1, count=count).astype(np.float64)
