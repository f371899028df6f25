"""What people type, as values."""

from __future__ import annotations

import pytest

from musicrec.core.drafts import Draft, Filters
from musicrec.core.errors import UsageError
from musicrec.core.records import Listener, Play, Song
from musicrec.core.typed import edited, move, places, years

SONGS = [Song(number, f"s{number}") for number in range(6)]
DRAFT = Draft(
    Listener(0, "L", age=20, gender="male", city="3"), tuple(Play(at, song) for at, song in enumerate(SONGS[:4]))
)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("1995", (1995, 1995)),
        ("0000", (0, 0)),
        ("1990-1999", (1990, 1999)),
        ("1990-", (1990, None)),
        (" -1999 ", (None, 1999)),
    ],
)
def test_years(text: str, wanted: tuple[int | None, int | None]) -> None:
    assert years(text) == wanted


@pytest.mark.parametrize(
    "text", ["", "-", "95", "1990-99", "1990–1999", "1999-1990", "1999-0000", "٢٠٠٠", "1990-1999-2000", ">1990"]
)
def test_what_is_no_year(text: str) -> None:
    with pytest.raises(UsageError, match="years"):
        years(text)


def test_moves_and_places() -> None:
    assert move("12:0") == (12, 0)
    assert places("20,5,5") == (5, 20)
    for text in ("", ":", "1", "-1:2", "1:2:3", "a:b", "9999999999:1"):
        with pytest.raises(UsageError, match="3:0"):
            move(text)


def _ids(draft: Draft) -> list[str]:
    return [play.song.id for play in draft.plays]


def test_edits_come_in_their_order() -> None:
    draft = edited(DRAFT, {"age": "30"}, [0, 2, 0], [(1, 0), (1, 0)], SONGS[4:])
    assert _ids(draft) == ["s1", "s3", "s4", "s5"]
    assert (draft.listener.age, draft.listener.gender, draft.listener.city) == (30, "male", "3")
    assert edited(DRAFT, {}) == DRAFT


def test_zeros_before_an_age_say_nothing() -> None:
    assert edited(DRAFT, {"age": "0" * 20 + "25"}).listener.age == 25


def test_the_year_0_is_said_as_any_other() -> None:
    assert Filters(first_year=0, last_year=0).words == ("0",)
    assert Filters(first_year=0).words == ("0–",)
    assert Filters(last_year=1999).words == ("–1999",)


def test_facts_can_be_unknown() -> None:
    draft = edited(DRAFT, {"age": "unknown", "gender": "Unknown", "city": ""})
    assert (draft.listener.age, draft.listener.gender, draft.listener.city) == (None, None, None)


@pytest.mark.parametrize("facts", [{"age": "old"}, {"age": "-3"}, {"age": "4"}, {"age": "9" * 50}, {"gender": "x"}])
def test_what_cannot_be_is_refused(facts: dict[str, str]) -> None:
    with pytest.raises(UsageError):
        edited(DRAFT, facts)
    with pytest.raises(UsageError, match="position 4"):
        edited(DRAFT, {}, [4])
