"""Our metrics against those of trec_eval, the reference program of information retrieval, and of SciPy."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import pytrec_eval as trec
from scipy import stats

from musicrec.core import metrics

LISTENERS, SONGS, KS = 60, 40, (1, 5, 10, 20)
Held = list[list[int]]


def _draw(levels: int, seed: int) -> tuple[np.ndarray, Held]:
    """Scores of so many different values, and 1 to 12 held-out songs a listener."""
    generator = np.random.default_rng(seed)
    scores = generator.permuted(np.tile(np.arange(SONGS) % levels, (LISTENERS, 1)), axis=1).astype(float)
    return scores, [sorted(generator.choice(SONGS, generator.integers(1, 13), replace=False)) for _ in range(LISTENERS)]


def _standing(scores: np.ndarray, held: Held) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    owner = np.repeat(np.arange(LISTENERS), [len(songs) for songs in held])
    own = np.concatenate([scores[row, songs] for row, songs in enumerate(held)])
    return owner, (scores[owner] > own[:, None]).sum(1), (scores[owner] == own[:, None]).sum(1)


def _judged_elsewhere(scores: np.ndarray, held: Held) -> list[dict[str, float]]:
    cuts = ",".join(map(str, KS))
    asked = {f"{name}.{cuts}" for name in ("P", "recall", "ndcg_cut", "map_cut", "success")} | {"recip_rank"}
    goals = {f"u{row}": {f"s{song:02}": 1 for song in songs} for row, songs in enumerate(held)}
    runs = {
        f"u{row}": {f"s{song:02}": float(score) for song, score in enumerate(each)} for row, each in enumerate(scores)
    }
    answer: dict[str, Any] = trec.RelevanceEvaluator(goals, asked).evaluate(runs)
    return [answer[f"u{row}"] for row in range(LISTENERS)]


def _agree(scores: np.ndarray, held: Held, owner: np.ndarray, rank: np.ndarray) -> None:
    elsewhere = _judged_elsewhere(scores, held)
    goals = np.array([len(songs) for songs in held])
    for k in KS:
        found = metrics.at_k(owner, rank, LISTENERS, k)
        theirs = {name: np.array([each[f"{name}_{k}"] for each in elsewhere]) for name in ("P", "recall", "ndcg_cut")}
        assert found["precision"] == pytest.approx(theirs["P"])
        assert found["recall"] == pytest.approx(theirs["recall"])
        assert found["ndcg"] == pytest.approx(theirs["ndcg_cut"])
        assert found["hr"] == pytest.approx([each[f"success_{k}"] for each in elsewhere])
        # theirs divides by all held-out songs, ours by those that have room: min(|R|, k)
        assert found["map"] * np.minimum(goals, k) / goals == pytest.approx(
            [each[f"map_cut_{k}"] for each in elsewhere]
        )
    reciprocal = metrics.at_k(owner, rank, LISTENERS, SONGS)["mrr"]  # theirs looks at the whole ranking
    assert reciprocal == pytest.approx([each["recip_rank"] for each in elsewhere])


@pytest.mark.parametrize("seed", range(5))
def test_without_ties_all_agree(seed: int) -> None:
    scores, held = _draw(SONGS, seed)
    owner, higher, tied = _standing(scores, held)
    assert set(tied.tolist()) == {1}
    _agree(scores, held, owner, metrics.tied_ranks(owner, higher, tied))


@pytest.mark.parametrize(("levels", "seed"), [(2, 1), (5, 2), (13, 3)])
def test_with_ties_all_agree_on_the_ranking_that_our_rule_makes(levels: int, seed: int) -> None:
    scores, held = _draw(levels, seed)
    owner, higher, tied = _standing(scores, held)
    rank = metrics.tied_ranks(owner, higher, tied)
    untied = np.empty_like(scores)
    for row in range(LISTENERS):
        places = np.full(SONGS, -1)
        places[held[row]] = rank[owner == row]
        free = iter(sorted(set(range(1, SONGS + 1)) - set(places.tolist())))
        untied[row] = [-(place if place > 0 else next(free)) for place in places]
    _agree(untied, held, owner, rank)


def test_with_ties_theirs_goes_by_the_names_of_songs_and_ours_does_not() -> None:
    constant = np.zeros((LISTENERS, SONGS))
    first, last = [[0]] * LISTENERS, [[SONGS - 1]] * LISTENERS
    theirs = [_judged_elsewhere(constant, held)[0]["success_10"] for held in (first, last)]
    assert theirs == [0, 1]  # a song that comes late in the alphabet is a hit
    for held in (first, last):
        owner, higher, tied = _standing(constant, held)
        assert metrics.at_k(owner, metrics.tied_ranks(owner, higher, tied), LISTENERS, 10)["hr"].sum() == 0


@pytest.mark.parametrize(("levels", "seed"), [(SONGS, 1), (13, 2), (2, 3)])
def test_auc_is_that_of_mann_and_whitney_ties_included(levels: int, seed: int) -> None:
    scores, held = _draw(levels, seed)
    found = metrics.auc(*_standing(scores, held), LISTENERS, np.full(LISTENERS, SONGS))
    for row, songs in enumerate(held):
        others = np.delete(scores[row], songs)
        u = stats.mannwhitneyu(scores[row, songs], others).statistic
        assert found[row] == pytest.approx(u / (len(songs) * len(others)))
