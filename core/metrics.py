"""Every metric, once: from the ranks of held-out songs to figures per listener.

Input everywhere: P held-out songs of L listeners, as `owner` int64 (P,) in [0, L), rising, and `rank` (P,), where 1
is the top. A hit at k is a held-out song with rank ≤ k. Output: one float64 per listener, (L,).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from musicrec.core.records import Metric

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

_CELLS = 1_000_000  # draws held at once: 8 MB


def tied_ranks(owner: Ints, higher: Ints, tied: Ints) -> Ints:
    """Rank held-out songs: `higher` songs scored above, `tied` songs scored the same (the song itself included).

    One held-out song among t tied ones stands in their middle: higher + (t + 1) / 2, rounded up. Where m of the t are
    held out, they are spread evenly, the j-th at higher + j (t + 1) / (m + 1), so that no place is taken twice.
    """
    order = np.lexsort((higher, owner))
    group = np.r_[True, (np.diff(owner[order]) != 0) | (np.diff(higher[order]) != 0)]
    start = np.maximum.accumulate(np.where(group, np.arange(len(order)), 0))
    members = np.diff(np.r_[np.flatnonzero(group), len(order)])[np.cumsum(group) - 1]
    nth = np.arange(len(order)) - start + 1
    ranks = np.empty(len(order), dtype=np.int64)
    ranks[order] = higher[order] + -(-(nth * (tied[order] + 1)) // (members + 1))
    return ranks


def at_k(owner: Ints, rank: Ints, listeners: int, k: int) -> dict[str, Floats]:
    """Compute every metric that looks at the first `k` places."""
    held = np.bincount(owner, minlength=listeners).astype(np.float64)
    hit = rank <= k
    hits = np.bincount(owner, weights=hit, minlength=listeners)
    recall = hits / np.maximum(held, 1)
    precision = hits / k
    any_hit = (hits > 0).astype(np.float64)
    return {
        "hr": any_hit,
        "recall": recall,
        "precision": precision,
        "f1": 2 * precision * recall / np.where(hits > 0, precision + recall, 1),
        "ndcg": _dcg(owner, rank, hit, listeners) / _ideal_dcg(held, k),
        "map": _precision_sum(owner, rank, hit, listeners) / np.clip(held, 1, k),
        "mrr": _first_hit(owner, rank, hit, listeners),
        "user_coverage": any_hit,
    }


def auc(owner: Ints, higher: Ints, tied: Ints, listeners: int, candidates: Ints) -> Floats:
    """Share of (held-out, other) pairs ranked right, ties counting half; `candidates` (L,) are the songs ranked.

    Mann-Whitney: with mid-ranks R over all candidates, right pairs = m · others − (ΣR − m (m + 1) / 2).
    """
    held = np.bincount(owner, minlength=listeners).astype(np.float64)
    middle = np.bincount(owner, weights=higher + (tied + 1) / 2, minlength=listeners)
    wrong = middle - held * (held + 1) / 2
    pairs = held * (candidates - held)
    right: Floats = np.where(pairs > 0, 1 - wrong / np.maximum(pairs, 1), 0.5)
    return right


def catalogue_coverage(lists: Ints, songs: int) -> float:
    """Share of the catalogue that appears in any of the `lists` (L, k), where -1 stands for no song."""
    return len(np.unique(lists[lists >= 0])) / songs


def novelty(lists: Ints, plays: Floats) -> Floats:
    """Mean −log2 of a recommended song's share of training plays, per listener (bits); an unplayed song counts as
    one play, and no song (-1) not at all.
    """
    share = np.maximum(plays, 1) / max(plays.sum(), 1)
    there = lists >= 0
    bits: Floats = np.where(there, -np.log2(share)[lists], 0).sum(axis=1) / np.maximum(there.sum(axis=1), 1)
    return bits


def bootstrap(columns: Sequence[Floats], seed: int, resamples: int = 1000) -> list[tuple[float, float]]:
    """Return the 95 % percentile interval of each column's mean over listeners drawn with replacement."""
    values = np.stack(columns, axis=1)
    count, generator = len(values), np.random.default_rng(seed)
    means, step = np.empty((resamples, len(columns))), max(1, _CELLS // count)
    for start in range(0, resamples, step):
        rows = np.arange(min(step, resamples - start))
        drawn = generator.integers(count, size=(len(rows), count)) + rows[:, None] * count
        often = np.bincount(drawn.ravel(), minlength=len(rows) * count).reshape(-1, count)
        means[start + rows] = often @ values / count
    low, high = np.quantile(means, [0.025, 0.975], axis=0)
    return list(zip(low.tolist(), high.tolist(), strict=True))


def averages(columns: Mapping[str, Floats], seed: int) -> dict[str, Metric]:
    """Return the mean of each column (L,), with its bootstrap 95 % interval."""
    intervals = bootstrap(list(columns.values()), seed)
    return {
        name: Metric(float(column.mean()), low, high)
        for (name, column), (low, high) in zip(columns.items(), intervals, strict=True)
    }


def _dcg(owner: Ints, rank: Ints, hit: NDArray[np.bool_], listeners: int) -> Floats:
    gains: Floats = np.bincount(owner, weights=hit / np.log2(rank + 1), minlength=listeners).astype(np.float64)
    return gains


def _ideal_dcg(held: Floats, k: int) -> Floats:
    best = np.cumsum(1 / np.log2(np.arange(k) + 2))
    ideal: Floats = best[np.clip(held, 1, k).astype(np.int64) - 1]
    return ideal


def _precision_sum(owner: Ints, rank: Ints, hit: NDArray[np.bool_], listeners: int) -> Floats:
    order = np.lexsort((rank, owner))
    owners = owner[order]
    starts = np.searchsorted(owners, owners, side="left")
    nth = np.arange(len(order)) - starts + 1  # hits come first, so the n-th song of a listener is its n-th hit
    shares = np.where(hit[order], nth / rank[order], 0)
    return np.bincount(owners, weights=shares, minlength=listeners).astype(np.float64)


def _first_hit(owner: Ints, rank: Ints, hit: NDArray[np.bool_], listeners: int) -> Floats:
    best = np.zeros(listeners)
    np.maximum.at(best, owner, np.where(hit, 1 / rank, 0))
    return best
