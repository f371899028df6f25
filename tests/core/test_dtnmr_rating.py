"""DTNMR's ratings against their formulas, song by song."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from musicrec.core.models.configs import DTNMRConfig
from musicrec.core.models.dtnmr_rating import DotRating, MLPRating, RatingLayer, rating_layer

PARTS, LISTENERS, SONGS, SIZE = 3, 4, 11, 5


@pytest.fixture(params=[{}, {"temperature": 0.3}, {"rating": "mlp", "rating_hidden": 6}], ids=["dot", "cosine", "mlp"])
def rating(request: pytest.FixtureRequest) -> RatingLayer:
    torch.manual_seed(3)
    return rating_layer(DTNMRConfig(embedding_size=SIZE, **request.param))


@pytest.fixture
def listeners() -> Tensor:
    return torch.randn(PARTS, LISTENERS, SIZE, generator=torch.Generator().manual_seed(1))


@pytest.fixture
def vectors() -> Tensor:
    return torch.randn(SONGS, SIZE, generator=torch.Generator().manual_seed(2))


def test_every_song_is_rated_like_it_alone(rating: RatingLayer, listeners: Tensor, vectors: Tensor) -> None:
    songs = rating.songs(vectors)
    some = torch.tensor([[3, 1], [0, 0], [10, 2], [5, 4]])
    every = rating.every(listeners, songs)
    assert every.shape == (LISTENERS, SONGS)
    assert torch.allclose(rating.own(listeners, songs[some]), every.gather(1, some), atol=1e-6)


def test_the_split_adds_up_and_usual_is_its_mean(rating: RatingLayer, listeners: Tensor, vectors: Tensor) -> None:
    songs = rating.songs(vectors)
    split = rating.split(listeners, songs.expand(LISTENERS, -1, -1))
    assert split.shape[2] == len(rating.names(("static", "long-term", "short-term")))
    assert torch.allclose(split.sum(2), rating.every(listeners, songs), atol=1e-5)
    assert torch.allclose(rating.usual(listeners, songs), split.mean(1), atol=1e-6)


def test_a_temperature_gives_the_cosine_over_it(listeners: Tensor, vectors: Tensor) -> None:
    rating = DotRating(DTNMRConfig(temperature=0.3))
    cosine = nn.functional.cosine_similarity(listeners.sum(0)[:, None], vectors[None], dim=2)
    assert torch.allclose(rating.every(listeners, rating.songs(vectors)), cosine / 0.3, atol=1e-5)
    nobody = torch.zeros_like(listeners)
    assert torch.equal(rating.every(nobody, rating.songs(vectors)), torch.zeros(LISTENERS, SONGS))


def test_the_mlp_reads_listener_song_and_product(listeners: Tensor, vectors: Tensor) -> None:
    rating = MLPRating(DTNMRConfig(embedding_size=SIZE, rating_hidden=6))
    listener, song = listeners.sum(0)[2], vectors[7]
    hidden = torch.relu(rating.weight @ torch.cat([listener, song, listener * song]) + rating.bias)
    wanted = (rating.out.weight @ hidden).item()
    assert rating.every(listeners, vectors)[2, 7].item() == pytest.approx(wanted, abs=1e-5)


def test_the_mlp_splits_by_shapley_values(vectors: Tensor) -> None:
    # Two parts: each is worth the mean of what it adds alone and of what it adds to the other
    rating = MLPRating(DTNMRConfig(embedding_size=SIZE, rating_hidden=6))
    one, other = torch.randn(2, 1, SIZE, generator=torch.Generator().manual_seed(5))

    def worth(listener: Tensor) -> Tensor:
        return rating.every(listener[None], vectors)[0]

    none, first, second, both = (worth(each) for each in (0 * one, one, other, one + other))
    split = rating.split(torch.stack([one, other]), vectors[None])[0]
    assert torch.allclose(split[:, 0], none, atol=1e-6)
    assert torch.allclose(split[:, 1], (first - none + both - second) / 2, atol=1e-6)
    assert torch.allclose(split[:, 2], (second - none + both - first) / 2, atol=1e-6)


def test_the_mlp_ranks_differently_for_different_listeners(listeners: Tensor, vectors: Tensor) -> None:
    torch.manual_seed(0)
    rating = MLPRating(DTNMRConfig(embedding_size=SIZE, rating_hidden=16))
    orders = {tuple(row.argsort().tolist()) for row in rating.every(3 * listeners, vectors)}
    assert len(orders) == LISTENERS
