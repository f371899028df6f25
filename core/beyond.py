"""Beyond accuracy: how varied, how popular and how concentrated lists are, and how much those of two runs agree.

Lists are int64 (L, k) dense songs, best first, with -1 where there is no song.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from musicrec.core.metrics import Floats, Ints


def artist_diversity(lists: Ints, owner: Ints, artist: Ints) -> Floats:
    """Share of the pairs of songs in a list that have no artist in common, per listener (L,): 1 − intra-list
    similarity (Ziegler et al., WWW 2005) with artists as the likeness.

    `owner` and `artist` (A,) are the songs and their artists, rising by song. A song of no known artist is unlike all
    others, and a list of fewer than two songs is as varied as can be.
    """
    rows, width = lists.shape
    there = np.flatnonzero(lists.ravel() >= 0)
    songs = lists.ravel()[there]
    first, last = np.searchsorted(owner, songs), np.searchsorted(owner, songs, side="right")
    count = last - first
    entry = np.repeat(np.arange(len(there)), count)
    nth = np.arange(len(entry)) - np.repeat(np.cumsum(count) - count, count)
    row, place = np.divmod(there[entry], width)
    names = artist[first[entry] + nth]
    order = np.lexsort((place, names, row))
    row, place, names = row[order], place[order], names[order]
    alike = [np.empty(0, dtype=np.int64)]
    for step in range(1, width):
        same = (row[step:] == row[:-step]) & (names[step:] == names[:-step])
        if not same.any():
            break
        alike.append(((row[step:] * width + place[:-step]) * width + place[step:])[same])
    shared = np.bincount(np.unique(np.concatenate(alike)) // width**2, minlength=rows)
    length = (lists >= 0).sum(axis=1)
    varied: Floats = 1 - shared / np.maximum(length * (length - 1) / 2, 1)
    return varied


def past_popularity(owner: Ints, songs: Ints, listeners: int, plays: Floats) -> Floats:
    """Mean training plays of the songs in each listener's past (L,), a song as often as they played it; a song without
    training plays counts as one play. `owner` and `songs` (N,) are the past plays.
    """
    total = np.bincount(owner, weights=np.maximum(plays, 1)[songs], minlength=listeners)
    mean: Floats = total / np.maximum(np.bincount(owner, minlength=listeners), 1)
    return mean


def popularity_lift(lists: Ints, plays: Floats, past: Floats) -> Floats:
    """Mean training plays of the listed songs over those of the listener's `past` (L,), per listener (L,).

    1 is as popular as what they play themselves, more is a push to the popular: the ratio behind the popularity lift of
    Abdollahpouri et al. (RecSys 2020), which is this less 1, of groups. A song without plays counts as one play.
    """
    there = lists >= 0
    total = np.where(there, np.maximum(plays, 1)[lists], 0).sum(axis=1)
    lift: Floats = total / np.maximum(there.sum(axis=1), 1) / np.maximum(past, 1)
    return lift


def gini(lists: Ints, songs: int) -> float:
    """How unevenly the places of all lists are spread over `songs` candidates (Fleder & Hosanagar, 2009): 0 where every
    song has as many, 1 − 1 / `songs` where one song has all.
    """
    counts = np.sort(np.unique(lists[lists >= 0], return_counts=True)[1])
    places = np.concatenate([np.zeros(songs - len(counts), dtype=np.int64), counts])
    weights = 2 * np.arange(1, songs + 1) - songs - 1
    return float((weights * places).sum() / max(songs * places.sum(), 1))


def overlap(one: Sequence[Sequence[str]], other: Sequence[Sequence[str]], k: int) -> float:
    """Mean Jaccard index of the first `k` songs that two runs give to the same listeners, in the same order: songs in
    both lists over songs in either.
    """
    pairs = ((set(a[:k]), set(b[:k])) for a, b in zip(one, other, strict=True))
    shares = [len(a & b) / len(a | b) if a | b else 1.0 for a, b in pairs]
    return sum(shares) / len(shares) if shares else 1.0
