"""The Runs place, opened for a test, and what stands in it."""

from __future__ import annotations

from contextlib import asynccontextmanager

from runs_stand_in import RunsStandIn, Trainings
from textual.pilot import Pilot
from waiting import text_of, until

from musicrec.tui.app import MusicrecApp
from musicrec.tui.panel import Panel
from musicrec.tui.runs.screen import RunsScreen

SIZE = (120, 40)


@asynccontextmanager
async def runs_place(explorer: RunsStandIn | None = None, trainings: Trainings | None = None, size=SIZE):
    """The app in the Runs place, all panels settled."""
    app = MusicrecApp(explorer or RunsStandIn())
    app._modes["runs"] = (trainings or Trainings()).screen
    app._first_place = "runs"
    async with app.run_test(size=size, notifications=True) as pilot:
        await until(pilot, lambda: isinstance(app.screen, RunsScreen) and app.view.runs is not None)
        await until(pilot, lambda: app.view.loading is None)
        await rested(pilot)
        yield pilot


async def rested(pilot: Pilot[None]) -> None:
    """Let the app run until no panel waits."""
    await pilot.pause(0.1)
    await until(pilot, lambda: not any(panel.is_waiting for panel in pilot.app.screen.query(Panel)))


def shown(pilot: Pilot[None], kind: type[Panel]) -> str:
    return " ".join(text_of(pilot.app.screen_stack[0].query_one(kind)).split())


def began(pilot: Pilot[None], trainings: Trainings, number: int) -> bool:
    return len(trainings.jobs) == number and isinstance(pilot.app.screen, RunsScreen)


def told(pilot: Pilot[None]) -> str:
    return " ".join(notification.message for notification in pilot.app._notifications)
