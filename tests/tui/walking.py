"""Going through the places as a person does, and what can be read off the screen there."""

from __future__ import annotations

from textual.pilot import Pilot
from waiting import until

from musicrec.tui.panel import Panel
from musicrec.tui.places import PLACES

SIZE = (140, 44)
GENRE = "Mandopop"


def calm(pilot: Pilot[None]) -> bool:
    """Whether nothing is on its way to the screen."""
    view = pilot.app.view
    panels = pilot.app.screen.query(Panel)
    return view.run is not None and view.loading is None and not any(panel.is_waiting for panel in panels)


async def at(pilot: Pilot[None], place: str) -> None:
    """Wait until a place is on the screen and has all that it asked for."""
    await until(pilot, lambda: pilot.app.current_mode == place and bool(pilot.app.screen.query("#places-bar")))
    await pilot.pause(0.15)
    await until(pilot, lambda: calm(pilot))


async def go(pilot: Pilot[None], place: str) -> None:
    await pilot.press(str(list(PLACES).index(place) + 1))
    await at(pilot, place)


def spot(pilot: Pilot[None]) -> tuple[str, str | None, str | None]:
    view = pilot.app.view
    return pilot.app.current_mode, view.listener and view.listener.id[:6], view.song and view.song.id


def said(pilot: Pilot[None]) -> str:
    return "\n".join(notification.message for notification in pilot.app._notifications)


def footer(pilot: Pilot[None]) -> set[str]:
    return {key.description for key in pilot.app.screen.query("FooterKey")}
