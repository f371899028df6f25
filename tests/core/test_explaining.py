"""The why in one sentence: what is true of the song and the listener, strongest first."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from musicrec.core.explaining import Case, sentence
from musicrec.core.records import Neighbour, ScorePart, Song

PARTS = (ScorePart("static", 0.5), ScorePart("long-term", 2.0), ScorePart("short-term", -1.0))

USUAL = (0.1, 1.9, -2.0)  # for the other songs


def _song(number: int, title: str | None = None, artists: tuple[str, ...] = (), genres: tuple[str, ...] = ()) -> Song:
    return Song(song=number, id=f"id{number}", title=title, artists=artists, genres=genres, plays=5)


def _case(song: Song, past: tuple[Song, ...] = (), near: tuple[Neighbour, ...] = (), rank: int = 1234) -> Case:
    return Case(song, PARTS, near, past, rank, USUAL)


@pytest.mark.parametrize(("plays", "told"), [(1, "once"), (2, "twice"), (3, "3 times")])
def test_the_artist_and_how_often(plays: int, told: str) -> None:
    past = (_song(9, artists=("Cy",)), *(_song(n, artists=("Ida", "Bo")) for n in range(plays)))
    text = sentence(_case(_song(7, artists=("New", "Bo")), past))
    assert text.startswith(f"By Bo, played {told} before;")
    assert "Cy" not in text


def test_who_never_played_the_artist_hears_nothing_of_it() -> None:
    text = sentence(_case(_song(7, artists=("Bo",)), (_song(1, artists=("Ida",)),)))
    assert "Bo" not in text
    assert "Ida" not in text


def test_the_two_nearest_plays_by_title_or_id() -> None:
    near = tuple(Neighbour(_song(n, title), s) for n, title, s in [(1, "Rain", 0.9), (2, None, 0.5), (3, "Sun", 0.4)])
    text = sentence(_case(_song(7), tuple(each.song for each in near), near))
    assert text.startswith("Nearest to “Rain” and “#id2” of their past;")
    assert "Sun" not in text


def test_plays_that_are_unlike_are_not_called_near() -> None:
    near = (Neighbour(_song(1, "Rain"), -0.2), Neighbour(_song(2, "Sun"), 0.0))
    assert "nearest" not in sentence(_case(_song(7), (_song(1, "Rain"), _song(2, "Sun")), near))


def test_a_genre_they_know_and_one_they_do_not() -> None:
    past = (*(_song(n, genres=("jazz",)) for n in range(3)), _song(3, genres=("rock",)))
    assert sentence(_case(_song(7, genres=("jazz", "folk")), past)).startswith("Jazz is in 75% of their plays;")
    assert sentence(_case(_song(7, genres=("folk",)), past)).startswith("Outside their genres (folk);")


def test_the_part_that_speaks_most_is_named() -> None:
    # long-term is the highest, but it is so for every song: short-term is what lifts this one
    assert "short-term part of the score" in sentence(_case(_song(7), (_song(1),)))
    below = Case(_song(7), PARTS, (), (_song(1),), 2, (1.0, 2.5, 0.0))
    assert "part of the score" not in sentence(below)
    bias = Case(_song(7), (ScorePart("plays", 1.0), ScorePart("bias", 9.0)), (), (_song(1),), 2, (0.5, 9.0))
    assert "part of the score" not in sentence(bias)  # one part alone has nothing to be compared with


def test_popularity_comes_last() -> None:
    assert sentence(_case(_song(7), (_song(1),))).endswith("number 1,234 of all songs by plays.")
    cold = Song(song=7, id="id7", plays=0)
    assert sentence(_case(cold, (_song(1),))).endswith("nobody has played it yet.")


def test_someone_without_a_past_gets_a_sentence() -> None:
    assert sentence(_case(_song(7, genres=("folk",)), rank=1)) == "Number 1 of all songs by plays."


names = st.text(max_size=8)


@given(
    title=st.none() | names,
    artists=st.lists(names, max_size=3).map(tuple),
    genres=st.lists(names, max_size=3).map(tuple),
    past=st.lists(st.tuples(st.none() | names, st.lists(names, max_size=2).map(tuple)), max_size=4),
)
def test_any_names_make_one_sentence(
    title: str | None,
    artists: tuple[str, ...],
    genres: tuple[str, ...],
    past: list[tuple[str | None, tuple[str, ...]]],
) -> None:
    played = tuple(_song(n, t, a, genres[:1]) for n, (t, a) in enumerate(past))
    near = tuple(Neighbour(song, 0.5) for song in played)
    text = sentence(_case(_song(7, title, artists, genres), played, near))
    assert text.endswith(".")
    assert not text.startswith(";")
