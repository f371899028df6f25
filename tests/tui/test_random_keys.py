"""What `benchmarks/random_keys.py` found."""

from __future__ import annotations

from stand_in import StandIn

from musicrec.tui.app import MusicrecApp
from musicrec.tui.command_palette import Palette


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
