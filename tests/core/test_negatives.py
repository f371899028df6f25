"""Negatives: never a played song, and every other one as often as the next."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from musicrec.core.errors import MusicrecError
from musicrec.core.models.negatives import Unplayed
from musicrec.core.ragged import Ragged

CPU = torch.device("cpu")
SONGS = 6


@given(st.lists(st.lists(st.integers(0, SONGS - 1), max_size=9), min_size=1, max_size=5), st.integers(0, 100))
def test_no_draw_is_a_play(plays: list[list[int]], seed: int) -> None:
    unplayed = Unplayed(Ragged.of(plays), SONGS, CPU)
    able = [row for row, songs in enumerate(plays) if len(set(songs)) < SONGS]
    listeners = torch.tensor(able, dtype=torch.int64).repeat(20)
    drawn = unplayed.draw(listeners, torch.Generator().manual_seed(seed))
    assert drawn.shape == listeners.shape
    for listener, song in zip(listeners.tolist(), drawn.tolist(), strict=True):
        assert 0 <= song < SONGS
        assert song not in plays[listener]


@given(st.lists(st.lists(st.integers(0, SONGS - 1), max_size=9), min_size=1, max_size=5))
def test_plays_are_told_from_other_pairs(plays: list[list[int]]) -> None:
    pairs = [(listener, song) for listener in range(len(plays)) for song in range(SONGS)]
    listeners, songs = torch.tensor(pairs).T
    found = Unplayed(Ragged.of(plays), SONGS, CPU).hits(listeners, songs)
    assert found.tolist() == [song in plays[listener] for listener, song in pairs]


def test_draws_are_uniform_over_what_is_left() -> None:
    played, songs, draws = list(range(0, 40, 2)), 60, 80_000
    unplayed = Unplayed(Ragged.of([played]), songs, CPU)
    drawn = unplayed.draw(torch.zeros(draws, dtype=torch.int64), torch.Generator().manual_seed(11))
    left = [song for song in range(songs) if song not in played]
    counts = torch.bincount(drawn, minlength=songs)[left].double()
    expected = draws / len(left)
    chi_square = float(((counts - expected) ** 2 / expected).sum())
    assert chi_square < 72.1  # 99.9 % of chi-square with 39 degrees of freedom


def test_the_same_generator_draws_the_same() -> None:
    unplayed, listeners = Unplayed(Ragged.of([[0, 1], []]), SONGS, CPU), torch.tensor([0, 1] * 50)
    one, two, other = (unplayed.draw(listeners, torch.Generator().manual_seed(seed)).tolist() for seed in (3, 3, 4))
    assert one == two
    assert one != other


def test_a_listener_who_played_everything_is_an_error() -> None:
    unplayed = Unplayed(Ragged.of([[0], list(range(SONGS))]), SONGS, CPU)
    assert len(unplayed.draw(torch.tensor([0, 0]), torch.Generator())) == 2
    with pytest.raises(MusicrecError, match="whole catalogue"):
        unplayed.draw(torch.tensor([0, 1]), torch.Generator())
