"""Nothing there, nothing works: the screen says so, says what to do, and goes on."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest
from stand_in import StandIn
from waiting import settled, text_of, until

from musicrec.core.errors import MusicrecError, UsageError
from musicrec.core.explorer import Explorer
from musicrec.core.places import Places
from musicrec.tui import kept
from musicrec.tui.app import MusicrecApp
from musicrec.tui.explore.listener_card import ListenerCard
from musicrec.tui.listener_list import ListenerList
from musicrec.tui.panel import Panel
from musicrec.tui.playlist import Playlist
from musicrec.tui.ranking import Ranking
from musicrec.tui.session import run_app
from musicrec.tui.welcome import WelcomeScreen
from musicrec.tui.why import Why

SIZE = (120, 40)


async def test_without_a_dataset_it_says_what_to_do():
    app = MusicrecApp(None, problem="data/[x] holds no dataset")
    async with app.run_test(size=SIZE) as pilot:
        assert isinstance(app.screen, WelcomeScreen)
        shown = "\n".join(str(widget.render()) for widget in app.screen.query("Static"))
        assert "data/[x] holds no dataset" in shown
        assert "musicrec demo" in shown
        assert "musicrec import kkbox DIR" in shown
        await pilot.press("question_mark", "escape", "q")
    assert app.return_code == 0


async def test_without_a_run_the_rest_works():
    app = MusicrecApp(StandIn(has_runs=False))
    async with app.run_test(size=SIZE) as pilot:
        ranking = app.screen.query_one(Ranking)
        await until(pilot, lambda: "musicrec train dtnmr" in text_of(ranking))
        await until(pilot, lambda: app.screen.query_one("#short-term", Playlist).count() == 10)
        await pilot.press("m", "r", "enter", "escape", "plus", "h")
        assert "musicrec train dtnmr" in text_of(ranking)


async def test_a_listener_without_plays_still_gets_songs():
    app = MusicrecApp(StandIn(), listener="L00003")
    async with app.run_test(size=SIZE) as pilot:
        await settled(pilot)
        assert "no plays yet" in text_of(app.screen.query_one(ListenerCard))
        assert "No past plays." in text_of(app.screen.query_one("#long-term", Playlist))
        assert app.screen.query_one(Ranking).count() == 10
        assert "no play is near" in text_of(app.screen.query_one(Why))


@pytest.mark.parametrize("switch", ["failing", "broken"])
async def test_failures_stay_in_their_panels(switch):
    methods = frozenset({"plays", "recommend", "explain"})
    explorer = StandIn(**{switch: methods})
    app = MusicrecApp(explorer)
    async with app.run_test(size=SIZE) as pilot:
        screen = app.screen
        await until(pilot, lambda: screen.query_one(Ranking).has_notice and screen.query_one(Playlist).has_notice)
        told = {"failing": "plays failed: the file [data/x.duckdb]", "broken": "RuntimeError: plays broke [/here]"}
        await until(pilot, lambda: told[switch] in " ".join(text_of(screen.query_one(ListenerCard)).split()))
        await until(pilot, lambda: "f5" in text_of(screen.query_one(Ranking)))
        explorer.failing = explorer.broken = frozenset()
        await pilot.press("f5")
        await settled(pilot)
        assert not screen.query_one(ListenerCard).has_notice


async def test_failing_lists_and_loads():
    app = MusicrecApp(StandIn(failing=frozenset({"find_listeners", "load"})), listener="nobody")
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        screen = app.screen
        await until(pilot, lambda: "find_listeners failed" in text_of(screen.query_one(ListenerList)))
        await until(pilot, lambda: "Press r to choose" in text_of(screen.query_one(Ranking)))
        await pilot.press("j", "G", "enter", "tab", "m")


async def test_a_run_that_fails_to_load_leaves_the_one_before():
    explorer = StandIn()
    app = MusicrecApp(explorer)
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await settled(pilot)
        explorer.failing = frozenset({"load"})
        await pilot.press("r", "j", "enter")
        await until(pilot, lambda: bool(app._notifications))
        assert app.screen.query_one(Ranking).count() == 10
        assert not app.screen.query_one(Ranking).has_notice


def test_unknown_theme():
    with pytest.raises(UsageError, match=r"no theme called plaid; there are: .*textual-dark"):
        MusicrecApp(None, theme="plaid")


def test_the_app_imports_neither_torch_nor_duckdb():
    code = "import sys, musicrec.tui.app; print(sorted({'torch', 'duckdb', 'pandas', 'numpy'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def _unopened(tmp_path: Path) -> Explorer:
    (tmp_path / "kkbox.duckdb").write_text("nonsense " * 1000)
    return Explorer(Places(tmp_path, tmp_path), "kkbox")


async def test_the_first_picture_comes_before_the_dataset_is_opened(tmp_path, monkeypatch):
    seen: list[tuple[bool, bool]] = []
    monkeypatch.setattr(Explorer, "dataset", property(lambda self: seen.append(_what_is_there(app)) or 1 / 0))
    app = MusicrecApp(_unopened(tmp_path))
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: bool(seen))
    assert seen == [(True, True)]


def _what_is_there(app: MusicrecApp) -> tuple[bool, bool]:
    panels = list(app.screen.query(Panel))
    return len(panels) > 3, all(panel.size.width > 0 for panel in panels)


async def test_a_damaged_dataset_ends_the_screen_with_one_line(tmp_path, monkeypatch):
    async def headless(self: MusicrecApp) -> None:
        async with self.run_test(size=SIZE) as pilot:
            await until(pilot, lambda: not self.is_running)

    monkeypatch.setattr(MusicrecApp, "run_async", headless)
    with pytest.raises(MusicrecError, match=r"kkbox.duckdb cannot be opened: it is damaged") as told:
        await asyncio.to_thread(run_app, _unopened(tmp_path))
    assert "\n" not in str(told.value)
    assert kept.load() == kept.Kept()
