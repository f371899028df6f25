"""Columns that a dataset cannot fill are not shown: playlists have no age, their plays no behaviour."""

from __future__ import annotations

from stand_in import StandIn
from waiting import text_of, until

from musicrec.core.records import Play, Song
from musicrec.tui.app import MusicrecApp
from musicrec.tui.columns import known_plays
from musicrec.tui.playlist import COLUMNS
from musicrec.tui.songs.listeners import SongListeners
from musicrec.tui.what_if.draft_playlist import COLUMNS as DRAFTED

SONG = Song(0, "s0", "Title", ("Artist",))


def test_behaviours_are_a_column_where_a_play_has_one():
    plain, found = Play(0, SONG), Play(1, SONG, "discover")
    for columns in (COLUMNS, DRAFTED):
        assert "behaviour" not in [column.key for column in known_plays(columns, (plain, plain))]
        assert known_plays(columns, (plain, found)) == columns
        assert "artist" not in [column.key for column in known_plays(columns, (Play(0, Song(1, "s1")),))]


async def headings_of(explorer: StandIn) -> str:
    """Return the first line of those who played the first song."""
    async with MusicrecApp(explorer).run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: bool(pilot.app.view.listener))
        await pilot.press("4")
        await until(pilot, lambda: bool(pilot.app.screen.query(SongListeners)))
        players = pilot.app.screen.query_one(SongListeners)
        await until(pilot, lambda: players.count() > 0 and not players.is_waiting)
        return next(line for line in text_of(players).splitlines() if "plays" in line)


async def test_who_played_a_song_has_ages_where_they_are_people():
    assert "age" in await headings_of(StandIn())
    heading = await headings_of(StandIn(titled=True))
    assert "listener" in heading
    assert "age" not in heading
    assert "city" not in heading
