"""What works in every place: going there and back, filters, copies and files, keys, help, and the next session."""

from __future__ import annotations

import asyncio
import gc
import json
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

from stand_in import StandIn
from textual.command import CommandPalette
from textual.pilot import Pilot
from textual.widgets import Input
from waiting import settled, text_of, until

from musicrec.core.drafts import UNFILTERED, Filters
from musicrec.tui import kept
from musicrec.tui.app import MusicrecApp
from musicrec.tui.compare.ranking import ComparedRanking
from musicrec.tui.dialogs.export import ExportDialog
from musicrec.tui.dialogs.filters import FiltersDialog
from musicrec.tui.dialogs.help import HelpText
from musicrec.tui.dialogs.themes import ThemeDialog
from musicrec.tui.kept import Bookmark
from musicrec.tui.listener_list import ListenerList
from musicrec.tui.panel import Panel
from musicrec.tui.places import PLACES
from musicrec.tui.places_bar import PlacesBar
from musicrec.tui.ranking import Ranking
from musicrec.tui.session import run_app
from musicrec.tui.song_actions import SongActions
from musicrec.tui.songs.song_list import SongList
from musicrec.tui.view import Order
from musicrec.tui.what_if.draft_playlist import DraftPlaylist
from musicrec.tui.what_if.moves import Moves

SIZE = (140, 44)
GENRE = "Mandopop"


def calm(pilot: Pilot[None]) -> bool:
    """Whether nothing is on its way to the screen."""
    view = pilot.app.view
    panels = pilot.app.screen.query(Panel)
    return view.run is not None and view.loading is None and not any(panel.is_waiting for panel in panels)


async def at(pilot: Pilot[None], place: str) -> None:
    """Wait until a place is on the screen and has all that it asked for."""
    await until(pilot, lambda: pilot.app.current_mode == place and bool(pilot.app.screen.query("#places-bar")))
    await pilot.pause(0.15)
    await until(pilot, lambda: calm(pilot))


async def go(pilot: Pilot[None], place: str) -> None:
    await pilot.press(str(list(PLACES).index(place) + 1))
    await at(pilot, place)


def spot(pilot: Pilot[None]) -> tuple[str, str | None, str | None]:
    view = pilot.app.view
    return pilot.app.current_mode, view.listener and view.listener.id[:6], view.song and view.song.id


def said(pilot: Pilot[None]) -> str:
    return "\n".join(notification.message for notification in pilot.app._notifications)


def footer(pilot: Pilot[None]) -> set[str]:
    return {key.description for key in pilot.app.screen.query("FooterKey")}


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


async def test_filters_and_lengths_hold_in_all_places():
    async with MusicrecApp(StandIn()).run_test(size=SIZE) as pilot:
        app = pilot.app
        await settled(pilot)
        before = app.screen.query_one(Ranking).count()
        await pilot.press("f")
        await until(pilot, lambda: isinstance(app.screen, FiltersDialog))
        app.screen.query_one("#genre Input", Input).value = GENRE.lower()
        await pilot.press("enter")
        ranking = app.screen_stack[0].query_one(Ranking)
        await until(pilot, lambda: GENRE in text_of(ranking).splitlines()[0])
        await at(pilot, "explore")
        assert 0 < ranking.count() < before
        assert all(GENRE in item.song.genres for item in ranking._items)
        await pilot.press("plus")
        await until(pilot, lambda: app.view.k == 20)
        await go(pilot, "what-if")
        moves = app.screen.query_one(Moves)
        assert GENRE in text_of(moves).splitlines()[0]
        await pilot.press("h")
        await until(pilot, lambda: "heard too" in text_of(moves).splitlines()[0])
        await go(pilot, "compare")
        await until(pilot, lambda: all(side.count() for side in app.screen.query(ComparedRanking)))
        for side in app.screen.query(ComparedRanking):
            assert f"{GENRE} · heard too" in text_of(side).splitlines()[0]
            assert all(GENRE in side.song_at(row).genres for row in range(side.count()))
        await pilot.press("minus", "h")
        await until(pilot, lambda: (app.view.k, app.view.filters) == (10, Filters(GENRE)))
        await pilot.press("f")
        await until(pilot, lambda: isinstance(app.screen, FiltersDialog))
        assert app.screen.query_one("#genre Input", Input).value == GENRE
        await pilot.press("ctrl+r", "enter")
        await until(pilot, lambda: app.view.filters == UNFILTERED)
        await go(pilot, "explore")
        await until(pilot, lambda: ranking.count() == 10)
        assert GENRE not in text_of(ranking).splitlines()[0]


