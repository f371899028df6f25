"""The language of the search boxes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from musicrec.core.errors import UsageError
from musicrec.core.tables.queries import LISTENER_FILTERS, SONG_FILTERS, bounds, conditions, tokens


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", []),
        ("two words", [(None, "two"), (None, "words")]),
        ('"two words" x', [(None, "two words"), (None, "x")]),
        ("age:20-29 Tag:비오는날", [("age", "20-29"), ("tag", "비오는날")]),
        ('artist:"jeff chang', [("artist", "jeff chang")]),
        ('"Re:Zero"', [(None, "Re:Zero")]),
        ("tag:", [("tag", "")]),
        (":", [(None, ":")]),
        ('"', []),
    ],
)
def test_tokens(query, expected):
    assert list(tokens(query)) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [("25", (25, 25)), ("20-29", (20, 29)), ("20-", (20, 2**31 - 1)), ("-29", (0, 29)), (">100", (101, 2**31 - 1)),
     (">=100", (100, 2**31 - 1)), ("<5", (0, 4)), ("<=5", (0, 5)), ("9" * 40, (2**31 - 1, 2**31 - 1)),
     ("0" * 20 + "25", (25, 25)), ("000", (0, 0)), ("7-7", (7, 7))],
)  # fmt: skip
def test_ranges(value, expected):
    assert bounds("age", value) == expected


@pytest.mark.parametrize("value", ["x", "-", "20-x", "1.5", "２０", ">", "20--30"])
def test_what_is_no_range_is_told(value):
    with pytest.raises(UsageError, match=f"age:{value} is no number or range: write age:20, age:20-29"):
        bounds("age", value)


def test_a_range_that_ends_before_it_begins_is_told():
    with pytest.raises(UsageError, match="age:5-2: the first number is above the last"):
        bounds("age", "5-2")


def test_an_unknown_filter_is_told_with_the_known_ones():
    with pytest.raises(UsageError, match=r'no filter mood: \(known: age:, .*tag:, id:\); quote "mood:x"'):
        conditions("mood:x", LISTENER_FILTERS)
    with pytest.raises(UsageError, match="gender:other is none of gender:male"):
        conditions("gender:other", LISTENER_FILTERS)


def test_a_filter_that_is_still_being_typed_asks_for_nothing():
    assert conditions("artist: year:", SONG_FILTERS) == ()


def test_genres_go_by_code_or_name_and_else_by_part_of_a_name():
    genres = [("GN1", "Rock"), ("GN2", "Rock · '90"), ("GN3", "Jazz")]
    chosen = {
        query: conditions(f"genre:{query}", SONG_FILTERS, genres)[0].values for query in ("rock", "gn3", "'90", "x")
    }
    assert chosen == {"rock": (["GN1"],), "gn3": (["GN3"],), "'90": (["GN2"],), "x": ([],)}


@given(st.text())
def test_whatever_is_typed_is_bound_or_refused(query):
    try:
        found = conditions(query, LISTENER_FILTERS)
    except UsageError:
        return
    known = {known.left for known in LISTENER_FILTERS.values()}
    for condition in found:
        assert condition.sql.count("?") == len(condition.values)
        assert condition.sql == "contains(search, ?)" or any(left in condition.sql for left in known)
