"""Ways between places: number keys, clicks, back and forward, the palette, and songs that are taken along."""

from __future__ import annotations

from typing import Any

from stand_in import StandIn
from textual.command import CommandPalette
from textual.pilot import Pilot
from waiting import settled, text_of, until
from walking import SIZE, at, go, spot

from musicrec.tui.app import MusicrecApp
from musicrec.tui.listener_list import ListenerList
from musicrec.tui.places_bar import PlacesBar
from musicrec.tui.song_actions import SongActions
from musicrec.tui.songs.song_list import SongList
from musicrec.tui.what_if.draft_playlist import DraftPlaylist


async def test_one_goes_between_places_and_back(monkeypatch):
    monkeypatch.setattr("musicrec.tui.shell.DWELL", 1e6)  # only what was left counts as visited
    async with MusicrecApp(StandIn()).run_test(size=SIZE) as pilot:
        await settled(pilot)
        await pilot.press("j")
        await until(pilot, lambda: spot(pilot)[1] == "L00001")
        await go(pilot, "songs")
        await pilot.press("j")
        await until(pilot, lambda: spot(pilot)[2] == "s1")
        bar = pilot.app.screen.query_one(PlacesBar)
        await pilot.click(bar, offset=(text_of_bar(bar).index("Compare"), 0))
        await at(pilot, "compare")
        await pilot.press("backspace")
        await at(pilot, "songs")
        assert spot(pilot) == ("songs", "L00001", "s1")
        assert pilot.app.screen.query_one(SongList).current.id == "s1"
        await pilot.press("left_square_bracket")
        await at(pilot, "explore")
        assert spot(pilot)[:2] == ("explore", "L00001")
        await pilot.press("right_square_bracket")
        await at(pilot, "songs")
        await until(pilot, lambda: spot(pilot) == ("songs", "L00001", "s1"))
        await pilot.press("right_square_bracket")
        await at(pilot, "compare")
        await go(pilot, "explore")
        await pilot.press("x")  # anyone, and back
        await until(pilot, lambda: spot(pilot)[1] == "L11333")
        await until(pilot, lambda: "L11333" in text_of(pilot.app.screen.query_one(ListenerList)))
        await pilot.press("backspace")
        await until(pilot, lambda: spot(pilot)[1] == "L00001")
        await until(pilot, lambda: pilot.app.screen.query_one(ListenerList).current.id.startswith("L00001"))


def text_of_bar(bar: PlacesBar) -> str:
    return bar.render_line(0).text


async def test_the_palette_leads_to_what_it_finds():
    async with MusicrecApp(StandIn()).run_test(size=SIZE) as pilot:
        app = pilot.app
        await settled(pilot)
        for typed, there in (
            ("l00123", lambda: spot(pilot)[:2] == ("explore", "L00123")),
            ("harbour", lambda: spot(pilot) == ("songs", "L00123", "s6")),
            ("ncf-1", lambda: app.view.run == "ncf-1"),
        ):
            await pilot.press("ctrl+p", *typed)
            await until(pilot, lambda: isinstance(app.screen, CommandPalette))
            listed = app.screen.query_one("CommandList")
            await until(pilot, lambda listed=listed, typed=typed: any(hit(each, typed) for each in listed.options))
            await pilot.press("enter")
            await until(pilot, there)
        assert spot(pilot) == ("songs", "L00123", "s6")


def hit(option: Any, typed: str) -> bool:
    return typed in str(option.prompt).casefold()


async def test_songs_are_added_from_every_list():
    async with MusicrecApp(StandIn()).run_test(size=SIZE) as pilot:
        app = pilot.app
        await settled(pilot)
        for place, panels in (
            ("explore", ("#ranking", "#short-term", "#long-term")),
            ("compare", ("#ranking-one", "#ranking-other", "#held-out")),
            ("songs", ("#songs", "#song-similar")),
        ):
            for selector in panels:
                await go(pilot, place)
                panel = app.screen.query_one(selector, SongActions)
                await until(pilot, lambda panel=panel: panel.song is not None)
                await added(pilot, panel)
        await go(pilot, "songs")
        app.screen.query_one(SongList).focus()
        await pilot.press("m")
        await until(pilot, lambda: bool(app.screen.query("#similar-list")))
        near = app.screen.query_one("#similar-list", SongActions)
        await until(pilot, lambda: near.song is not None)
        await added(pilot, near)
        assert app.screen.bench.edits.changes.count == 9


async def added(pilot: Pilot[None], panel: SongActions) -> None:
    """Press the key that adds the song under the cursor, and wait until What if has it as the latest play."""
    panel.focus()
    song = panel.song
    await pilot.press("a")
    await until(pilot, lambda: pilot.app.current_mode == "what-if" and bool(pilot.app.screen.query(DraftPlaylist)))
    playlist = pilot.app.screen.query_one(DraftPlaylist)
    await until(pilot, lambda: bool(playlist._added) and playlist.song_at(0) == song)
