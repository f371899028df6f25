"""A seeded stretch of the random keys and clicks of which the script presses 50,000, and what it found."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest
from rich.style import Style
from stand_in import StandIn
from textual.command import CommandList
from textual.events import Click, Key, MouseDown
from textual.geometry import Offset
from textual.screen import ModalScreen
from textual.widgets import OptionList, Static
from waiting import settled, until

from musicrec.tui.app import MusicrecApp
from musicrec.tui.command_palette import Palette
from musicrec.tui.dialogs.themes import ThemeDialog

SCRIPT = Path(__file__).parents[2] / "benchmarks" / "random_keys.py"


def test_random_keys_and_clicks_end_nothing() -> None:
    given = [sys.executable, str(SCRIPT), "--events", "120", "--stretch", "60", "--longest", "20"]
    done = subprocess.run(given, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    assert "120 events with seed 7: 0 crashes" in done.stdout


async def test_a_palette_that_is_left_while_it_gathers_ends_nothing() -> None:
    app = MusicrecApp(StandIn())
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.press("ctrl+p")
        palette = app.screen
        assert isinstance(palette, Palette)
        await app.pop_screen()
        palette._list_visible = not palette._list_visible  # as a command does that is found by then
        await pilot.pause(0.1)
        assert app.is_running
    assert app._exception is None


def _press(app: MusicrecApp, *keys: str) -> None:
    # All at once, as a terminal hands over what was typed while the screen was busy
    for name in keys:
        assert app._driver is not None
        app._driver.process_message(Key(name, {"enter": "\r"}.get(name, name if len(name) == 1 else None)))


async def test_enter_twice_in_the_palette_does_one_thing() -> None:
    app = MusicrecApp(StandIn())
    async with app.run_test(size=(100, 30)) as pilot:
        await settled(pilot)
        await pilot.press("ctrl+p", *"Theme")
        commands = app.screen.query_one(CommandList)
        await until(pilot, lambda: commands.option_count == 1)  # of all that there were before the last letter
        await pilot.press("down")
        _press(app, "enter", "enter", "enter")
        await until(pilot, lambda: isinstance(app.screen, ThemeDialog))
        await pilot.pause(0.2)
        await pilot.press("escape")
        assert not isinstance(app.screen, ModalScreen)
        assert len(app.screen_stack) == 1


@pytest.mark.parametrize("key", ["ctrl+p", "f"])
async def test_a_click_on_an_option_that_has_gone_ends_nothing(key: str) -> None:
    app = MusicrecApp(StandIn())
    async with app.run_test(size=(100, 30)) as pilot:
        await settled(pilot)
        await pilot.press(key)
        await until(pilot, lambda: bool(app.screen.query(OptionList)))
        options = app.screen.query(OptionList).first()
        gone = Style(meta={"option": options.option_count})
        options.post_message(Click(options, 1, 1, 0, 0, 1, False, False, False, style=gone))
        await pilot.pause(0.1)
    assert app._exception is None


async def test_a_palette_opens_while_the_one_before_is_on_its_way_out() -> None:
    app = MusicrecApp(StandIn())
    async with app.run_test(size=(60, 20)) as pilot:
        await settled(pilot)
        for _ in range(5):
            app.action_command_palette()
            app.pop_screen()
        app.action_command_palette()
        await until(pilot, lambda: isinstance(app.screen, Palette))
    assert app._exception is None


async def test_a_page_of_the_palette_is_turned_before_it_is_laid_out() -> None:
    app = MusicrecApp(StandIn())
    async with app.run_test(size=(60, 20)) as pilot:
        await settled(pilot)
        await pilot.press("ctrl+p")
        commands = app.screen.query_one(CommandList)
        await until(pilot, lambda: commands.option_count > 0)
        await pilot.press("down")
        commands._index_to_line.clear()  # as it is until it is drawn
        for way in ("page_up", "page_down"):
            await app.screen.run_action(f"command_list('{way}')")
        await pilot.press("pageup")
    assert app._exception is None


async def test_a_dialog_that_is_left_twice_takes_nothing_else_along() -> None:
    app = MusicrecApp(StandIn())
    async with app.run_test(size=(100, 30)) as pilot:
        await settled(pilot)
        for opened, left in (("t", "enter"), ("r", "enter"), ("question_mark", "escape"), ("f", "escape")):
            await pilot.press("1", opened)
            dialog = app.screen
            assert isinstance(dialog, ModalScreen), opened
            _press(app, left, left, left)
            await until(pilot, lambda dialog=dialog: app.screen is not dialog)
            dialog.dismiss(None)  # what its own queue still held
            await pilot.pause(0.1)
            assert len(app.screen_stack) == 1, opened
    assert app._exception is None


async def test_keys_that_come_while_all_is_taken_down_are_nobodys() -> None:
    app = MusicrecApp(StandIn())
    async with app.run_test(size=(100, 30)) as pilot:
        await settled(pilot)
        stacks = dict(app._screen_stacks)
        app._screen_stacks[app._current_mode] = []
        _press(app, "j", "tab", "enter")
        await asyncio.sleep(0.2)
        app._screen_stacks.update(stacks)
        assert app._exception is None
        await pilot.press("q")
    assert app.return_code == 0


async def test_a_click_on_what_is_on_its_way_out_is_nobodys(monkeypatch: pytest.MonkeyPatch) -> None:
    app = MusicrecApp(StandIn())
    async with app.run_test(size=(100, 30)) as pilot:
        await settled(pilot)
        gone = Static("gone")  # a note that has just gone has no parent any more
        monkeypatch.setattr(type(app.screen), "get_widget_and_offset_at", lambda *_: (gone, Offset(0, 0)))
        assert app._driver is not None
        app._driver.process_message(MouseDown(None, 5, 5, 0, 0, 1, False, False, False))
        await pilot.pause(0.1)
        monkeypatch.undo()
        await pilot.press("j")
    assert app._exception is None
