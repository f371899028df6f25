"""Orders: the best songs exactly, ranks that agree with them, and lists with few songs of an artist."""

from __future__ import annotations

from collections import Counter

import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from musicrec.core.ordering import LazyOrder, Order
from musicrec.core.ragged import Ragged

# Few distinct scores make many ties; -inf is a score like any other
rows = st.lists(st.sampled_from([-torch.inf, -2.0, 0.0, 0.5, 3.0]), min_size=1, max_size=14)


def _order(row: list[float], barred: set[int]) -> tuple[Order, list[int]]:
    candidates = [song for song in range(len(row)) if song not in barred]
    mask = torch.tensor([song in barred for song in range(len(row))])
    return Order(torch.tensor(row), mask), sorted(candidates, key=lambda song: (-row[song], song))


@settings(max_examples=80)
@given(row=rows, barred=st.sets(st.integers(0, 13)), k=st.integers(0, 16))
def test_the_top_is_a_sort(row: list[float], barred: set[int], k: int) -> None:
    order, wanted = _order(row, barred)
    top = order.top(k)
    assert top.songs.tolist() == wanted[:k]
    assert top.candidates == order.candidates == len(wanted)
    assert [max(row[song], torch.finfo().min) for song in wanted[:k]] == top.scores.tolist()


@settings(max_examples=60)
@given(
    levels=st.sampled_from([1, 3, 50, 100_000]),
    share=st.sampled_from([0.0, 0.5, 0.999]),
    k=st.sampled_from([1, 2, 10, 40]),
    size=st.integers(1, 6000),
    seed=st.integers(0, 99),
)
def test_the_top_of_a_large_catalogue_is_a_sort(levels: int, share: float, k: int, size: int, seed: int) -> None:
    drawn = torch.Generator().manual_seed(seed)
    scores = torch.randint(levels, (size,), generator=drawn).float()
    barred = torch.rand(size, generator=drawn) < share
    order = Order(scores, barred)
    wanted = scores.masked_fill(barred, -1).argsort(descending=True, stable=True)[: order.candidates][:k]
    assert torch.equal(order.top(k).songs, wanted)


@settings(max_examples=80)
@given(row=rows, barred=st.sets(st.integers(0, 13)), asked=st.lists(st.integers(0, 13), max_size=20))
def test_ranks_are_places_in_the_whole_order(row: list[float], barred: set[int], asked: list[int]) -> None:
    order, wanted = _order(row, barred)
    songs = [song for song in asked if song < len(row)]
    place = {song: rank for rank, song in enumerate(wanted, start=1)}
    assert order.ranks(songs) == [place.get(song) for song in songs]


def _greedy(order: list[int], artists: list[list[int]], k: int, most: int) -> list[int]:
    chosen: list[int] = []
    songs_of: Counter[int] = Counter()
    for song in order:
        of = set(artists[song]) - {0}
        if len(chosen) < k and all(songs_of[artist] < most for artist in of):
            chosen.append(song)
            songs_of.update(of)
    return chosen


@settings(max_examples=80)
@given(
    songs=st.lists(
        st.tuples(st.sampled_from([0.0, 1.0, 2.0]), st.lists(st.integers(1, 4), max_size=3, unique=True)),
        min_size=1,
        max_size=40,
    ),
    barred=st.sets(st.integers(0, 39)),
    k=st.integers(1, 12),
    most=st.integers(1, 4),
)
def test_few_songs_of_an_artist_is_a_walk_from_the_top(
    songs: list[tuple[float, list[int]]], barred: set[int], k: int, most: int
) -> None:
    order, ranked = _order([score for score, _ in songs], barred)
    artists = [sorted(of) or [0] for _, of in songs]
    assert order.top_of_artists(k, Ragged.of(artists), most).songs.tolist() == _greedy(ranked, artists, k, most)


def test_one_artist_of_nearly_everything_is_passed_by_at_once() -> None:
    count = 20_000
    artists = [[1] if song < count - 3 else [song] for song in range(count)]
    order = Order(-torch.arange(count).float(), torch.zeros(count, dtype=torch.bool))
    top = order.top_of_artists(10, Ragged.of(artists), 2)
    assert top.songs.tolist() == [0, 1, count - 3, count - 2, count - 1]
    assert top.candidates == count


def test_a_lazy_order_makes_the_whole_when_it_is_asked_for_more_than_the_best() -> None:
    made, scores = [], torch.tensor([1.0, 3.0, 2.0])

    def make() -> Order:
        made.append(1)
        return Order(scores, torch.tensor([False, True, False]))

    def find(k: int) -> tuple[torch.Tensor, torch.Tensor] | None:
        return (torch.tensor([2, 0])[:k], torch.tensor([2.0, 1.0])[:k]) if k < 2 else None

    order = LazyOrder(2, find, make)
    assert order.top(1).songs.tolist() == [2]
    assert not made
    top = order.top(5)
    assert (top.songs.tolist(), top.scores.tolist(), top.candidates) == ([2, 0], [2.0, 1.0], 2)
    assert order.ranks([0, 1, 2]) == [2, None, 1]
    assert len(made) == 1