async def test_rows_are_copied_and_written(tmp_path):
    async with MusicrecApp(StandIn()).run_test(size=SIZE, notifications=True) as pilot:
        app = pilot.app
        await settled(pilot)
        ranking = app.screen.query_one(Ranking)
        ranking.focus()
        await pilot.press("j", "y")
        song = ranking.song
        assert app.clipboard.split() == [*song.label.split(), song.id]
        assert song.label in said(pilot)
        await pilot.press("Y")
        await until(pilot, lambda: "10 rows copied" in said(pilot))
        lines = app.clipboard.splitlines()
        assert len([line for line in lines if "\t" in line]) >= 10
        for name in ("list.csv", "list.json", "list.m3u8"):
            await pilot.press("e")
            await until(pilot, lambda: isinstance(app.screen, ExportDialog))
            app.screen.query_one(Input).value = str(tmp_path / name)
            await pilot.press("enter")
            await until(pilot, lambda name=name: f"10 rows written to {tmp_path / name}" in said(pilot))
            assert song.title in (tmp_path / name).read_text("utf-8-sig")
        assert json.loads((tmp_path / "list.json").read_text("utf-8"))
        assert (tmp_path / "list.m3u8").read_text("utf-8").startswith("#EXTM3U")


async def test_the_list_of_listeners_is_sorted_by_keys_and_clicks():
    async with MusicrecApp(StandIn()).run_test(size=SIZE) as pilot:
        await settled(pilot)
        listeners = pilot.app.screen.query_one(ListenerList)
        await pilot.press("o")
        await until(pilot, lambda: listeners.order == Order("id") and "by id" in text_of(listeners))
        await pilot.press("O")
        await until(pilot, lambda: listeners.order == Order("id", True))
        age = listeners.render_line(0).text.index("age")
        for order in (Order("age"), Order("age", True)):
            await pilot.click(listeners, offset=(age + 2, 1))
            await until(pilot, lambda order=order: listeners.order == order)
        await until(pilot, lambda: calm(pilot))
        await go(pilot, "runs")
        await go(pilot, "explore")
        assert listeners.order == pilot.app.view.listener_order == Order("age", True)
        assert pilot.app.view.song_order == Order()


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
            await until(pilot, lambda: CommandPalette.is_open(app))
            listed = app.screen.query_one("CommandList")
            await until(pilot, lambda listed=listed, typed=typed: any(hit(each, typed) for each in listed.options))
            await pilot.press("enter")
            await until(pilot, there)
        assert spot(pilot) == ("songs", "L00123", "s6")


def hit(option: Any, typed: str) -> bool:
    return typed in str(option.prompt).casefold()


async def test_themes_keys_and_the_footer():
    app = MusicrecApp(StandIn())
    app.set_keymap({"place.filters": "f6"})
    async with app.run_test(size=SIZE) as pilot:
        await settled(pilot)
        assert "Sort" in footer(pilot)
        app.screen.query_one(Ranking).focus()
        await until(pilot, lambda: "Similar" in footer(pilot) and "Sort" not in footer(pilot))
        await pilot.press("slash")
        await until(pilot, lambda: "To the list" in footer(pilot) and "Filter" not in footer(pilot))
        await pilot.press("escape", "f")
        await pilot.pause(0.1)
        assert not isinstance(app.screen, FiltersDialog)
        await pilot.press("f6")
        await until(pilot, lambda: isinstance(app.screen, FiltersDialog))
        await pilot.press("escape", "t")
        await until(pilot, lambda: isinstance(app.screen, ThemeDialog))
        former = app.theme
        await pilot.press("j", "j")
        await until(pilot, lambda: app.theme != former)
        await pilot.press("escape")
        await until(pilot, lambda: app.theme == former)


async def test_every_panel_of_every_place_explains_itself_and_can_be_zoomed():
    async with MusicrecApp(StandIn()).run_test(size=SIZE) as pilot:
        app = pilot.app
        await settled(pilot)
        for place in PLACES:
            await go(pilot, place)
            screen = app.screen
            panels = [each for each in screen.focus_chain if isinstance(each, Panel)]
            assert len(panels) >= 4, place
            for widget in screen.focus_chain:
                assert getattr(widget, "HELP", ""), f"{widget} of {place} does not explain itself"
                assert getattr(widget, "TITLE", ""), f"{widget} of {place} has no name"
            panels[-1].focus()
            await pilot.press("z")
            await until(pilot, lambda last=panels[-1]: last.size.width > SIZE[0] - 8)
            assert screen.maximized is panels[-1]
            await pilot.press("z")
            assert screen.maximized is None
            await pilot.press("question_mark")
            await until(pilot, lambda: bool(app.screen.query(HelpText)))
            shown = " ".join(text_of(app.screen.query_one(HelpText)).split())
            assert screen.focused.HELP[:30] in shown
            await pilot.press("escape")
        assert footer(pilot)


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


