"""Waiting for the screen: answers come from threads, after a rest of the cursor."""

from __future__ import annotations

import time
from collections.abc import Callable

from textual.pilot import Pilot

from musicrec.tui.panel import Panel
from musicrec.tui.ranking import Ranking
from musicrec.tui.why import Why

PATIENCE = 10.0  # seconds


async def until(pilot: Pilot[None], there: Callable[[], bool]) -> None:
    """Let the app run until `there`."""
    end = time.monotonic() + PATIENCE
    while not there():
        assert time.monotonic() < end, "it never came"
        await pilot.pause(0.02)
    await pilot.pause()


async def settled(pilot: Pilot[None]) -> None:
    """Let the app run until it has explained the song under the cursor, for the listener under the cursor."""
    await until(pilot, lambda: bool(pilot.app.screen.query(Ranking)))
    screen = pilot.app.screen
    await until(pilot, lambda: screen.query_one(Ranking).count() > 0)
    await until(pilot, lambda: _explained(screen.query_one(Ranking), screen.query_one(Why)))
    await until(pilot, lambda: not any(panel.is_waiting for panel in screen.query(Panel)))


def _explained(ranking: Ranking, why: Why) -> bool:
    explanation = why._explanation
    return explanation is not None and explanation.song == ranking._items[ranking.cursor].song


def text_of(panel: Panel) -> str:
    """Return what a panel shows, line by line."""
    titles = [title.plain for title in (panel._border_title, panel._border_subtitle) if title is not None]
    return "\n".join([*titles, *(panel.render_line(y).text for y in range(panel.size.height))])
