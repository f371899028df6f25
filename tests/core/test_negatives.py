"""Negatives: never a played song, and every other one as often as the next."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from musicrec.core.errors import MusicrecError
from musicrec.core.models.negatives import Unplayed, sampling_chances
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


def test_chances_follow_plays() -> None:
    plays = torch.tensor([8.0, 3.0, 0.0])
    assert sampling_chances(plays, 1).tolist() == pytest.approx([9 / 14, 4 / 14, 1 / 14])
    assert sampling_chances(plays, 0.5).tolist() == pytest.approx([3 / 6, 2 / 6, 1 / 6])
    assert sampling_chances(plays, 0).tolist() == pytest.approx([1 / 3] * 3)


def test_draws_by_popularity_are_in_proportion_over_what_is_left() -> None:
    played, songs, draws = list(range(0, 40, 2)), 60, 80_000
    chances = sampling_chances(torch.arange(songs, 0, -1) ** 2, 0.75)
    unplayed = Unplayed(Ragged.of([played]), songs, CPU, chances)
    drawn = unplayed.draw(torch.zeros(draws, dtype=torch.int64), torch.Generator().manual_seed(11))
    left = [song for song in range(songs) if song not in played]
    counts = torch.bincount(drawn, minlength=songs)
    assert counts[played].sum() == 0
    expected = draws * chances[left] / chances[left].sum()
    chi_square = float(((counts[left] - expected) ** 2 / expected).sum())
    assert chi_square < 72.1  # 99.9 % of chi-square with 39 degrees of freedom


@given(st.lists(st.integers(0, SONGS - 1), max_size=3), st.lists(st.integers(0, SONGS - 1), max_size=2), st.booleans())
def test_no_draw_is_spared(played: list[int], spared: list[int], popular: bool) -> None:
    chances = sampling_chances(torch.arange(SONGS), 1.0) if popular else None
    pairs = torch.ones(len(spared), dtype=torch.int64), torch.tensor(spared, dtype=torch.int64)
    unplayed = Unplayed(Ragged.of([played, played]), SONGS, CPU, chances, pairs)
    listeners = torch.tensor([0, 1]).repeat(100)
    drawn = unplayed.draw(listeners, torch.Generator().manual_seed(1))
    for listener, barred in ((0, set(played)), (1, {*played, *spared})):
        assert barred.isdisjoint(drawn[listeners == listener].tolist())


class _Counting(Unplayed):
    rounds = 0

    def hits(self, listeners: torch.Tensor, songs: torch.Tensor) -> torch.Tensor:
        self.rounds += 1
        return super().hits(listeners, songs)


@pytest.mark.parametrize("popular", [True, False])
def test_a_listener_who_played_nearly_all_there_is_costs_no_endless_draws(popular: bool) -> None:
    songs, left, draws = 100_000, torch.tensor([7, 50_000, 99_999]), 3_000
    played = torch.ones(songs, dtype=torch.bool)
    played[left] = False
    plays = torch.where(played, 9, 0)
    plays[99_999] = 1
    unplayed = _Counting(
        Ragged.of([[0], played.nonzero().squeeze(1).tolist()]),
        songs,
        CPU,
        sampling_chances(plays, 1) if popular else None,
    )
    listeners = torch.arange(2).repeat_interleave(draws)
    drawn = unplayed.draw(listeners, torch.Generator().manual_seed(5))
    assert unplayed.rounds < 100
    assert not bool((drawn[:draws] == 0).any())
    counts = torch.stack([(drawn[draws:] == song).sum() for song in left]).double()
    assert int(counts.sum()) == draws
    expected = draws * torch.tensor([1.0, 1.0, 2.0] if popular else [1.0, 1.0, 1.0]).double()
    expected *= draws / expected.sum()
    assert float(((counts - expected) ** 2 / expected).sum()) < 13.8  # 99.9 % of chi-square with 2 degrees of freedom


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


def test_distinct_songs_are_uniform_over_what_a_listener_did_not_play() -> None:
    listeners, songs, count = 4_000, 12, 5
    played = Ragged.of([(0, 3, 3, 7)] * listeners)
    drawn = Unplayed(played, songs, torch.device("cpu")).draw_distinct(count, torch.Generator().manual_seed(1))
    assert drawn.shape == (listeners, count)
    assert all(len(set(row)) == count for row in drawn.tolist())
    shares = torch.bincount(drawn.flatten(), minlength=songs) / listeners
    assert shares[[0, 3, 7]].tolist() == [0, 0, 0]
    others = shares[[1, 2, 4, 5, 6, 8, 9, 10, 11]]  # each is one of nine, of which five are drawn
    assert torch.allclose(others, torch.full((9,), 5 / 9), atol=4 * (20 / 81 / listeners) ** 0.5)


@settings(deadline=None)  # the first compiles
@given(
    st.lists(st.lists(st.integers(0, SONGS - 1), max_size=9), min_size=1, max_size=5),
    st.lists(st.integers(0, 9), min_size=SONGS, max_size=SONGS),
    st.integers(0, 100),
)
def test_compiled_draws_are_those_of_torch(plays: list[list[int]], popularity: list[int], seed: int) -> None:
    chances = sampling_chances(torch.tensor(popularity), 1)
    listeners = torch.tensor([row for row, songs in enumerate(plays) if len(set(songs)) < SONGS] * 30)
    unplayed = Unplayed(Ragged.of(plays), SONGS, CPU, chances)
    drawn = unplayed.draw(listeners.long(), torch.Generator().manual_seed(seed))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("musicrec.core.compiled_drawing.WORTH", 0)
        compiled = Unplayed(Ragged.of(plays), SONGS, CPU, chances)
        assert torch.equal(compiled.draw(listeners.long(), torch.Generator().manual_seed(seed)), drawn)
        songs = torch.arange(SONGS).repeat(len(plays))
        pairs = torch.arange(len(plays)).repeat_interleave(SONGS), songs
        assert compiled.hits(*pairs).tolist() == [song in row for row in plays for song in range(SONGS)]


def test_compiled_draws_from_a_long_catalogue_are_those_of_torch(monkeypatch: pytest.MonkeyPatch) -> None:
    generator = torch.Generator().manual_seed(5)
    played = Ragged.of([torch.randint(30_000, (n,), generator=generator).tolist() for n in (400, 0, 9_000)])
    chances = sampling_chances(torch.rand(30_000, generator=generator) ** 8 * 1e4, 1)
    listeners = torch.arange(3).repeat_interleave(300_000)
    unplayed = Unplayed(played, 30_000, CPU, chances)
    drawn = unplayed.draw(listeners, torch.Generator().manual_seed(1))
    monkeypatch.setattr("musicrec.core.compiled_drawing.WORTH", 500_000)
    assert torch.equal(unplayed.draw(listeners, torch.Generator().manual_seed(1)), drawn)


def test_marking_a_part_reads_no_plays_of_others() -> None:
    drawing = pytest.importorskip("musicrec.core.kernels.drawing", reason="there is no numba for this Python")
    read: list[int] = []

    class Plays(list[int]):
        def __getitem__(self, at: Any) -> Any:
            read.append(at)
            return super().__getitem__(at)

        def __iter__(self) -> Any:
            pytest.fail("all plays are read")

    marks = [False] * 3
    drawing.mark_played.py_func([0, 2, 3, 5], Plays([4, 0, 2, 1, 3]), [0, 1, 1], [4, 2, 0], marks, SONGS, 0, 3)
    assert (marks, set(read)) == ([True, True, False], {0, 1, 2})
