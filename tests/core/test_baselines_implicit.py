"""ALS and BPR: what the library trains, and what is done without it."""

from __future__ import annotations

import sys
import warnings
from pathlib import Path

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from small_datasets import SONGS, dataset
from torch import Tensor
from torch.nn import functional as F
from worlds import World

from musicrec.core.dataset import Listeners, take
from musicrec.core.errors import MusicrecError, UsageError
from musicrec.core.models.baseline_configs import ALSConfig, BPRConfig
from musicrec.core.models.configs import config_for
from musicrec.core.models.implicit_als import ALS, ALSScorer
from musicrec.core.models.implicit_bpr import BPR
from musicrec.core.models.implicit_library import ready, training_plays
from musicrec.core.places import Places
from musicrec.core.ragged import Ragged
from musicrec.core.runs import list_runs
from musicrec.core.training import train
from musicrec.core.weights import load_model

CPU = torch.device("cpu")


def listeners(*plays: list[int]) -> Listeners:
    rows = Ragged.of(plays)
    return Listeners(torch.full((len(plays),), -1), rows, Ragged(torch.zeros_like(rows.values), rows.offsets))


@pytest.mark.parametrize(("alpha", "l2"), [(1.0, 0.01), (7.5, 3.0)])
def test_vectors_of_als_are_those_that_implicit_recalculates(kkbox_world: World, alpha: float, l2: float) -> None:
    data = kkbox_world.data
    with ready("als"):
        from implicit.cpu.als import AlternatingLeastSquares

        theirs = AlternatingLeastSquares(factors=12, alpha=alpha, regularization=l2, iterations=3, random_state=7)
        theirs.fit(training_plays(data), show_progress=False)
        wanted = theirs.recalculate_user(list(range(data.listener_count)), training_plays(data))
    ours = ALS(ALSConfig(factors=12, alpha=alpha, l2=l2, iterations=3), data)
    ours.fit(data)
    assert torch.equal(ours.song_table, torch.from_numpy(theirs.item_factors))
    scorer = ours.scorer(data)
    assert isinstance(scorer, ALSScorer)
    assert torch.allclose(scorer.listener_vectors(data.past("validation")), torch.from_numpy(wanted), atol=1e-4)


@given(st.lists(st.lists(st.integers(0, SONGS - 1), max_size=12), min_size=1, max_size=6), st.sampled_from([0.5, 4.0]))
@settings(max_examples=30, deadline=None)
def test_vectors_of_als_solve_the_normal_equations(plays: list[list[int]], alpha: float) -> None:
    table = torch.randn(SONGS, 3, generator=torch.Generator().manual_seed(4))
    scorer = ALSScorer(table, ALSConfig(factors=3, alpha=alpha, l2=0.3))
    found, songs = scorer.listener_vectors(listeners(*plays)), table.double()
    for vector, played in zip(found, plays, strict=True):
        counts = torch.bincount(torch.tensor(played, dtype=torch.int64), minlength=SONGS).double()
        confidence = torch.where(counts > 0, alpha * counts, 1.0)
        left = songs.T @ (confidence[:, None] * songs) + 0.3 * torch.eye(3)
        wanted = torch.linalg.solve(left, songs.T @ (confidence * (counts > 0)))
        assert torch.allclose(vector.double(), wanted, atol=1e-5)


def test_bpr_scores_as_implicit_does(kkbox_world: World) -> None:
    data = kkbox_world.data
    with ready("bpr"):
        from implicit.cpu.bpr import BayesianPersonalizedRanking

        theirs = BayesianPersonalizedRanking(factors=6, iterations=5, num_threads=1, random_state=7)
        theirs.fit(training_plays(data), show_progress=False)
    ours = BPR(BPRConfig(factors=6, iterations=5, lr=0.01, l2=0.01), data)
    ours.fit(data)
    wanted = torch.from_numpy(theirs.user_factors @ theirs.item_factors.T)
    assert torch.allclose(ours.scorer(data).scores(data.past("test")), wanted, atol=1e-6)


@pytest.fixture(scope="module")
def bpr(kkbox_world: World) -> BPR:
    model = BPR(BPRConfig(factors=8, iterations=60, lr=0.05), kkbox_world.data)
    model.fit(kkbox_world.data)
    return model


