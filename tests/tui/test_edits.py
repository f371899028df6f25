"""Edits of a listener: every one can be taken back, and what they come to is what differs."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from musicrec.core.drafts import Draft, new_draft
from musicrec.core.errors import UsageError
from musicrec.core.records import Listener, Play, Song
from musicrec.tui.what_if.edits import LONGEST, Edits

SONGS = tuple(Song(number, f"s{number}") for number in range(9))
numbers = st.integers(0, 8)
steps = st.lists(
    st.tuples(st.sampled_from(["add", "remove", "move", "facts", "undo", "redo", "reset"]), numbers, numbers)
)


def draft_of(plays: int) -> Draft:
    """Return a listener with a past in which songs are played again."""
    listener = Listener(3, "L3", age=30, plays=plays)
    return Draft(listener, tuple(Play(n, SONGS[n % 3], "radio") for n in range(plays)), listener)


def taken(edits: Edits, step: str, one: int, other: int) -> Edits:
    """Do one step where it can be done."""
    count = len(edits.draft.plays)
    if step == "add":
        return edits.added(SONGS[one])
    if step == "remove":
        return edits.removed(one % count) if count else edits
    if step == "move":
        return edits.moved(one % count, other) if count else edits
    if step == "facts":
        return edits.with_facts(age=None if one % 2 else 20 + one, gender="female" if other % 2 else None, city=None)
    return {"undo": edits.undone, "redo": edits.redone, "reset": edits.reset}[step]()


@given(st.integers(0, 7), steps)
def test_everything_can_be_undone_and_done_again(plays, taking):
    edits = Edits.of(draft_of(plays))
    for step in taking:
        edits = taken(edits, *step)
    last, back = edits.present, edits
    while back.past:
        assert back.undone().redone() == back
        back = back.undone()
    assert back.draft == draft_of(plays)
    assert back.changes.count == 0
    for _ in range(len(edits.past)):
        back = back.redone()
    assert back.present == last


@given(st.integers(0, 7), steps)
def test_changes_are_what_differs(plays, taking):
    edits = Edits.of(draft_of(plays))
    for step in taking:
        edits = taken(edits, *step)
    changes, sources = edits.changes, edits.present.sources
    draft = edits.draft
    assert [play.position for play in draft.plays] == list(range(len(draft.plays))) == list(range(len(sources)))
    assert draft.listener.plays == len(draft.plays)
    for position, source in enumerate(sources):
        assert (source is None) == (position in changes.added)
        if source is not None:
            assert draft.plays[position].song == draft_of(plays).plays[source].song
    assert changes.removed == plays - sum(source is not None for source in sources)
    in_order = [source for source in sources if source is not None]
    assert bool(changes.moved) == (in_order != sorted(in_order))
    assert (changes.count == 0) == (draft == draft_of(plays) and sources == tuple(range(plays)))
    assert bool(changes.words) == bool(changes.count)
    assert edits.reset().changes.count == 0


def test_the_play_that_was_moved_is_marked_and_not_its_neighbours():
    edits = Edits.of(draft_of(6)).moved(4, 2)
    assert edits.changes.moved == {2}
    assert edits.moved(2, 4).changes.count == 0  # back again
    assert edits.moved(2, 2) is edits
    assert edits.added(SONGS[8]).moved(6, 0).changes.added == {0}
    assert edits.moved(0, -3) is edits  # already the first


def test_no_edit_is_no_version_and_a_new_one_ends_what_was_undone():
    edits = Edits.of(new_draft())
    assert edits.reset() is edits.undone() is edits.redone() is edits
    assert edits.with_facts(age=None, gender=None, city="") is edits
    edits = edits.added(SONGS[0]).added(SONGS[1]).undone()
    assert edits.added(SONGS[2]).future == ()
    assert edits.changes.words == ("1 added",)
    assert edits.with_facts(age=9, gender="male", city="3").changes.facts == ("age", "gender", "city")


def test_what_cannot_be_is_refused():
    with pytest.raises(UsageError, match="no play at position 2"):
        Edits.of(draft_of(2)).removed(2)
    with pytest.raises(UsageError, match="age 3"):
        Edits.of(draft_of(2)).with_facts(age=3, gender=None, city=None)


def test_only_so_many_versions_are_kept():
    edits = Edits.of(new_draft())
    for _ in range(LONGEST + 20):
        edits = edits.added(SONGS[0])
    assert len(edits.past) == LONGEST
    assert edits.reset().draft == new_draft()
