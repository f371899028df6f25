"""What is kept between sessions comes back, and a damaged file is no trouble."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from musicrec.core.drafts import Filters
from musicrec.tui.kept import Bookmark, Kept, load, save, state_file
from musicrec.tui.listener_list import ListenerList
from musicrec.tui.songs.song_list import SongList
from musicrec.tui.view import Order

NAMES = ("theme", "bookmarks", "place", "run", "k", "filters", "genre", "first_year", "reverse", "song_order")
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES) | texts, inner, max_size=6),
    max_leaves=12,
)
years = st.none() | st.integers(1, 9999)
listener_orders = st.builds(Order, st.sampled_from(tuple(ListenerList.SORTS)), st.booleans())
song_orders = st.builds(Order, st.sampled_from(tuple(SongList.SORTS)), st.booleans())
filters = st.builds(
    Filters, st.none() | texts, st.none() | texts, years, years, st.booleans(), st.none() | st.integers(1, 200)
).filter(lambda each: each.first_year is None or each.last_year is None or each.first_year <= each.last_year)
maybe = st.none() | texts
bookmarks = st.builds(
    Bookmark, maybe, maybe, maybe, maybe, maybe, st.integers(1, 200), filters, listener_orders, song_orders
)
kepts = st.builds(Kept, maybe, maybe, st.dictionaries(texts, bookmarks, max_size=3))


@settings(max_examples=40, deadline=None)
@given(kepts)
def test_what_is_saved_is_loaded(kept):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "new" / "state.json"
        assert save(kept, path)
        assert load(path) == kept


@settings(max_examples=40, deadline=None)
@given(anything)
def test_any_json_gives_something_of_the_right_kinds(content):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "state.json"
        path.write_text(json.dumps({"bookmarks": {"kkbox": content}}))
        kept = load(path)
        bookmark = kept.bookmark("kkbox")
        assert 1 <= bookmark.k <= 200
        assert isinstance(bookmark.filters, Filters)
        assert isinstance(bookmark.song_order.reverse, bool)
        path.write_text(json.dumps(content))
        assert save(load(path), path)


@settings(max_examples=40, deadline=None)
@given(st.binary(max_size=40))
def test_a_damaged_file_gives_the_defaults(content):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "state.json"
        path.write_bytes(b"{" + content)
        assert load(path) == Kept()


def test_wrong_kinds_are_ignored_one_by_one(tmp_path):
    path = tmp_path / "state.json"
    wrong = {"k": 201, "run": "dtnmr-1", "place": 3, "filters": {"genre": "[Jazz]", "first_year": True}, "new": []}
    path.write_text(json.dumps({"theme": ["nord"], "dataset": "kkbox", "bookmarks": {"kkbox": wrong, "melon": 7}}))
    kept = load(path)
    assert kept == Kept(None, "kkbox", {"kkbox": Bookmark(run="dtnmr-1", filters=Filters("[Jazz]"))})
    path.write_text("[" * 100_000)
    assert load(path) == Kept()
    path.write_text('{"theme": "\\ud800"}')
    assert load(path) == Kept()


def test_what_nothing_can_meet_stays_at_its_default(tmp_path):
    path = tmp_path / "state.json"
    wrong = {
        "listener_order": {"key": "year", "reverse": True},  # an order of songs
        "song_order": {"key": "year", "reverse": True},
        "filters": {"genre": "Jazz", "first_year": 2001, "last_year": 1999},
    }
    path.write_text(json.dumps({"bookmarks": {"kkbox": wrong}}))
    wanted = Bookmark(filters=Filters("Jazz"), song_order=Order("year", True))
    assert load(path).bookmark("kkbox") == wanted


def test_a_folder_of_ones_own_and_one_that_cannot_be_written(tmp_path, monkeypatch):
    monkeypatch.setenv("MUSICREC_STATE", str(tmp_path))
    assert state_file() == tmp_path / "state.json"
    kept = Kept().with_bookmark("kkbox", Bookmark(listener="abc="))
    assert save(kept)
    assert load() == kept
    (tmp_path / "file").write_text("")
    assert not save(kept, tmp_path / "file" / "state.json")
    monkeypatch.delenv("MUSICREC_STATE")
    assert state_file().name == "state.json"
