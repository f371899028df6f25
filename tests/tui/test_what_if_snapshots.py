"""How the what-if place looks: four sizes, three kinds of theme, the search, the facts and a new listener."""

from __future__ import annotations

import pytest
from shuffling import Shuffling
from textual.pilot import Pilot
from textual.widgets._footer import FooterKey
from waiting import settled, text_of, until

from musicrec.tui.app import MusicrecApp
from musicrec.tui.kept import Bookmark
from musicrec.tui.panel import Panel
from musicrec.tui.what_if.draft_card import DraftCard
from musicrec.tui.what_if.draft_playlist import DraftPlaylist
from musicrec.tui.what_if.moves import Moves
from musicrec.tui.what_if.song_picker import SongPicker


def app_in(theme: str = "textual-dark") -> MusicrecApp:
    """Return an app that begins at the place."""
    return MusicrecApp(Shuffling(), bookmark=Bookmark(place="what-if", listener="L00000"), theme=theme)


async def edited(pilot: Pilot[None]) -> None:
    """Add the third recommendation, then remove the play before it, and move the one before that."""
    screen = pilot.app.screen
    await until(pilot, lambda: bool(screen.query(Moves)) and screen.query_one(DraftPlaylist).count() > 0)
    await settled(pilot)
    moves = screen.query_one(Moves)
    moves.focus()
    await pilot.press("j", "j", "a")
    await until(
        pilot, lambda: "+1" in text_of(screen.query_one(DraftCard)) or "added" in text_of(screen.query_one(DraftCard))
    )
    screen.query_one(DraftPlaylist).focus()
    await pilot.press("j", "d", "J")
    await until(pilot, lambda: "3 edits" in text_of(screen.query_one(DraftCard)))
    await until(pilot, lambda: any(key.description == "Remove" for key in screen.query(FooterKey)))
    await quiet(pilot)


async def quiet(pilot: Pilot[None]) -> None:
    """Wait until all has been answered."""
    await settled(pilot)
    await until(pilot, lambda: not any(panel.is_waiting for panel in pilot.app.screen.query(Panel)))


@pytest.mark.parametrize(
    ("size", "theme"),
    [
        ((60, 20), "textual-dark"),
        ((80, 24), "textual-light"),
        ((120, 40), "ansi-dark"),
        ((200, 50), "textual-dark"),
    ],
)
def test_what_if(snap_compare, size, theme):
    assert snap_compare(app_in(theme), terminal_size=size, run_before=edited)


def test_the_search(snap_compare):
    async def look(pilot: Pilot[None]) -> None:
        await edited(pilot)
        screen = pilot.app.screen
        await pilot.press("slash", "enter")
        await until(pilot, lambda: screen.query_one(SongPicker).current is not None)
        await until(pilot, lambda: any(key.description == "Add" for key in screen.query(FooterKey)))
        await quiet(pilot)

    assert snap_compare(app_in(), terminal_size=(120, 40), run_before=look)


def test_the_facts(snap_compare):
    async def look(pilot: Pilot[None]) -> None:
        await edited(pilot)
        await pilot.press("i", *"300", "enter")

    assert snap_compare(app_in(), terminal_size=(80, 24), run_before=look)


def test_a_new_listener(snap_compare):
    async def look(pilot: Pilot[None]) -> None:
        await until(pilot, lambda: pilot.app.screen.query_one(DraftPlaylist).count() > 0)
        await settled(pilot)
        await pilot.press("n")
        await until(pilot, lambda: "new listener" in text_of(pilot.app.screen.query_one(DraftCard)))
        await quiet(pilot)

    assert snap_compare(app_in(), terminal_size=(100, 34), run_before=look)
