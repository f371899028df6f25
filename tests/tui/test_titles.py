"""Whatever is in a title is on the screen, letter for letter, and breaks no row."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from stand_in import StandIn
from waiting import settled, text_of, until

from musicrec.core.records import Song
from musicrec.tui.app import MusicrecApp
from musicrec.tui.bars import bar, span_bar, sparkline
from musicrec.tui.cells import fit, tame, wrap
from musicrec.tui.columns import known, lay_out
from musicrec.tui.dialogs.similar import SimilarList
from musicrec.tui.explore.listener_card import ListenerCard
from musicrec.tui.listener_list import ListenerList
from musicrec.tui.panel import Panel
from musicrec.tui.playlist import Playlist
from musicrec.tui.ranking import COLUMNS, Ranking
from musicrec.tui.why import Why

HOSTILE = (
    "[Live]",
    "[/foo] [/]",
    "[bold red]Red[/bold red]",
    "[@click=app.quit]q[/]",
    "$name \\[x] :smile:",
    "周杰倫夜曲",
    "ก็ยังคิดถึง",
    "شارع البحر",
    "👩‍👩‍👧 🎵",
    "e\u0301\u0302\u0303",
    "한국어 제목",
)


@pytest.mark.parametrize("size", [(200, 50), (60, 20)])
async def test_hostile_titles_are_shown(size):
    app = MusicrecApp(StandIn(titles=HOSTILE, titled=True))
    async with app.run_test(size=size) as pilot:
        await settled(pilot)
        panels = [app.screen.query_one(kind) for kind in (ListenerList, ListenerCard, Playlist, Ranking, Why)]
        for panel in panels:
            assert all(len_ok(panel, y) for y in range(panel.size.height))
        if size[0] == 200:
            listeners, ranking = text_of(panels[0]), text_of(panels[3])
            for number, title in enumerate(HOSTILE):
                assert tame(f"{title} {number}") in listeners
                assert tame(title)[:16] in ranking
        app.screen.query_one(Ranking).focus()
        await pilot.press("m")
        await until(pilot, lambda: app.screen.query_one(SimilarList).count() > 0)
        shown = text_of(app.screen.query_one(SimilarList))
        assert sum(tame(title) in shown for title in HOSTILE) > 5


def len_ok(panel: Panel, line: int) -> bool:
    """Whether a line is just as wide as its panel."""
    return panel.render_line(line).cell_length == panel.scrollable_content_region.width


@given(st.text(), st.integers(0, 40), st.booleans())
def test_fitted_text_has_its_width(text, width, right):
    fitted = fit(text, width, right)
    assert cell_len(fitted) == width
    assert not any(unicodedata.category(character) == "Cc" for character in fitted)


JOINS = "\ufe0e\ufe0f\U0001f3fb\U0001f3fc\U0001f3fd\U0001f3fe\U0001f3ff"


@given(st.text(alphabet=st.characters(exclude_categories=["C", "Zl", "Zp"], exclude_characters=JOINS)))
def test_printable_text_stays_as_it_is(text):
    assert tame(text) == text


@pytest.mark.parametrize(
    ("title", "shown"),
    [
        ("Rain \u2764\ufe0f\u200d\U0001f525", "Rain \u2764\U0001f525"),
        ("\U0001f468\u200d\U0001f469\u200d\U0001f467 Band", "\U0001f468\U0001f469\U0001f467 Band"),
        ("\U0001f44d\U0001f3fd", "\U0001f44d"),
        ("\U0001f1f9\U0001f1fc", "\U0001f1f9\U0001f1fc"),
        ("\u0915\u094d\u200d\u0937", "\u0915\u094d\u200d\u0937"),  # between letters a joiner shapes them
    ],
)
def test_emoji_are_shown_one_by_one(title, shown):
    # Terminals that know clusters and those that do not agree on the width only where nothing is joined
    assert tame(title) == shown


@given(st.text(), st.integers(2, 40))
def test_wrapped_text_fits_and_loses_nothing(text, width):
    lines = wrap(text, width)
    assert all(cell_len(line) <= width for line in lines)
    assert "".join("".join(lines).split()) == "".join(tame(text).split())


@given(st.floats(allow_nan=True), st.integers(1, 40))
def test_bars_have_their_width(share, width):
    assert cell_len(bar(share, width)) == width


@given(st.floats(-9, 9), st.floats(-9, 9), st.floats(-20, -9), st.floats(9, 20), st.integers(1, 40))
def test_spans_have_their_width_and_stand_where_they_begin_and_end(start, end, low, high, width):
    drawn = span_bar(start, end, low, high, width)
    assert cell_len(drawn) == width
    assert bool(drawn.strip()) == (start != end)
    if start != end:
        scale = width / (high - low)
        left, right = sorted(((start - low) * scale, (end - low) * scale))
        assert abs(len(drawn) - len(drawn.lstrip()) - left) <= 1
        assert abs(len(drawn.rstrip()) - right) <= 1


@given(st.lists(st.floats(0, 1), max_size=30))
def test_sparklines_have_one_column_a_share(shares):
    assert cell_len(sparkline(shares)) == len(shares)


@given(st.integers(20, 240))
def test_columns_fill_the_panel(width):
    laid = lay_out(COLUMNS, width)
    assert sum(size for _, size in laid) + len(laid) - 1 == width


def test_a_song_without_a_title_is_called_by_its_id():
    assert Song(1, "abc").label == "#abc"


def test_columns_that_no_song_fills_are_left_out():
    keys = [column.key for column in known(COLUMNS, (Song(1, "abc", artists=("林小雨",)), Song(2, "d")))]
    assert "artist" in keys
    assert not {"genre", "language"} & set(keys)
