"""Songs that are added to a past: from every list, from other places, by the search."""

from __future__ import annotations

from shuffling import Shuffling
from waiting import settled, until
from what_if_place import SIZE, app_with, begin, place, text, titles, told

from musicrec.tui.app import MusicrecApp
from musicrec.tui.panel import Panel
from musicrec.tui.ranking import Ranking
from musicrec.tui.what_if.draft_playlist import DraftPlaylist
from musicrec.tui.what_if.gone import Gone
from musicrec.tui.what_if.moves import Moves
from musicrec.tui.what_if.screen import WhatIfScreen
from musicrec.tui.what_if.song_picker import SongPicker
from musicrec.tui.what_if.song_search import SongSearch
from musicrec.tui.why import Why


async def test_songs_are_added_from_every_list():
    app = app_with(Shuffling())
    async with app.run_test(size=SIZE) as pilot:
        await begin(pilot)
        moves, gone = place(pilot).query_one(Moves), place(pilot).query_one(Gone)
        moves.focus()
        await pilot.press("j", "j")
        wanted = moves.song
        assert wanted is not None
        await pilot.press("a")
        await told(pilot, "1 added")
        assert titles(pilot)[0] == wanted.label
        assert [cell.text for cell in place(pilot).query_one(DraftPlaylist).row(0, 60)][2] == "+"
        assert moves.cursor == 2  # the next one can be added at once
        assert any(shift.song == wanted and shift.after is None for shift in gone._shifts)
        assert "played" in text(pilot, Gone)
        gone.focus()
        await until(pilot, lambda: gone.song is not None and gone.song.label.split(" — ")[0] in text(pilot, Why))
        again = gone.song
        assert again is not None
        await pilot.press("a")
        await told(pilot, "2 added")
        assert titles(pilot)[0] == again.label
        await pilot.press("m")
        await until(pilot, lambda: app.screen.query_one("#similar-list", Panel).count() == 50)
        await pilot.press("j", "a")
        await until(pilot, lambda: isinstance(app.screen, WhatIfScreen))
        await told(pilot, "3 added")


async def test_songs_are_added_from_other_places():
    app = MusicrecApp(Shuffling(slow={"draft": 0.3}))
    async with app.run_test(size=SIZE) as pilot:
        await settled(pilot)
        ranking = app.screen.query_one(Ranking)
        ranking.focus()
        await pilot.press("j")
        wanted = ranking.song
        assert wanted is not None
        await pilot.press("a")
        await until(pilot, lambda: isinstance(app.screen, WhatIfScreen))
        await told(pilot, "1 added")
        assert titles(pilot)[0] == wanted.label


async def test_the_search_adds_and_stays():
    app = app_with(Shuffling())
    async with app.run_test(size=SIZE) as pilot:
        await begin(pilot)
        picker, playlist = place(pilot).query_one(SongPicker), place(pilot).query_one(DraftPlaylist)
        assert not picker.display
        await pilot.press("slash", *"Harb")
        assert isinstance(app.focused, SongSearch)
        await until(pilot, lambda: "found" in text(pilot, SongPicker))
        assert "Glass Harbour" in text(pilot, SongPicker)
        await pilot.press("enter")
        assert app.focused is picker
        await pilot.press("enter", "j", "a")
        await told(pilot, "2 added")
        assert app.focused is picker
        assert all("Glass Harbour" in title for title in titles(pilot)[:2])
        assert picker.row(0, 50)[0].text == "+"
        await pilot.press("o")
        await until(pilot, lambda: "by title" in text(pilot, SongPicker))
        await pilot.press("escape")
        assert app.focused is playlist
        assert not picker.display
        await pilot.press("slash", *"zzz")
        await until(pilot, lambda: "No song matches." in text(pilot, SongPicker))
        await pilot.press("escape")
        assert app.focused is playlist
