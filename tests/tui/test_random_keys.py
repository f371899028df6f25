"""A seeded stretch of the random keys and clicks of which the script presses 50,000, and what it found."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from stand_in import StandIn

from musicrec.tui.app import MusicrecApp
from musicrec.tui.command_palette import Palette

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
