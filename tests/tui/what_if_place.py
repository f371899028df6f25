"""The place What if, opened for a test, and what stands in it."""

from __future__ import annotations

from stand_in import StandIn
from textual.pilot import Pilot
from waiting import settled, text_of, until

from musicrec.tui.app import MusicrecApp
from musicrec.tui.kept import Bookmark
from musicrec.tui.panel import Panel
from musicrec.tui.what_if.draft_card import DraftCard
from musicrec.tui.what_if.draft_playlist import DraftPlaylist
from musicrec.tui.what_if.screen import WhatIfScreen

SIZE = (120, 40)


def place(pilot: Pilot[None]) -> WhatIfScreen:
    screen = pilot.app.screen
    assert isinstance(screen, WhatIfScreen)
    return screen


def titles(pilot: Pilot[None]) -> list[str]:
    """Return the titles of the playlist, the latest play first."""
    playlist = place(pilot).query_one(DraftPlaylist)
    return [song.label for index in range(playlist.count()) if (song := playlist.song_at(index)) is not None]


def text(pilot: Pilot[None], kind: type[Panel]) -> str:
    return text_of(place(pilot).query_one(kind))


def app_with(explorer: StandIn, listener: str | None = "L00000") -> MusicrecApp:
    """Return an app that begins at the place."""
    return MusicrecApp(explorer, bookmark=Bookmark(place="what-if", listener=listener))


async def begin(pilot: Pilot[None]) -> None:
    """Wait until there is someone to edit."""
    app = pilot.app
    await until(pilot, lambda: isinstance(app.screen, WhatIfScreen) and app.screen.query_one(DraftPlaylist).count() > 0)
    await settled(pilot)


async def told(pilot: Pilot[None], words: str) -> None:
    """Wait until the card says `words`, and everything has followed."""
    await until(pilot, lambda: words in text(pilot, DraftCard))
    await until(pilot, lambda: not any(panel.is_waiting for panel in place(pilot).query(Panel)))
