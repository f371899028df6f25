"""The union of features so far is what Python sets say it is."""

from __future__ import annotations

from itertools import pairwise

import torch
from hypothesis import given
from hypothesis import strategies as st

from musicrec.core.dataset import Listeners
from musicrec.core.models.unions import first_appearances, union_sizes, unions
from musicrec.core.ragged import Ragged

SIZE = 7  # feature codes
Rows = list[list[int]]
features_of = st.lists(st.lists(st.integers(0, SIZE - 1), max_size=4, unique=True).map(sorted), min_size=1, max_size=6)


@st.composite
def cases(draw: st.DrawFn) -> tuple[Rows, Rows]:
    """Features of songs, and plays of listeners."""
    features = draw(features_of)
    plays = draw(st.lists(st.lists(st.integers(0, len(features) - 1), max_size=8), min_size=1, max_size=5))
    return features, plays


def _lists(ragged: Ragged) -> Rows:
    bounds = ragged.offsets.tolist()
    return [ragged.values[start:end].tolist() for start, end in pairwise(bounds)]


@given(cases())
def test_features_come_in_order_of_first_appearance(case: tuple[Rows, Rows]) -> None:
    features, plays = case
    found, positions = first_appearances(Ragged.of(plays), Ragged.of(features), SIZE)
    for row, codes, first in zip(plays, _lists(found), _lists(positions), strict=True):
        seen: dict[int, int] = {}
        for position, song in enumerate(row):
            for code in features[song]:
                seen.setdefault(code, position)
        assert dict(zip(codes, first, strict=True)) == seen
        assert len(codes) == len(seen)
        assert first == sorted(first)


@given(cases())
def test_what_came_before_a_play_is_a_prefix(case: tuple[Rows, Rows]) -> None:
    features, plays = case
    songs = Ragged.of(plays)
    found, positions = first_appearances(songs, Ragged.of(features), SIZE)
    sizes = iter(union_sizes(positions, songs).tolist())
    for row, codes in zip(plays, _lists(found), strict=True):
        for position in range(len(row)):
            before = {code for song in row[:position] for code in features[song]}
            assert set(codes[: next(sizes)]) == before


@given(cases())
def test_the_union_of_a_whole_past(case: tuple[Rows, Rows]) -> None:
    features, plays = case
    songs = Ragged.of(plays)
    listeners = Listeners(torch.arange(len(plays)), songs, songs)
    for row, codes in zip(plays, _lists(unions(listeners, Ragged.of(features), SIZE)), strict=True):
        assert len(codes) == len(set(codes))
        assert set(codes) == {code for song in row for code in features[song]}
