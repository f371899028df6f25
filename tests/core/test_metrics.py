"""Every metric on cases worked by hand, and against slow definitions."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from musicrec.core import metrics

# Two listeners. The first has 3 held-out songs at places 1, 4 and 12, the second has 1 at place 3.
OWNER = np.array([0, 0, 0, 1])
RANK = np.array([1, 4, 12, 3])


@pytest.mark.parametrize(
    ("metric", "k", "first", "second"),
    [
        ("hr", 5, 1, 1),
        ("hr", 2, 1, 0),
        ("user_coverage", 2, 1, 0),
        ("recall", 5, 2 / 3, 1),  # places 1 and 4 of three held out
        ("precision", 5, 2 / 5, 1 / 5),
        ("f1", 5, 2 * (2 / 5) * (2 / 3) / (2 / 5 + 2 / 3), 2 * (1 / 5) / (1 / 5 + 1)),
        ("f1", 2, 2 * (1 / 2) * (1 / 3) / (1 / 2 + 1 / 3), 0),
        # hits at 1 and 4 over three hits at 1, 2, 3; a hit at 3 over one at 1
        ("ndcg", 5, (1 + 1 / math.log2(5)) / (1 + 1 / math.log2(3) + 1 / 2), 1 / 2),
        # at k = 2 only two of the three could be hit
        ("ndcg", 2, 1 / (1 + 1 / math.log2(3)), 0),
        ("map", 5, (1 / 1 + 2 / 4) / 3, 1 / 3),
        ("map", 2, (1 / 1) / 2, 0),
        ("map", 12, (1 / 1 + 2 / 4 + 3 / 12) / 3, 1 / 3),
        ("mrr", 5, 1, 1 / 3),
        ("mrr", 2, 1, 0),
    ],
)
def test_by_hand(metric: str, k: int, first: float, second: float) -> None:
    assert metrics.at_k(OWNER, RANK, 2, k)[metric].tolist() == pytest.approx([first, second])


def test_order_of_the_held_out_songs_is_irrelevant() -> None:
    there, back = metrics.at_k(OWNER, RANK, 2, 5), metrics.at_k(OWNER, RANK[[2, 1, 0, 3]], 2, 5)
    assert all(there[name].tolist() == pytest.approx(back[name].tolist()) for name in there)


@pytest.mark.parametrize(
    ("higher", "tied", "rank"),
    [
        ([0], [1], [1]),  # alone on top
        ([4], [1], [5]),
        ([0], [2], [2]),  # 0 + 3 / 2, rounded up
        ([0], [3], [2]),  # the middle of three
        ([2], [99], [52]),  # 2 + 100 / 2: a constant scorer after two better songs
        ([0, 0], [5, 5], [2, 4]),  # two of five tied: at 6 / 3 and 12 / 3
        ([0, 0, 2], [2, 2, 1], [1, 2, 3]),  # all that are tied are held out
        ([3, 0], [1, 1], [4, 1]),
    ],
)
def test_ties_by_hand(higher: list[int], tied: list[int], rank: list[int]) -> None:
    owner = np.zeros(len(higher), dtype=np.int64)
    assert metrics.tied_ranks(owner, np.array(higher), np.array(tied)).tolist() == rank


def test_ties_do_not_mix_listeners() -> None:
    ranks = metrics.tied_ranks(np.array([0, 1, 1]), np.array([0, 0, 0]), np.array([9, 4, 4]))
    assert ranks.tolist() == [5, 2, 4]  # 10 / 2; 5 / 3 and 10 / 3 rounded up


@pytest.mark.parametrize(
    ("scores", "held", "share"),
    [
        ([3.0, 2.0, 1.0, 0.0], [0], 1.0),
        ([3.0, 2.0, 1.0, 0.0], [3], 0.0),
        ([3.0, 2.0, 1.0, 0.0], [0, 3], (2 + 0) / 4),  # song 0 beats both others, song 3 none
        ([1.0, 1.0, 1.0, 0.0], [0], (1 / 2 + 1 / 2 + 1) / 3),
        ([1.0, 1.0, 1.0, 1.0], [1, 2], 0.5),
    ],
)
def test_auc_by_hand(scores: list[float], held: list[int], share: float) -> None:
    owner, higher, tied = _standing(np.array([scores]), [held])
    assert metrics.auc(owner, higher, tied, 1, np.array([4])).tolist() == pytest.approx([share])


def test_where_everything_is_held_out_auc_cannot_tell() -> None:
    owner, higher, tied = _standing(np.array([[2.0, 1.0]]), [[0, 1]])
    assert metrics.auc(owner, higher, tied, 1, np.array([2])).tolist() == [0.5]


def test_a_constant_scorer_looks_like_chance() -> None:
    songs, listeners, k = 50, 200, 10
    held = [[row % songs] for row in range(listeners)]
    owner, higher, tied = _standing(np.zeros((listeners, songs)), held)
    found = metrics.at_k(owner, metrics.tied_ranks(owner, higher, tied), listeners, k)
    assert found["hr"].mean() == 0  # one song in the middle of fifty stands at place 26
    assert metrics.auc(owner, higher, tied, listeners, np.full(listeners, songs)).tolist() == [0.5] * listeners
    # with 24 of 49 held out, spread evenly, the first ten places hold their share and no more
    many = [sorted(range(0, 48, 2)) for _ in range(listeners)]
    owner, higher, tied = _standing(np.zeros((listeners, 49)), many)
    found = metrics.at_k(owner, metrics.tied_ranks(owner, higher, tied), listeners, k)
    assert found["precision"].mean() == pytest.approx(24 / 49, abs=0.1)


def test_coverage_and_novelty_by_hand() -> None:
    lists = np.array([[0, 1], [0, 2]])
    assert metrics.catalogue_coverage(lists, 6) == 3 / 6
    # of 8 plays song 0 has 4 (1 bit), song 1 has 2 (2 bits), song 2 none, which counts as one (3 bits)
    plays = np.array([4.0, 2.0, 0.0, 1.0, 1.0, 0.0])
    assert metrics.novelty(lists, plays).tolist() == pytest.approx([(1 + 2) / 2, (1 + 3) / 2])


# Scores of some listeners for some songs, from few values so that ties are common, and what is held out of each
Case = tuple[np.ndarray, list[list[int]]]


@st.composite
def cases(draw: st.DrawFn) -> Case:
    listeners, songs = draw(st.integers(1, 4)), draw(st.integers(1, 12))
    row = st.lists(st.integers(-2, 2).map(float), min_size=songs, max_size=songs)
    held = st.lists(st.integers(0, songs - 1), min_size=1, max_size=songs, unique=True).map(sorted)
    scores = draw(st.lists(row, min_size=listeners, max_size=listeners))
    return np.array(scores), draw(st.lists(held, min_size=listeners, max_size=listeners))


def _standing(scores: np.ndarray, held: list[list[int]]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    owner = np.array([row for row, songs in enumerate(held) for _ in songs])
    own = np.array([scores[row, song] for row, songs in enumerate(held) for song in songs])
    return owner, (scores[owner] > own[:, None]).sum(1), (scores[owner] == own[:, None]).sum(1)


@given(cases())
def test_ranks_are_those_of_the_definition(case: Case) -> None:
    scores, held = case
    owner, higher, tied = _standing(scores, held)
    ranks = iter(metrics.tied_ranks(owner, higher, tied).tolist())
    for row, songs in zip(scores.tolist(), held, strict=True):
        taken = [next(ranks) for _ in songs]
        assert len(set(taken)) == len(taken)
        assert all(1 <= rank <= len(row) for rank in taken)
        for score in {row[song] for song in songs}:
            ahead, equal = sum(each > score for each in row), sum(each == score for each in row)
            members = [rank for rank, song in zip(taken, songs, strict=True) if row[song] == score]
            spread = [Fraction(nth * (equal + 1), len(members) + 1) for nth in range(1, len(members) + 1)]
            assert sorted(members) == [ahead + math.ceil(place) for place in spread]


@given(cases())
def test_auc_counts_pairs(case: Case) -> None:
    scores, held = case
    owner, higher, tied = _standing(scores, held)
    found = metrics.auc(owner, higher, tied, len(held), np.full(len(held), scores.shape[1]))
    for row, songs, share in zip(scores.tolist(), held, found.tolist(), strict=True):
        pairs = [(row[song], other) for song in songs for at, other in enumerate(row) if at not in songs]
        right = [1.0 if one > other else 0.5 if one == other else 0.0 for one, other in pairs]
        assert share == pytest.approx(sum(right) / len(right) if right else 0.5)


@given(cases(), st.integers(1, 15))
def test_every_metric_stays_within_its_bounds(case: Case, k: int) -> None:
    scores, held = case
    owner, higher, tied = _standing(scores, held)
    found = metrics.at_k(owner, metrics.tied_ranks(owner, higher, tied), len(held), k)
    assert set(found) == {"hr", "recall", "precision", "f1", "ndcg", "map", "mrr", "user_coverage"}
    for column in found.values():
        assert len(column) == len(held)
        assert bool(((column >= 0) & (column <= 1 + 1e-12)).all())
    assert bool((found["hr"] >= found["recall"]).all())
    assert bool((found["hr"] >= found["mrr"]).all())


@given(cases(), st.integers(1, 14))
def test_more_places_never_lose_a_hit(case: Case, k: int) -> None:
    scores, held = case
    owner, higher, tied = _standing(scores, held)
    ranks = metrics.tied_ranks(owner, higher, tied)
    few, more = metrics.at_k(owner, ranks, len(held), k), metrics.at_k(owner, ranks, len(held), k + 1)
    assert all(bool((more[name] >= few[name]).all()) for name in ("hr", "recall", "mrr", "user_coverage"))


@given(st.lists(st.floats(0, 1), min_size=1, max_size=40), st.integers(0, 5))
def test_the_bootstrap_interval_holds_the_mean_and_repeats(column: list[float], seed: int) -> None:
    values = [np.array(column)]
    ((low, high),) = metrics.bootstrap(values, seed, resamples=200)
    assert min(column) - 1e-9 <= low <= high <= max(column) + 1e-9
    assert metrics.bootstrap(values, seed, resamples=200) == [(low, high)]


def test_the_bootstrap_interval_is_that_of_the_mean() -> None:
    values = np.random.default_rng(1).normal(0.3, 0.1, size=400)
    ((low, high),) = metrics.bootstrap([values], seed=3)
    error = 1.96 * values.std() / 400**0.5
    assert low < values.mean() < high
    assert (low, high) == pytest.approx((values.mean() - error, values.mean() + error), abs=0.15 * error)
    assert metrics.bootstrap([values], seed=4) != [(low, high)]
