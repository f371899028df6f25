"""How two compared runs look: four sizes, three kinds of theme, and the states between."""

from __future__ import annotations

import pytest
from rival_runs import Rivals
from textual.pilot import Pilot
from textual.widgets._footer import FooterKey
from waiting import until

from musicrec.tui.app import MusicrecApp
from musicrec.tui.compare.figures import CompareFigures
from musicrec.tui.compare.ranking import ComparedRanking
from musicrec.tui.compare.why import ComparedWhy
from musicrec.tui.kept import Bookmark
from musicrec.tui.panel import Panel


async def settled(pilot: Pilot[None]) -> None:
    """Let the app run until both runs have explained the song under the cursor, and the footer has followed."""
    screen = pilot.app.screen
    await until(pilot, lambda: all(ranking.count() for ranking in screen.query(ComparedRanking)))
    song = screen.query(ComparedRanking)[0].song
    await until(
        pilot,
        lambda: all(
            why._explanation is not None and why._explanation.song == song for why in screen.query(ComparedWhy)
        ),
    )
    await until(pilot, lambda: not any(panel.is_waiting for panel in screen.query(Panel)))
    await until(pilot, lambda: any(key.description == "Similar" for key in screen.query(FooterKey)))


def comparing(explorer: Rivals, theme: str, k: int = 10) -> MusicrecApp:
    return MusicrecApp(explorer, bookmark=Bookmark(place="compare", listener="L00000", k=k), theme=theme)


@pytest.mark.parametrize(
    ("size", "theme", "k"),
    [
        ((60, 20), "textual-dark", 10),
        ((80, 24), "textual-light", 10),
        ((120, 40), "ansi-dark", 10),
        ((200, 50), "textual-dark", 20),
    ],
)
def test_compare(snap_compare, size, theme, k):
    async def look(pilot: Pilot[None]) -> None:
        await settled(pilot)
        await pilot.press("j", "j")
        await settled(pilot)

    assert snap_compare(comparing(Rivals(), theme, k), terminal_size=size, run_before=look)


def test_evaluating(snap_compare):
    explorer = Rivals(measured=False)

    async def look(pilot: Pilot[None]) -> None:
        await settled(pilot)
        explorer.slow = {"evaluate": 1.0}
        figures = pilot.app.screen.query_one(CompareFigures)
        await pilot.press("E")
        await until(pilot, lambda: figures.count() == 1)

    assert snap_compare(comparing(explorer, "textual-dark"), terminal_size=(100, 30), run_before=look)


def test_only_one_run(snap_compare):
    explorer = Rivals()
    only = explorer.runs()[:1]
    explorer.runs = lambda: only  # type: ignore[method-assign]

    async def look(pilot: Pilot[None]) -> None:
        await until(pilot, lambda: "no other run" in pilot.app.screen.query(ComparedRanking)[1].render_line(0).text)
        await until(pilot, lambda: not any(panel.is_waiting for panel in pilot.app.screen.query(Panel)))

    assert snap_compare(comparing(explorer, "textual-dark"), terminal_size=(80, 24), run_before=look)