def test_a_bpr_listener_who_was_not_edited_keeps_their_vector(kkbox_world: World, bpr: BPR) -> None:
    data, scorer = kkbox_world.data, bpr.scorer(kkbox_world.data)
    for row in (0, 7, 30):
        origin = take(data.past("validation"), torch.tensor([row]))
        same = scorer.adapt(origin, origin, None)
        assert same.vectors is not None
        assert torch.allclose(same.vectors[0], bpr.listener_table[row], atol=1e-5)


def test_a_new_bpr_listener_is_like_one_with_the_same_plays(kkbox_world: World, bpr: BPR) -> None:
    data, scorer = kkbox_world.data, bpr.scorer(kkbox_world.data)
    past = data.past("validation")
    nobody = scorer.adapt(listeners([]), None, None)
    assert nobody.vectors is not None
    assert torch.allclose(nobody.vectors[0], bpr.listener_table[past.songs.lengths > 0].mean(0), atol=1e-5)
    for row in (0, 7, 30):
        plays = take(past, torch.tensor([row])).songs.values
        found = scorer.adapt(listeners(plays.tolist()), None, None)
        lost = [_lost(scorer.scores(who)[0], plays, data.popularity) for who in (found, nobody)]
        assert lost[0] < lost[1]
        assert _correlation(scorer.scores(found)[0], bpr.scorer(data).scores(take(past, torch.tensor([row])))[0]) > 0.9


def test_a_bpr_listener_who_played_all_that_was_played_is_the_mean_listener() -> None:
    data = dataset([[0, 1], [1, 2]])
    model = BPR(BPRConfig(factors=3), data)
    for table in (model.listener_table, model.song_table):
        torch.nn.init.normal_(table, generator=torch.Generator().manual_seed(2))
    found = model.scorer(data).adapt(listeners([0, 1, 2]), None, None)
    assert found.vectors is not None
    assert torch.allclose(found.vectors[0], model.listener_table.mean(0), atol=1e-5)


def test_nothing_is_said_of_threads(kkbox_world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    import implicit.utils

    monkeypatch.setattr(implicit.utils, "_checked_blas_config", False)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        ALS(ALSConfig(factors=2, iterations=1), kkbox_world.data).fit(kkbox_world.data)


@pytest.mark.parametrize("model", ["als", "bpr"])
def test_runs_need_the_library_for_training_alone(
    model: str, kkbox_world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data, places = kkbox_world.data, Places(kkbox_world.places.data, tmp_path)
    config = config_for(model, chosen={"factors": 2, "iterations": 1})
    card = train(data, model, config, places, "there", "cpu")
    for name in [name for name in sys.modules if name.partition(".")[0] == "implicit"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "implicit", None)
    with pytest.raises(MusicrecError, match=r"pip install 'musicrec\[implicit\]'") as problem:
        train(data, model, config, places, "missing", "cpu")
    assert "\n" not in str(problem.value)
    assert [each.name for each in list_runs(places)] == ["there"]
    scores = load_model(places, card, data, CPU).scorer(data).scores(data.past("test"))
    assert scores.isfinite().all()


def test_als_without_confidence_or_penalty_is_refused() -> None:
    for name in ("alpha", "l2"):
        with pytest.raises(UsageError, match="alpha and l2 must be above 0"):
            config_for("als", chosen={name: 0.0})


def test_the_library_takes_plays_as_counts() -> None:
    found = training_plays(dataset([[1, 1, 0], [], [2]], 4)).toarray().tolist()
    assert found == [[1, 2, 0, 0], [0, 0, 0, 0], [0, 0, 1, 0]]


def _lost(scores: Tensor, plays: Tensor, popularity: Tensor) -> float:
    """The mean loss of pairs of a play and a song not played, drawn by popularity."""
    chances = popularity.clone()
    chances[plays] = 0
    return (F.softplus(scores - scores[plays][:, None]).mean(0) @ (chances / chances.sum())).item()


def _correlation(one: Tensor, other: Tensor) -> float:
    return torch.corrcoef(torch.stack([one, other]))[0, 1].item()
