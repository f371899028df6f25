"""The songs place where things cross: searches that cannot be read, slow answers, models that know no similarity."""

from __future__ import annotations

import pytest
from stand_in import StandIn
from textual.pilot import Pilot
from waiting import text_of, until

from musicrec.core.errors import MusicrecError
from musicrec.core.records import Neighbour, Page, Song
from musicrec.core.tables.queries import SONG_FILTERS, conditions
from musicrec.tui.app import MusicrecApp
from musicrec.tui.dialogs.export import ExportDialog
from musicrec.tui.dialogs.similar import NearList, SimilarDialog
from musicrec.tui.kept import Bookmark
from musicrec.tui.panel import Panel
from musicrec.tui.search_box import SearchBox
from musicrec.tui.similar_list import SimilarList
from musicrec.tui.songs.listeners import SongListeners
from musicrec.tui.songs.screen import SongsScreen
from musicrec.tui.songs.song_list import SongList
from musicrec.tui.view import Order

SIZE = (120, 40)
HERE = Bookmark(place="songs")


class Strict(StandIn):
    """Knows the filters, and a model without a notion of similarity."""

    def find_songs(
        self, query: str = "", limit: int = 200, offset: int = 0, sort: str = "plays", reverse: bool = False
    ) -> Page[Song]:
        conditions(query, SONG_FILTERS)
        return super().find_songs(query, limit, offset, sort, reverse)

    def place_of_song(self, id: str, query: str = "", sort: str = "plays", reverse: bool = False) -> int | None:
        conditions(query, SONG_FILTERS)
        return super().place_of_song(id, query, sort, reverse)

    def similar(self, song: str, run: str | None = None, k: int = 10) -> tuple[Neighbour, ...]:
        if run == "popularity-1":
            raise MusicrecError(f"run {run}: popularity has no notion of similar songs")
        return super().similar(song, run, k)


def words(panel: Panel) -> str:
    """Return what a panel says, however its lines are broken."""
    return " ".join(text_of(panel).split())


def where(pilot: Pilot[None]) -> tuple[str | None, str | None]:
    """Return the song of the view and the one under the cursor of the list."""
    song, current = pilot.app.view.song, pilot.app.screen.query_one(SongList).current
    return song and song.id, current and current.id


async def opened(pilot: Pilot[None]) -> SongsScreen:
    """Wait for the place."""
    await until(pilot, lambda: isinstance(pilot.app.screen, SongsScreen) and bool(pilot.app.screen.query(SongList)))
    screen = pilot.app.screen
    assert isinstance(screen, SongsScreen)
    return screen


async def complete(pilot: Pilot[None]) -> SongsScreen:
    """Wait for the place and for a song's page in it."""
    screen = await opened(pilot)
    await until(pilot, lambda: screen.query_one(SongList).current is not None)
    await until(pilot, lambda: screen.query_one(SimilarList).count() > 0)
    await until(pilot, lambda: not any(panel.is_waiting for panel in screen.query(Panel)))
    return screen


async def test_a_filter_that_is_unknown_is_told_and_forgotten_when_corrected():
    async with MusicrecApp(Strict(), bookmark=HERE).run_test(size=SIZE) as pilot:
        screen = await complete(pilot)
        songs = screen.query_one(SongList)
        await pilot.press("slash", *"foo:bar")
        await until(pilot, lambda: "there is no filter foo:" in words(songs))
        assert "escape to clear the search" in words(songs)
        screen.query_one(SearchBox).value = "harbour"
        await until(pilot, lambda: songs.count() == 100 and not songs.has_notice)
        screen.query_one(SearchBox).value = "foo:bar"
        await until(pilot, lambda: songs.has_notice)
        similar = screen.query_one(SimilarList)
        similar.focus()
        await until(pilot, lambda: not similar.is_waiting)
        song = similar.song
        assert song is not None
        await pilot.press("enter")  # no such search can hold it
        await until(pilot, lambda: where(pilot) == (song.id, song.id))
        assert screen.query_one(SearchBox).value == songs.sought == ""


@pytest.mark.parametrize("slow", [{}, {"song": 0.4}, {"find_songs": 0.4}])
async def test_begins_with_the_song_of_last_time_in_its_order(slow):
    bookmark = Bookmark(place="songs", song="s700", song_order=Order("title"))
    async with MusicrecApp(Strict(slow=slow), bookmark=bookmark).run_test(size=SIZE) as pilot:
        await complete(pilot)
        await pilot.pause(0.5)
        assert where(pilot) == ("s700", "s700")


async def test_a_song_of_last_time_that_is_gone_leaves_the_first_one():
    app = MusicrecApp(Strict(failing=frozenset({"song"})), bookmark=Bookmark(place="songs", song="s700"))
    async with app.run_test(size=SIZE) as pilot:
        screen = await opened(pilot)
        await until(pilot, lambda: screen.query_one(SongList).current is not None and where(pilot) == ("s0", "s0"))


