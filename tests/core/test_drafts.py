"""Drafts: each edit a new value with its plays numbered; filters that make sense."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from musicrec.core.drafts import Draft, Filters, new_draft
from musicrec.core.errors import UsageError
from musicrec.core.records import Listener, Song

SONGS = [Song(number, f"s{number}") for number in range(6)]


def _draft(*numbers: int) -> Draft:
    draft = new_draft()
    for number in numbers:
        draft = draft.with_song(SONGS[number])
    return draft


def _numbers(draft: Draft) -> list[int]:
    assert [play.position for play in draft.plays] == list(range(len(draft.plays)))
    assert draft.listener.plays == len(draft.plays)
    return [play.song.song for play in draft.plays]


def test_songs_come_where_they_are_put() -> None:
    draft = _draft(0, 1)
    assert _numbers(draft.with_song(SONGS[2])) == [0, 1, 2]
    assert _numbers(draft.with_song(SONGS[2], at=1)) == [0, 2, 1]
    assert _numbers(draft.with_song(SONGS[0], at=-5)) == [0, 0, 1]
    assert _numbers(draft.with_song(SONGS[2], at=99)) == [0, 1, 2]
    assert draft.with_song(SONGS[2], behaviour="radio").plays[2].behaviour == "radio"
    assert _numbers(draft) == [0, 1]


@given(plays=st.lists(st.integers(0, 5), min_size=1, max_size=8), data=st.data())
def test_moving_is_taking_out_and_putting_in(plays: list[int], data: st.DataObject) -> None:
    position, to = (data.draw(st.integers(0, len(plays) - 1)) for _ in range(2))
    draft = _draft(*plays)
    rest = plays[:position] + plays[position + 1 :]
    assert _numbers(draft.without(position)) == rest
    moved = draft.moved(position, to)
    assert _numbers(moved) == [*rest[:to], plays[position], *rest[to:]]
    assert moved.moved(to, position) == draft


@pytest.mark.parametrize("position", [-1, 2])
def test_a_play_that_is_not_there_is_told(position: int) -> None:
    with pytest.raises(UsageError, match=f"position {position}"):
        _draft(0, 1).without(position)
    with pytest.raises(UsageError, match=f"position {position}"):
        _draft(0, 1).moved(position, 0)


def test_facts_replace_facts_and_nothing_else() -> None:
    origin = Listener(3, "u", age=20, gender="male", city="5", registered_via="9")
    edited = Draft(origin, (), origin).with_facts(age=31, gender=None, city="")
    assert edited.listener == Listener(3, "u", age=31, registered_via="9")
    assert edited.origin == origin


@pytest.mark.parametrize(("age", "gender"), [(4, None), (101, None), (None, "other")])
def test_facts_that_no_listener_has_are_wrong_use(age: int | None, gender: str | None) -> None:
    with pytest.raises(UsageError, match=str(age or gender)):
        new_draft().with_facts(age=age, gender=gender, city=None)


@pytest.mark.parametrize("filters", [Filters(first_year=2001, last_year=2000), Filters(per_artist=0)])
def test_filters_that_nothing_can_meet_are_wrong_use(filters: Filters) -> None:
    with pytest.raises(UsageError) as problem:
        filters.check()
    assert "\n" not in str(problem.value)
    Filters(first_year=2000, last_year=2000, per_artist=1).check()


def test_filters_say_what_they_ask_for() -> None:
    assert Filters().words == ()
    filters = Filters("jazz", "ko", 1990, 1999, include_heard=True, per_artist=2)
    assert filters.words == ("jazz", "ko", "1990–1999", "≤ 2 an artist", "heard too")
    assert Filters(first_year=1990, last_year=1990).words == ("1990",)
