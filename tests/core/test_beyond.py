"""What is measured beyond accuracy, by hand and against slow definitions."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from musicrec.core import beyond

# Songs 0 and 1 by artist 7, song 2 by 7 and 8, song 3 by 8, song 4 by nobody known, song 5 by 7 and 8
OWNER = np.array([0, 1, 2, 2, 3, 5, 5])
ARTIST = np.array([7, 7, 7, 8, 8, 7, 8])


@pytest.mark.parametrize(
    ("songs", "varied"),
    [
        ([0, 1, -1], 0),
        ([0, 3, 4], 1),
        ([0, 1, 3], 2 / 3),  # of three pairs 0 and 1 are alike
        ([0, 2, 3], 1 / 3),  # 0 and 2, 2 and 3
        ([2, 5, 4], 2 / 3),  # two artists in common are no more alike than one
        ([4, -1, -1], 1),
        ([-1, -1, -1], 1),
    ],
)
def test_artist_diversity_by_hand(songs: list[int], varied: float) -> None:
    others = [[0, 1, 2], songs, [3, 3, 3]]  # neighbours must not mix
    assert beyond.artist_diversity(np.array(others), OWNER, ARTIST)[1] == pytest.approx(varied)


@given(st.data())
def test_artist_diversity_counts_pairs(data: st.DataObject) -> None:
    artists = data.draw(st.lists(st.sets(st.integers(0, 3), max_size=3), min_size=6, max_size=6))
    lists = data.draw(st.lists(st.permutations(range(6)).map(lambda row: row[:4]), min_size=1, max_size=5))
    owner = np.array([song for song, names in enumerate(artists) for _ in names], dtype=np.int64)
    artist = np.array([name for names in artists for name in sorted(names)], dtype=np.int64)
    found = beyond.artist_diversity(np.array(lists), owner, artist)
    slow = [sum(not artists[a] & artists[b] for a, b in combinations(row, 2)) / 6 for row in lists]
    assert found.tolist() == pytest.approx(slow)


def test_popularity_lift_by_hand() -> None:
    plays = np.array([8.0, 4.0, 2.0, 0.0])
    # the first played songs 1, 1 and 2, the second song 3, which has no training play and counts as one
    past = beyond.past_popularity(np.array([0, 0, 0, 1]), np.array([1, 1, 2, 3]), 2, plays)
    assert past.tolist() == pytest.approx([10 / 3, 1])
    lists = np.array([[0, 2], [3, -1]])
    assert beyond.popularity_lift(lists, plays, past).tolist() == pytest.approx([5 / (10 / 3), 1])


@pytest.mark.parametrize(
    ("lists", "songs", "spread"),
    [
        ([[0, 1], [2, 3]], 4, 0),  # every song once
        ([[0], [0], [0]], 4, 3 / 4),  # one song has all: 1 - 1 / 4
        ([[0, 1], [0, 1]], 4, 1 / 2),  # places 0 0 2 2: (2·1 + 2·3) / (4·4)
        ([[0, 1], [0, -1]], 2, 1 / 6),  # places 1 2: (2 - 1) / (2·3)
        ([[-1]], 3, 0),
    ],
)
def test_gini_by_hand(lists: list[list[int]], songs: int, spread: float) -> None:
    assert beyond.gini(np.array(lists), songs) == pytest.approx(spread)


@given(st.lists(st.lists(st.integers(0, 7), min_size=3, max_size=3), min_size=1, max_size=8))
def test_gini_is_half_the_mean_difference(lists: list[list[int]]) -> None:
    places = np.bincount(np.array(lists).ravel(), minlength=8)
    slow = np.abs(places[:, None] - places).mean() / (2 * places.mean())
    assert beyond.gini(np.array(lists), 8) == pytest.approx(slow)


def test_overlap_by_hand() -> None:
    one, other = [("a", "b", "c"), ("d", "e", "f")], [("b", "a", "x"), ("d", "y", "z")]
    assert beyond.overlap(one, other, 2) == pytest.approx((1 + 1 / 3) / 2)
    assert beyond.overlap(one, other, 3) == pytest.approx((2 / 4 + 1 / 5) / 2)
    assert beyond.overlap(one, one, 3) == 1