@pytest.mark.parametrize("meanwhile", ["sort", "search"])
async def test_going_to_a_song_wins_over_a_list_that_is_still_on_its_way(meanwhile):
    explorer = Strict()
    async with MusicrecApp(explorer, bookmark=HERE).run_test(size=SIZE) as pilot:
        screen = await complete(pilot)
        explorer.slow = {"find_songs": 0.3}
        if meanwhile == "sort":
            await pilot.press("O")
        else:
            screen.query_one(SearchBox).value = "harbour"
            await until(pilot, lambda: screen.query_one(SongList).sought == "harbour")
        pilot.app.go_to_song(explorer._song(33))
        await pilot.pause(0.9)
        await until(pilot, lambda: where(pilot) == ("s33", "s33"))
        assert screen.query_one(SearchBox).value == screen.query_one(SongList).sought == ""


async def test_a_model_without_similarity_says_so_until_another_run_is_chosen():
    async with MusicrecApp(Strict(), bookmark=HERE).run_test(size=SIZE) as pilot:
        similar = (await complete(pilot)).query_one(SimilarList)
        pilot.app.use_run("popularity-1")
        await until(pilot, lambda: "no notion of similar songs" in words(similar))
        assert "by popularity-1" in words(similar)
        assert "Press r to choose another run" in words(similar)
        pilot.app.use_run("ncf-1")
        await until(pilot, lambda: similar.count() > 0 and not similar.has_notice and "by ncf-1" in words(similar))


@pytest.mark.parametrize(
    ("explorer", "told"),
    [
        (Strict(has_runs=False, slow={"runs": 0.4}), "musicrec train"),
        (Strict(failing=frozenset({"load"})), "load failed"),
    ],
)
async def test_begins_without_a_run(explorer, told):
    async with MusicrecApp(explorer, bookmark=HERE).run_test(size=SIZE, notifications=True) as pilot:
        screen = await opened(pilot)
        await until(pilot, lambda: told in words(screen.query_one(SimilarList)))
        await until(pilot, lambda: screen.query_one(SongListeners).count() > 0)


async def test_lists_can_be_copied_and_exported_from_the_place_and_the_dialog():
    async with MusicrecApp(Strict(), bookmark=HERE).run_test(size=SIZE, notifications=True) as pilot:
        screen = await complete(pilot)
        for kind, head in ((SongList, "song\ttitle"), (SimilarList, "rank\tsimilarity"), (SongListeners, "listener")):
            screen.query_one(kind).focus()
            await pilot.press("Y")
            await until(pilot, lambda head=head: pilot.app.clipboard.startswith(head))
            assert pilot.app.clipboard.count("\n") >= 40
        screen.query_one(SongList).focus()
        await pilot.press("m")
        await until(pilot, lambda: isinstance(pilot.app.screen, SimilarDialog))
        await until(pilot, lambda: pilot.app.screen.query_one(NearList).count() == 50)
        await pilot.press("Y")
        await until(pilot, lambda: pilot.app.clipboard.startswith("rank\tsimilarity"))
        await pilot.press("e")
        await until(pilot, lambda: isinstance(pilot.app.screen, ExportDialog))


async def test_a_large_catalogue_is_asked_for_little():
    explorer = Strict(songs=420_000)
    async with MusicrecApp(explorer, bookmark=HERE).run_test(size=SIZE) as pilot:
        screen = await complete(pilot)
        songs, asked = screen.query_one(SongList), explorer.asked.count("song_page")
        for row in range(1, 20):  # faster than the cursor must rest
            songs.cursor = row
            await pilot.pause(0.01)
        await until(pilot, lambda: where(pilot) == ("s19", "s19"))
        await complete(pilot)
        assert explorer.asked.count("song_page") - asked <= 2
        await pilot.press("G")
        await until(pilot, lambda: where(pilot) == ("s419999", "s419999"))
        pilot.app.go_to_song(explorer._song(200_299))
        await until(pilot, lambda: songs.cursor == 200_299 and where(pilot) == ("s200299", "s200299"))
        pilot.app.go_to_song(explorer._song(299))
        listeners = screen.query_one(SongListeners)
        await until(pilot, lambda: listeners.count() == 339)
        listeners.focus()
        await pilot.press("G")
        await until(pilot, lambda: listeners.at(338) is not None)


async def test_what_is_replaced_is_dimmed_and_rankings_keys_are_not_offered():
    explorer = Strict()
    async with MusicrecApp(explorer, bookmark=HERE).run_test(size=SIZE) as pilot:
        screen = await complete(pilot)
        explorer.slow = {"song_page": 0.6, "similar": 0.6}
        await pilot.press("j")
        for panel in (screen.query_one(SongListeners), screen.query_one(SimilarList)):
            await until(pilot, lambda panel=panel: panel.has_class("-waiting"))
            assert panel.count() > 0
        offered = {binding.action for _, binding, enabled, _ in screen.active_bindings.values() if enabled}
        assert not {"filters", "resize(1)", "resize(-1)", "heard"} & offered
        assert {"runs", "zoom", "similar", "add", "sort", "search"} <= offered
