"""The catalogue, the page of a song, and the ways from there and back."""

from __future__ import annotations

import pytest
from stand_in import StandIn
from textual.pilot import Pilot
from waiting import settled, text_of, until

from musicrec.tui.app import MusicrecApp
from musicrec.tui.dialogs.similar import NearList, SimilarDialog
from musicrec.tui.explore.screen import ExploreScreen
from musicrec.tui.panel import Panel
from musicrec.tui.ranking import Ranking
from musicrec.tui.similar_list import SimilarList
from musicrec.tui.songs.card import SongCard
from musicrec.tui.songs.listeners import SongListeners
from musicrec.tui.songs.screen import SongsScreen
from musicrec.tui.songs.song_list import SongList
from musicrec.tui.what_if.screen import WhatIfScreen

SIZE = (120, 40)


async def shown(pilot: Pilot[None], song: str | None = None) -> None:
    """Let the app run until the page of the song under the cursor is complete."""
    await until(pilot, lambda: isinstance(pilot.app.screen, SongsScreen) and bool(pilot.app.screen.query(SongList)))
    screen = pilot.app.screen
    await until(pilot, lambda: screen.query_one(SongList).current is not None)
    await until(pilot, lambda: song is None or pilot.app.view.song.id == song)
    await until(pilot, lambda: screen.query_one(SongListeners).sought == pilot.app.view.song.id)
    await until(pilot, lambda: screen.query_one(SimilarList).count() > 0)
    await until(pilot, lambda: not any(panel.is_waiting for panel in screen.query(Panel)))


async def open_songs(pilot: Pilot[None]) -> None:
    """Go to the place."""
    await settled(pilot)
    await pilot.press("4")
    await shown(pilot)


async def test_the_page_follows_the_cursor():
    async with MusicrecApp(StandIn()).run_test(size=SIZE) as pilot:
        await open_songs(pilot)
        screen = pilot.app.screen
        assert screen.query_one(SongList).count() == 1_400
        await pilot.press("j", "j")
        await shown(pilot, "s2")
        card = text_of(screen.query_one(SongCard))
        facts = ("비 오는 날의 노래", "한여름 밴드", "Album 2", "Korean", "2006", "3,000", "number 3 of all", "s2")
        assert all(fact in card for fact in facts)
        assert "by dtnmr-2" in text_of(screen.query_one(SimilarList))
        assert screen.query_one(SongListeners).count() == 42
        await pilot.press("G")
        await shown(pilot, "s1399")


async def test_search_filters_and_sorting():
    async with MusicrecApp(StandIn()).run_test(size=SIZE) as pilot:
        await open_songs(pilot)
        songs = pilot.app.screen.query_one(SongList)
        await pilot.press("slash", *"harbour")
        await until(pilot, lambda: songs.count() == 100)
        assert "Glass Harbour" in text_of(songs)
        await pilot.press(*"zzz")
        await until(pilot, lambda: "No song matches." in text_of(songs))
        await pilot.press("escape", "escape")
        await until(pilot, lambda: songs.count() == 1_400 and songs.current is not None)
        await pilot.press("o")
        await until(pilot, lambda: "by title" in text_of(songs) and pilot.app.view.song_order.key == "title")
        await pilot.press("O")
        await until(pilot, lambda: "by title ↑" in text_of(songs))
        await pilot.click(SongList, offset=(songs.size.width - 4, 1))
        await until(pilot, lambda: pilot.app.view.song_order.key == "plays")


async def test_songs_lead_to_songs_and_listeners_and_back():
    async with MusicrecApp(StandIn()).run_test(size=SIZE) as pilot:
        await open_songs(pilot)
        screen = pilot.app.screen
        await pilot.press("j")
        await shown(pilot, "s1")
        await pilot.press("enter")
        assert pilot.app.focused is screen.query_one(SimilarList)
        await pilot.press("j", "enter")
        await shown(pilot, "s7")
        assert screen.query_one(SongList).cursor == 7
        screen.query_one(SongListeners).focus()
        listener = screen.query_one(SongListeners).current
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, ExploreScreen))
        await until(pilot, lambda: pilot.app.view.listener == listener)
        await settled(pilot)
        await pilot.press("backspace")
        await shown(pilot, "s7")
        await pilot.press("backspace")
        await shown(pilot, "s1")
        await pilot.press("right_square_bracket")
        await shown(pilot, "s7")


async def test_a_song_can_be_opened_from_a_ranking_and_from_the_dialog():
    async with MusicrecApp(StandIn()).run_test(size=SIZE) as pilot:
        await settled(pilot)
        ranking = pilot.app.screen.query_one(Ranking)
        ranking.focus()
        song = ranking.song
        await pilot.press("enter")
        await shown(pilot, song.id)
        await pilot.press("m")
        await until(pilot, lambda: isinstance(pilot.app.screen, SimilarDialog))
        near = pilot.app.screen.query_one(NearList)
        await until(pilot, lambda: near.count() == 50)
        other = near.song
        await pilot.press("p")
        await shown(pilot, other.id)


async def test_a_song_goes_to_what_if():
    async with MusicrecApp(StandIn()).run_test(size=SIZE) as pilot:
        await open_songs(pilot)
        await pilot.press("j", "a")
        await until(pilot, lambda: isinstance(pilot.app.screen, WhatIfScreen))
        await until(pilot, lambda: "1 edit" in text_of(pilot.app.screen.query_one("#draft-card", Panel)))


async def test_without_a_run_the_rest_works():
    async with MusicrecApp(StandIn(has_runs=False)).run_test(size=SIZE) as pilot:
        await until(pilot, lambda: isinstance(pilot.app.screen, ExploreScreen))
        await pilot.press("4")
        await until(pilot, lambda: isinstance(pilot.app.screen, SongsScreen))
        screen = pilot.app.screen
        await until(pilot, lambda: "no run" in text_of(screen.query_one(SimilarList)))
        await until(pilot, lambda: screen.query_one(SongListeners).count() > 0)


@pytest.mark.parametrize("switch", ["failing", "broken"])
async def test_failures_stay_in_their_panels(switch):
    explorer = StandIn(**{switch: frozenset({"song_page", "similar", "find_songs"})})
    async with MusicrecApp(explorer).run_test(size=SIZE) as pilot:
        await settled(pilot)
        await pilot.press("4")
        await until(pilot, lambda: isinstance(pilot.app.screen, SongsScreen))
        screen = pilot.app.screen
        await until(pilot, lambda: "find_songs" in text_of(screen.query_one(SongList)))
        explorer.failing = explorer.broken = frozenset({"song_page", "similar"})
        await pilot.press("f5")
        await until(pilot, lambda: "song_page" in text_of(screen.query_one(SongCard)))
        await until(pilot, lambda: "similar" in text_of(screen.query_one(SimilarList)))
        explorer.failing = explorer.broken = frozenset()
        await pilot.press("f5")
        await shown(pilot)


@pytest.mark.parametrize(
    ("size", "theme"),
    [
        ((60, 20), "textual-dark"),
        ((80, 24), "textual-light"),
        ((120, 40), "ansi-dark"),
        ((200, 50), "textual-dark"),
    ],
)
def test_how_it_looks(snap_compare, size, theme):
    async def look(pilot: Pilot[None]) -> None:
        await open_songs(pilot)
        await pilot.press("j", "j")
        await shown(pilot, "s2")

    assert snap_compare(MusicrecApp(StandIn(), theme=theme), terminal_size=size, run_before=look)
