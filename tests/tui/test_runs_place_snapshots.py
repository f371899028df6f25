"""How the Runs place looks: four sizes, three kinds of theme, and the states between."""

from __future__ import annotations

import pytest
from runs_stand_in import RunsStandIn, Trainings, epoch_of, step_of
from textual.pilot import Pilot
from waiting import until

from musicrec.core.models.written import Parameter
from musicrec.tui.app import MusicrecApp
from musicrec.tui.panel import Panel
from musicrec.tui.runs import train_dialog
from musicrec.tui.runs.screen import RunsScreen
from musicrec.tui.runs.table import RunTable

MODELS = (
    "dtnmr", "ncf", "neumf", "gmf", "mlp", "mf", "bpr", "als", "ease", "slim", "nade", "itemknn", "popular", "recent",
)  # fmt: skip
PARAMETERS = (
    Parameter("epochs", "8", "Most passes over the training plays."),
    Parameter("lr", "0.003", "Learning rate."),
    *(Parameter(f"parameter_{number}", "true", "What it does, and what it is for [x]: 夜.") for number in range(30)),
)


def place(explorer: RunsStandIn, theme: str = "textual-dark", trainings: Trainings | None = None) -> MusicrecApp:
    app = MusicrecApp(explorer, theme=theme)
    app._modes["runs"] = (trainings or Trainings()).screen
    app._first_place = "runs"
    return app


async def rested(pilot: Pilot[None]) -> None:
    """Let the app run until the runs are there, one is loaded if there is any, and no panel waits."""
    app = pilot.app
    await until(pilot, lambda: isinstance(app.screen, RunsScreen) and app.view.runs is not None)
    await until(pilot, lambda: app.view.loading is None and (app.view.run is not None) == bool(app.view.runs))
    await pilot.pause(0.15)
    await until(pilot, lambda: not any(panel.is_waiting for panel in app.screen.query(Panel)))
    app.clear_notifications()
    await pilot.pause()


SIZES = [
    ((60, 20), "textual-dark"),
    ((80, 24), "textual-light"),
    ((120, 40), "ansi-dark"),
    ((200, 50), "textual-dark"),
]


@pytest.mark.parametrize(("size", "theme"), SIZES)
def test_runs(snap_compare, size, theme):
    async def look(pilot: Pilot[None]) -> None:
        await rested(pilot)
        await pilot.press("j", "space", "k")
        await rested(pilot)

    assert snap_compare(place(RunsStandIn(), theme), terminal_size=size, run_before=look)


@pytest.mark.parametrize(("size", "theme"), [SIZES[1]])
def test_training(snap_compare, size, theme):
    trainings = Trainings()

    async def look(pilot: Pilot[None]) -> None:
        await rested(pilot)
        await pilot.press("n", "enter")
        await until(pilot, lambda: bool(trainings.jobs) and isinstance(pilot.app.screen, RunsScreen))
        for number in (1, 2, 3):
            trainings.jobs[0].send(step_of(number), epoch_of(number, 3))
        trainings.jobs[0].send(step_of(4))
        table = pilot.app.screen.query_one(RunTable)
        await until(pilot, lambda: "pass 4 of 8" in table.render_line(1).text)
        await rested(pilot)

    assert snap_compare(place(RunsStandIn(), theme, trainings), terminal_size=size, run_before=look)


@pytest.mark.parametrize(("size", "theme"), SIZES[:2])
def test_dialog(snap_compare, monkeypatch, size, theme):
    monkeypatch.setattr(train_dialog, "MODELS", MODELS)
    monkeypatch.setattr(train_dialog, "parameters_of", lambda model, preset: PARAMETERS)

    async def look(pilot: Pilot[None]) -> None:
        await rested(pilot)
        await pilot.press("n", *["right"] * 5, "tab", "tab", "tab", *"lr=x")
        await pilot.pause()

    assert snap_compare(place(RunsStandIn(), theme), terminal_size=size, run_before=look)


def test_no_runs(snap_compare):
    assert snap_compare(place(RunsStandIn(has_runs=False)), terminal_size=(80, 24), run_before=rested)


def test_evaluating(snap_compare):
    explorer = RunsStandIn()

    async def look(pilot: Pilot[None]) -> None:
        await rested(pilot)
        await pilot.press("j", "E")
        await until(pilot, lambda: "300 of 900" in pilot.app.screen.query_one("#metrics").render_line(1).text)
        await rested(pilot)

    assert snap_compare(place(explorer), terminal_size=(120, 40), run_before=look)
    explorer.gate.set()
