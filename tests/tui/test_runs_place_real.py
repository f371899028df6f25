"""The Runs place with a real explorer and a training in a process of its own."""

from __future__ import annotations

import time
from pathlib import Path

from runs_place import rested, shown, told
from waiting import until
from worlds import World

from musicrec.core.explorer import Explorer
from musicrec.core.places import Places
from musicrec.tui.app import MusicrecApp
from musicrec.tui.runs.learning_curve import LearningCurve
from musicrec.tui.runs.metrics import RunMetrics
from musicrec.tui.runs.screen import RunsScreen
from musicrec.tui.runs.table import RunTable


async def test_train_and_evaluate(kkbox_world: World, tmp_path: Path):
    places = Places(kkbox_world.places.data, tmp_path / "runs")
    explorer = Explorer.open(places, kkbox_world.name)
    app = MusicrecApp(explorer)
    app._first_place = "runs"
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: isinstance(app.screen, RunsScreen) and app.view.runs is not None)
        await pilot.press("n", "right", "tab", "tab", *"tiny", "tab", *"epochs=2", "enter")
        table = app.screen_stack[0].query_one(RunTable)
        end = time.monotonic() + 60  # a process that imports torch, beside other tests
        while table.current != "tiny" and time.monotonic() < end:
            await pilot.pause(0.1)
        await rested(pilot)
        assert "Run tiny is trained" in told(pilot)
        assert "best" in shown(pilot, LearningCurve)
        await pilot.press("E")
        await until(pilot, lambda: "test split" in shown(pilot, RunMetrics))
    explorer.close()
