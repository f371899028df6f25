"""How the screen looks: four sizes, three kinds of theme, and the states between."""

from __future__ import annotations

import pytest
from stand_in import StandIn
from textual.pilot import Pilot
from textual.screen import ModalScreen
from textual.widgets._footer import FooterKey
from waiting import settled, until

from musicrec.tui.app import MusicrecApp
from musicrec.tui.panel import Panel
from musicrec.tui.ranking import Ranking


async def focus_ranking(pilot: Pilot[None]) -> None:
    """Go to the ranking and wait for the footer to follow."""
    pilot.app.screen.query_one(Ranking).focus()
    await until(pilot, lambda: any(key.description == "Similar" for key in pilot.app.screen.query(FooterKey)))


@pytest.mark.parametrize(
    ("size", "theme"),
    [
        ((60, 20), "textual-dark"),
        ((80, 24), "textual-light"),
        ((120, 40), "textual-dark"),
        ((120, 40), "ansi-dark"),
        ((200, 50), "textual-light"),
    ],
)
def test_explore(snap_compare, size, theme):
    async def look(pilot: Pilot[None]) -> None:
        await settled(pilot)
        await focus_ranking(pilot)
        await pilot.press("j")
        await settled(pilot)

    assert snap_compare(MusicrecApp(StandIn(), theme=theme), terminal_size=size, run_before=look)


def test_playlists_with_titles(snap_compare):
    app = MusicrecApp(StandIn(titled=True), listener="L00002")
    assert snap_compare(app, terminal_size=(100, 34), run_before=settled)


def test_no_dataset(snap_compare):
    assert snap_compare(MusicrecApp(None, problem="There is no dataset in data/[x]."), terminal_size=(80, 24))


def test_no_run_and_no_plays(snap_compare):
    async def look(pilot: Pilot[None]) -> None:
        await until(pilot, lambda: "no plays" in str(pilot.app.screen.query_one("#card").render_line(0).text))
        await until(pilot, lambda: not any(panel.is_waiting for panel in pilot.app.screen.query(Panel)))

    app = MusicrecApp(StandIn(has_runs=False), listener="L00003")
    assert snap_compare(app, terminal_size=(80, 24), run_before=look)


def test_failures(snap_compare):
    async def look(pilot: Pilot[None]) -> None:
        await until(pilot, lambda: pilot.app.screen.query_one(Ranking).has_notice)
        await until(pilot, lambda: not any(panel.is_waiting for panel in pilot.app.screen.query(Panel)))

    app = MusicrecApp(StandIn(failing=frozenset({"plays", "load"})))
    assert snap_compare(app, terminal_size=(120, 40), run_before=look)


@pytest.mark.parametrize("key", ["r", "m", "question_mark", "f", "t"])
def test_dialogs(snap_compare, key):
    async def look(pilot: Pilot[None]) -> None:
        await settled(pilot)
        await focus_ranking(pilot)
        await pilot.press(key)
        await until(pilot, lambda: isinstance(pilot.app.screen, ModalScreen))
        await until(
            pilot, lambda: all(panel.count() and not panel.is_waiting for panel in pilot.app.screen.query(Panel))
        )

    assert snap_compare(MusicrecApp(StandIn()), terminal_size=(80, 24), run_before=look)
