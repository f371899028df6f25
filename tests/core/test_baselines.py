"""Baselines computed in one go, against their definitions."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from small_datasets import SONGS, dataset
from torch import Tensor
from worlds import World

from musicrec.core.dataset import Dataset
from musicrec.core.errors import MusicrecError, UsageError
from musicrec.core.models import co_plays, ease
from musicrec.core.models.configs import EASEConfig, config_for
from musicrec.core.models.ease import EASE
from musicrec.core.models.itemknn import ItemKNN
from musicrec.core.models.recent import RecentPopularity

rows = st.lists(st.lists(st.integers(0, SONGS - 2), max_size=9), min_size=1, max_size=6)  # nobody plays the last song


def matrix(data: Dataset) -> Tensor:
    """Who played what: 1 or 0, (L, S)."""
    past = data.past("validation").songs
    played = torch.zeros(data.listener_count, data.song_count)
    played[past.row_ids(), past.values] = 1
    return played


def nearest_by_definition(data: Dataset, neighbours: int, shrink: float) -> tuple[Tensor, Tensor]:
    both = matrix(data).T @ matrix(data)
    norms = both.diag().sqrt()
    similarity = both / (norms[:, None] * norms + shrink + 1e-9)
    similarity.fill_diagonal_(0)
    best = similarity.sort(dim=1, descending=True, stable=True)
    return best.indices[:, :neighbours], best.values[:, :neighbours]


def check_neighbours(data: Dataset, neighbours: int, shrink: float) -> None:
    model = ItemKNN(config_for("itemknn", chosen={"neighbours": neighbours, "shrink": shrink}), data)
    model.fit(data)
    nearest, similarity = nearest_by_definition(data, neighbours, shrink)
    there = len(model.nearest)
    assert torch.equal(model.similarity, similarity[:there])
    assert torch.equal(model.nearest.long(), nearest[:there].masked_fill(similarity[:there] == 0, 0))
    assert not bool(similarity[there:].any())
    assert there == 0 or bool(matrix(data)[:, there - 1].any())


@given(rows, st.integers(1, 9), st.sampled_from([0.0, 0.5, 10.0]), st.sampled_from([1, 9, 8_000_000]))
@settings(max_examples=25, deadline=None)
def test_neighbours_are_those_of_the_dense_definition(
    plays: list[list[int]], neighbours: int, shrink: float, cells: int
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(co_plays, "CHUNK_CELLS", cells)
        check_neighbours(dataset(plays), neighbours, shrink)


def test_neighbours_of_a_sample_are_those_of_the_dense_definition(kkbox_world: World) -> None:
    check_neighbours(kkbox_world.data, 100, 10.0)


def test_a_song_like_nothing_is_like_the_first_song_no_less() -> None:
    data = dataset([[0, 1], [2]], 3)
    model = ItemKNN(config_for("itemknn", chosen={"shrink": 0.0}), data)
    model.fit(data)
    scorer = model.scorer(data)
    assert scorer.similarities(1).tolist() == pytest.approx([1, 1, 0])  # song 1 has one neighbour, song 0
    assert scorer.similarities(2).tolist() == [0, 0, 1]


def test_a_play_weighs_half_with_every_half_life_of_later_ones() -> None:
    data = dataset([[0, 1, 2, 3, 0], [3, 4], []])
    model = RecentPopularity(config_for("recent", chosen={"half_life": 2}), data)
    model.fit(data)
    half = 2**-0.5
    assert model.plays.tolist() == pytest.approx([0.25 + 1, half / 2, 0.5, 2 * half, 1, 0, 0])


def test_only_training_plays_are_recent() -> None:
    data = dataset([[0, 1, 2, 3]])
    data.split[2:] = torch.tensor([1, 2])
    model = RecentPopularity(config_for("recent", chosen={"half_life": 1.0}), data)
    model.fit(data)
    assert model.plays.tolist() == [0.5, 1, 0, 0, 0, 0, 0]


def ease_of(data: Dataset, **chosen: float) -> EASE:
    model = EASE(config_for("ease", chosen=chosen), data)
    model.fit(data)
    return model


def weights_by_definition(data: Dataset, l2: float) -> Tensor:
    """What playing i gives to j (S, S): for each j the least squares of its column on all the others."""
    played, songs = matrix(data).double(), data.song_count
    weights = torch.zeros(songs, songs, dtype=torch.float64)
    for j in range(songs):
        others = torch.arange(songs) != j
        rest = played[:, others]
        gram = rest.T @ rest + l2 * torch.eye(songs - 1)
        weights[others, j] = torch.linalg.solve(gram, rest.T @ played[:, j])
    return weights


@given(rows, st.sampled_from([1.0, 20.0]))
@settings(max_examples=15, deadline=None)
def test_weights_of_ease_are_regressions_of_each_song_on_the_others(plays: list[list[int]], l2: float) -> None:
    data = dataset(plays)
    past = data.past("test")
    counts = torch.zeros(data.listener_count, data.song_count, dtype=torch.float64)
    counts.index_put_((past.songs.row_ids(), past.songs.values), torch.ones(1, dtype=torch.float64), accumulate=True)
    scores = ease_of(data, l2=l2).scorer(data).scores(past)
    assert torch.allclose(scores.double(), counts @ weights_by_definition(data, l2), atol=1e-5)


def test_the_weights_farthest_from_zero_are_kept(kkbox_world: World) -> None:
    data = kkbox_world.data
    all_of_them, some = ease_of(data, kept_weights=9999), ease_of(data, kept_weights=5)
    assert some.weights.shape == (data.song_count, 5)
    largest = all_of_them.weights.abs().sort(dim=1, descending=True).values[:, :5]
    assert torch.allclose(some.weights.abs(), largest, atol=1e-6)


def test_likeness_of_songs_is_the_same_both_ways(kkbox_world: World) -> None:
    scorer = ease_of(kkbox_world.data, kept_weights=9999).scorer(kkbox_world.data)
    whole = torch.stack([scorer.similarities(song) for song in range(kkbox_world.data.song_count)])
    assert torch.allclose(whole, whole.T, atol=1e-5)
    assert whole.abs().max() == 1


def test_songs_beyond_the_most_played_score_nothing_and_are_told(caplog: pytest.LogCaptureFixture) -> None:
    data = dataset([[0, 1, 2], [0, 1, 3], [0, 1]])
    scorer = ease_of(data, most_songs=3, l2=1).scorer(data)
    assert "the 1 least played songs are left out" in caplog.text
    scores = scorer.scores(data.past("test"))
    assert scores[:, 3:].abs().max() == 0
    assert scores[:, :3].abs().min() > 0
    assert scorer.similarities(5).tolist() == [0, 0, 0, 0, 0, 1, 0]


def test_ease_asks_before_it_takes_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ease, "available", lambda device: 12 * 40**2)
    with pytest.raises(
        MusicrecError, match=r"ease on 50 songs needs .* GB .*: give --most-songs 40 or fewer"
    ) as problem:
        ease_of(dataset([[0, 1]], 50))
    assert "\n" not in str(problem.value)
    ease_of(dataset([[0, 1]], 50), most_songs=40)


def test_ease_without_a_penalty_is_refused() -> None:
    with pytest.raises(UsageError, match="l2 must be at least 1"):
        config_for("ease", chosen={"l2": 0.0})


def test_a_penalty_that_single_precision_cannot_see_is_told() -> None:
    data = dataset([[0, 1]] * 70_000, 2)
    with pytest.raises(MusicrecError, match=r"--l2 0\.0001 is too small") as problem:
        EASE(EASEConfig(l2=1e-4), data).fit(data)
    assert "\n" not in str(problem.value)
