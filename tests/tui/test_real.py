"""The screen on the real explorer: a small sample, imported, with a run of popularity."""

from __future__ import annotations

import pytest
from waiting import settled, text_of, until

from musicrec.core.explorer import Explorer
from musicrec.core.places import Places
from musicrec.tui.app import MusicrecApp
from musicrec.tui.dialogs.similar import SimilarList
from musicrec.tui.explore.listener_card import ListenerCard
from musicrec.tui.listener_list import ListenerList
from musicrec.tui.playlist import Playlist
from musicrec.tui.ranking import Ranking
from musicrec.tui.search_box import SearchBox


@pytest.fixture(scope="session")
def places(tmp_path_factory) -> Places:
    """Make a dataset and a run, once."""
    from musicrec.core.models.configs import config_for
    from musicrec.core.tables.importing import import_dataset
    from musicrec.core.tables.options import ImportOptions
    from musicrec.core.tables.sample import write_sample
    from musicrec.core.training import train

    root = tmp_path_factory.mktemp("real")
    places = Places(root / "data", root / "checkpoints")
    write_sample("kkbox", root / "raw", listeners=150, songs=300, plays=4000, seed=5)
    import_dataset("kkbox", root / "raw", places.dataset("kkbox"), "kkbox", ImportOptions())
    explorer = Explorer.open(places)
    train(explorer.data(), "popularity", config_for("popularity"), places, "crowd")
    explorer.close()
    return places


@pytest.fixture
def explorer(places):
    """Open the dataset."""
    explorer = Explorer.open(places)
    yield explorer
    explorer.close()


async def test_the_screen_shows_what_the_explorer_says(explorer):
    who = next(each for each in explorer.find_listeners().items if explorer.playlists(each.id).plays > 20)
    app = MusicrecApp(explorer, listener=who.id)
    async with app.run_test(size=(160, 50)) as pilot:
        await settled(pilot)
        screen = app.screen
        assert who.id[:12] in text_of(screen.query_one(ListenerList))
        assert f"{who.plays:,} plays" in text_of(screen.query_one(ListenerCard))
        ranked = explorer.recommend(who.id, "crowd", 20)
        ranking = text_of(screen.query_one(Ranking))
        assert "Recommendations · crowd" in ranking
        assert f"{ranked.candidates:,} songs ranked" in ranking
        assert all((item.song.title or item.song.id)[:6] in ranking for item in ranked.items)
        latest = explorer.playlists(who.id, "crowd").short_term[-1]
        assert (latest.song.title or latest.song.id)[:6] in text_of(screen.query_one("#short-term", Playlist))


async def test_search_filters_by_what_listeners_are(explorer):
    app = MusicrecApp(explorer)
    async with app.run_test(size=(120, 40)) as pilot:
        await settled(pilot)
        listeners = app.screen.query_one(ListenerList)
        app.screen.query_one(SearchBox).value = "age:20-29"
        total = explorer.find_listeners("age:20-29").total
        await until(pilot, lambda: listeners.count() == total)
        assert 0 < total < 150


async def test_every_panel_answers_on_the_real_thing(explorer):
    app = MusicrecApp(explorer, listener=explorer.find_listeners(offset=70, limit=1).items[0].id)
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        assert app.screen.query_one(ListenerList).cursor == 70
        await pilot.press("r", "escape", "h", "plus")
        await until(pilot, lambda: app.screen.query_one(Ranking).count() == 20)
        app.screen.query_one(Ranking).focus()
        await pilot.press("m")
        await until(pilot, lambda: "no notion of similar songs" in text_of(app.screen.query_one(SimilarList)))
        await pilot.press("escape", "q")
    assert app.return_code == 0


async def test_unknown_run_and_listener_are_told(explorer):
    app = MusicrecApp(explorer, listener="nobody", run="nothing")
    async with app.run_test(size=(120, 40), notifications=True) as pilot:
        ranking = app.screen.query_one(Ranking)
        await until(pilot, lambda: ranking.has_notice and "nothing" in text_of(ranking))
        assert "Press r" in text_of(ranking)
        await until(pilot, lambda: app.screen.query_one(ListenerList).count() == 150)
