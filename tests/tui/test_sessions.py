"""Sessions: the next one begins where the last one ended, and leaving waits for nothing."""

from __future__ import annotations

import gc
import threading
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

from stand_in import StandIn
from textual.pilot import Pilot
from waiting import settled, text_of, until
from walking import GENRE, SIZE, at, go, spot

from musicrec.core.drafts import Filters
from musicrec.tui import kept
from musicrec.tui.app import MusicrecApp
from musicrec.tui.kept import Bookmark
from musicrec.tui.listener_list import ListenerList
from musicrec.tui.places import PLACES
from musicrec.tui.ranking import Ranking
from musicrec.tui.session import run_app
from musicrec.tui.songs.song_list import SongList
from musicrec.tui.view import Order


class Named(StandIn):
    """A stand-in that says what it is called before it is opened."""

    name = "sample"


Script = Callable[[Pilot[None]], Awaitable[None]]


def session(monkeypatch, explorer: Named, script: Script, **asked: Any) -> None:
    """Run a session of the app in which a person does what `script` says."""

    async def drive(app: MusicrecApp) -> None:
        async with app.run_test(size=SIZE, notifications=True) as pilot:
            await script(pilot)

    monkeypatch.setattr(MusicrecApp, "run_async", drive)
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
    explorer = Named(slow={"load": 2.0, "find_listeners": 0.3})
    pressed: list[float] = []

    async def leave(pilot: Pilot[None]) -> None:
        await until(pilot, lambda: "load" in explorer.asked)
        pressed.append(time.monotonic())
        await pilot.press("q")

    session(monkeypatch, explorer, leave)
    assert time.monotonic() - pressed[0] < 3.5  # the step that is under way ends, and no other one begins
    assert explorer.asked.count("load") == 1
    assert gc.get_freeze_count() == 0  # else libraries report at the end what was not cleared away


class Asked(Named):
    """A stand-in whose answer takes until it is closed, or too long."""

    def __init__(self) -> None:
        super().__init__()
        self.began, self.closed = threading.Event(), threading.Event()
        self.called_off: list[bool] = []

    def find_songs(self, *asked: Any, **more: Any) -> Any:
        self.began.set()
        self.called_off.append(self.closed.wait(5))
        return super().find_songs(*asked, **more)

    def close(self) -> None:
        self.closed.set()


def test_leaving_calls_off_what_is_asked(monkeypatch, tmp_path):
    monkeypatch.setenv("MUSICREC_STATE", str(tmp_path))
    explorer = Asked()

    async def leave(pilot: Pilot[None]) -> None:
        pilot.app.go_to_place("songs")
        await until(pilot, explorer.began.is_set)
        await pilot.press("q")

    session(monkeypatch, explorer, leave)
    assert explorer.called_off
    assert all(explorer.called_off)
