"""Baselines computed in one go, against their definitions."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor
from worlds import World

from musicrec.core.dataset import Dataset
from musicrec.core.models import itemknn
from musicrec.core.models.configs import config_for
from musicrec.core.models.itemknn import ItemKNN
from musicrec.core.models.recent import RecentPopularity
from musicrec.core.ragged import Ragged

SONGS = 7
rows = st.lists(st.lists(st.integers(0, SONGS - 2), max_size=9), min_size=1, max_size=6)  # nobody plays the last song


def dataset(plays: list[list[int]], songs: int = SONGS) -> Dataset:
    ragged = Ragged.of(plays)
    zeros = torch.zeros_like(ragged.values)
    counts = torch.bincount(ragged.values, minlength=songs).float()
    return Dataset(
        "handmade", "0" * 32, len(plays), songs, ragged.offsets, ragged.values, zeros, zeros.byte(), (), counts, counts
    )


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
    assert torch.equal(model.similarity, similarity)
    assert torch.equal(model.nearest.long(), nearest.masked_fill(similarity == 0, 0))


@given(rows, st.integers(1, 9), st.sampled_from([0.0, 0.5, 10.0]), st.sampled_from([1, 9, 8_000_000]))
@settings(max_examples=60, deadline=None)
def test_neighbours_are_those_of_the_dense_definition(
    plays: list[list[int]], neighbours: int, shrink: float, cells: int
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(itemknn, "_CHUNK_CELLS", cells)
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
