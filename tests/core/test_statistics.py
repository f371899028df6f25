"""Paired intervals and tests: by hand, by their symmetries, and whether they are as sure as they say."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from musicrec.core.statistics import furthest, holm, paired, sign_flips

Columns = dict[str, np.ndarray]


@pytest.mark.parametrize(
    ("differences", "p"),
    [
        ([1.0, 1.0, 1.0], 2 / 8),  # only +++ and --- are as far out as 3
        ([1.0, 2.0, 3.0], 2 / 8),
        ([3.0, -1.0], 4 / 4),  # of ±3 ±1 (4, 2, -2, -4) all are as far out as 2
        ([4.0, 2.0, -1.0], 4 / 8),  # |5| or more: 7, 5 and their opposites
        ([2.0, 2.0, -1.0], 4 / 8),  # |3| or more: 5, 3 and their opposites
        ([0.0, 0.0, 5.0], 1.0),  # one listener tells nothing
        ([0.0, 0.0], 1.0),
        ([0.1] * 10, 2 / 1024),
    ],
)
def test_sign_flips_by_hand(differences: list[float], p: float) -> None:
    assert sign_flips(np.array(differences)[:, None], seed=1) == [pytest.approx(p)]


def test_a_listener_who_differs_in_another_metric_alone_changes_nothing() -> None:
    both = np.array([[1.0, 0.0], [2.0, 0.0], [0.0, 3.0], [3.0, 0.0]])
    assert sign_flips(both, seed=1) == [pytest.approx(2 / 8), pytest.approx(1)]


def test_the_chance_of_a_metric_does_not_depend_on_the_others() -> None:
    apart = np.random.default_rng(5).normal(0.1, 1, size=(60, 3))
    apart[10:, 1] = 0  # few enough to try all flips
    together = sign_flips(apart, seed=1)
    assert [sign_flips(apart[:, [column]], seed=1)[0] for column in range(3)] == together


def test_drawn_flips_come_near_all_of_them() -> None:
    differences = np.random.default_rng(4).normal(0.4, 1, size=(13, 5))
    every, drawn = sign_flips(differences, seed=1), sign_flips(differences, seed=1, draws=8000)
    assert every != drawn
    assert drawn == pytest.approx(every, abs=0.02)


def test_no_chance_is_nought() -> None:
    assert sign_flips(np.ones((400, 1)), seed=1, draws=500) == [pytest.approx(1 / 501)]


@pytest.mark.parametrize(
    ("chances", "adjusted"),
    [
        ([0.01, 0.04, 0.03, 0.005], [0.03, 0.06, 0.06, 0.02]),  # Holm: ×3, then ×1 held up by the ×2 before it, ×2, ×4
        ([0.02], [0.02]),
        ([0.5, 0.9], [1.0, 1.0]),
        ([], []),
    ],
)
def test_holm_by_hand(chances: list[float], adjusted: list[float]) -> None:
    assert holm(chances) == pytest.approx(adjusted)


def test_who_differs_most() -> None:
    one, other = np.array([0.1, 0.5, 0.9, 0.3]), np.array([0.2, 0.5, 0.1, 0.0])
    assert furthest(one, other, 2).tolist() == [2, 3]
    assert furthest(one, other, 10).tolist() == [2, 3, 0]  # who does not differ is not shown


@st.composite
def two_runs(draw: st.DrawFn) -> tuple[Columns, Columns]:
    listeners = draw(st.integers(1, 30))
    column = st.lists(st.integers(0, 4).map(lambda value: value / 4), min_size=listeners, max_size=listeners)
    one, other = ({name: np.array(draw(column)) for name in ("hr@5", "ndcg@5")} for _ in range(2))
    return one, other


@settings(max_examples=30, deadline=None)
@given(two_runs(), st.integers(0, 3))
def test_swapping_the_runs_turns_the_signs(runs: tuple[Columns, Columns], seed: int) -> None:
    there, back = paired(*runs, seed), paired(*reversed(runs), seed)
    for a, b in zip(there, back, strict=True):
        assert (a.metric, a.one, a.other, a.higher, a.lower) == (b.metric, b.other, b.one, b.lower, b.higher)
        assert (a.difference, a.low, a.high) == pytest.approx((-b.difference, -b.high, -b.low), abs=1e-12)
        assert (a.p, a.adjusted) == (b.p, b.adjusted)
        assert 0 < a.p <= a.adjusted <= 1
    assert paired(*runs, seed) == there


@settings(max_examples=30, deadline=None)
@given(two_runs())
def test_a_run_does_not_differ_from_itself(runs: tuple[Columns, Columns]) -> None:
    for each in paired(runs[0], runs[0], seed=1):
        assert (each.difference, each.low, each.high, each.p, each.adjusted) == (0, 0, 0, 1, 1)
        assert (each.higher, each.lower) == (0, 0)


def test_only_metrics_of_both_are_tested() -> None:
    one, other = {"a": np.zeros(3), "b": np.ones(3)}, {"b": np.ones(3), "c": np.zeros(3)}
    assert [each.metric for each in paired(one, other, seed=1)] == ["b"]
    assert paired(one, {}, seed=1) == ()


def test_the_test_is_as_sure_as_it_says() -> None:
    # Two runs that are equally good, 400 times: p is below 5 % in 5 % of them, whatever shape the values have
    generator, found = np.random.default_rng(11), []
    for _ in range(400):
        hits = generator.random((40, 2)) < 0.3
        ranks = generator.exponential(size=(40, 2))
        apart = np.stack([hits[:, 1] * 1.0 - hits[:, 0], ranks[:, 1] - ranks[:, 0]], axis=1)
        found.append(sign_flips(apart, seed=2, draws=1000))
    below = (np.array(found) <= 0.05).mean(axis=0)
    assert 0.005 < below[0] < 0.08  # hits are few and whole: the test stays on the safe side
    assert 0.025 < below[1] < 0.08


def test_the_interval_holds_the_true_difference_as_often_as_it_says() -> None:
    generator, held = np.random.default_rng(12), 0
    for _ in range(200):
        one = generator.random(100)
        other = one + generator.normal(0.1, 0.3, size=100)
        (each,) = paired({"ndcg@10": one}, {"ndcg@10": other}, seed=3)
        held += each.low <= 0.1 <= each.high
    assert 0.9 <= held / 200 <= 0.985


def test_a_true_difference_is_found() -> None:
    generator = np.random.default_rng(13)
    one = generator.random(200)
    other = one + generator.normal(0.1, 0.2, size=200)
    (each,) = paired({"ndcg@10": one}, {"ndcg@10": other}, seed=3)
    assert each.p < 0.001
    assert each.low > 0
    assert each.higher > 120