# -- Sessions


class Named(StandIn):
    """A stand-in that says what it is called before it is opened."""

    name = "sample"


Script = Callable[[Pilot[None]], Awaitable[None]]


def session(monkeypatch, explorer: Named, script: Script, **asked: Any) -> None:
    """Run a session of the app in which a person does what `script` says."""

    async def drive(app: MusicrecApp) -> None:
        async with app.run_test(size=SIZE, notifications=True) as pilot:
            await script(pilot)

    monkeypatch.setattr(MusicrecApp, "run", lambda app: asyncio.run(drive(app)))
    assert run_app(explorer, **asked) == 0


def test_the_next_session_begins_where_the_last_one_ended(monkeypatch, tmp_path):
    monkeypatch.setenv("MUSICREC_STATE", str(tmp_path))
    monkeypatch.setenv("MUSICREC_KEYS", "")
    left: list[Bookmark] = []

    async def look_about(pilot: Pilot[None]) -> None:
        app = pilot.app
        await settled(pilot)
        app.go_to_listener("L00042")
        await until(pilot, lambda: spot(pilot)[1] == "L00042")
        app.use_run("ncf-1")
        app.use_other("popularity-1")
        await until(pilot, lambda: (app.view.run, app.view.other) == ("ncf-1", "popularity-1"))
        app.change(k=20, filters=Filters(GENRE, include_heard=True), listener_order=Order("age", True))
        app.theme = "nord"
        await go(pilot, "songs")
        app.change(song_order=Order("title"))
        await pilot.press("j", "j")
        await at(pilot, "songs")
        left.append(app.bookmark())
        await pilot.press("q")

    async def come_back(pilot: Pilot[None]) -> None:
        app = pilot.app
        await at(pilot, "songs")
        await until(pilot, lambda: app.view.song is not None and app.view.listener is not None)
        await until(pilot, lambda: app.screen.query_one(SongList).current == app.view.song)
        assert replace(app.bookmark(), other=left[0].other) == left[0]
        assert app.theme == "nord"
        assert app.screen.query_one(SongList).order == Order("title")
        await go(pilot, "compare")
        await until(pilot, lambda: app.view.other == "popularity-1")
        await go(pilot, "explore")
        assert app.screen.query_one(ListenerList).order == Order("age", True)
        assert f"ncf-1 · {GENRE} · heard too" in text_of(app.screen.query_one(Ranking))

    session(monkeypatch, Named(), look_about)
    assert kept.load().bookmark(Named.name).place == "songs"
    session(monkeypatch, Named(), come_back)


def test_what_is_gone_is_not_missed(monkeypatch, tmp_path):
    monkeypatch.setenv("MUSICREC_STATE", str(tmp_path))
    monkeypatch.setenv("MUSICREC_KEYS", "")
    gone = Bookmark(
        "nowhere", "no-run", "no-other", "no-one", "s99", 7, Filters("No genre"), Order("x"), Order("y", True)
    )
    kept.save(kept.Kept("no-theme").with_bookmark(Named.name, gone))

    async def look_about(pilot: Pilot[None]) -> None:
        app = pilot.app
        await until(pilot, lambda: app.view.listener is not None and app.view.run == "dtnmr-2")
        for place in PLACES:
            await go(pilot, place)
        await go(pilot, "explore")
        assert "No genre" in text_of(app.screen.query_one(Ranking))
        assert "nothing to recommend" in text_of(app.screen.query_one(Ranking))
        await pilot.press("q")

    session(monkeypatch, Named(), look_about)
    assert kept.load().bookmark(Named.name).run == "dtnmr-2"


def test_quitting_waits_for_nothing(monkeypatch, tmp_path):
    monkeypatch.setenv("MUSICREC_STATE", str(tmp_path))
    monkeypatch.setenv("MUSICREC_KEYS", "")
    explorer = Named(slow={"load": 1.0, "find_listeners": 0.3})
    pressed: list[float] = []

    async def leave(pilot: Pilot[None]) -> None:
        await until(pilot, lambda: "load" in explorer.asked)
        pressed.append(time.monotonic())
        await pilot.press("q")

    session(monkeypatch, explorer, leave)
    assert time.monotonic() - pressed[0] < 2.0  # the step that is under way ends, and no other one begins
    assert explorer.asked.count("load") == 1
    assert gc.get_freeze_count() == 0  # else libraries report at the end what was not cleared away
