"""Everything follows the cursor, and only the cursor."""

from __future__ import annotations

import time

from stand_in import StandIn
from waiting import settled, text_of, until

from musicrec.core.drafts import Filters
from musicrec.core.records import Recommendations
from musicrec.tui.app import MusicrecApp
from musicrec.tui.explore.listener_card import ListenerCard
from musicrec.tui.listener_list import ListenerList
from musicrec.tui.playlist import Playlist
from musicrec.tui.ranking import Ranking
from musicrec.tui.why import Why

SIZE = (120, 40)


async def test_panels_follow_the_cursor():
    app = MusicrecApp(StandIn())
    async with app.run_test(size=SIZE) as pilot:
        await settled(pilot)
        screen = app.screen
        await pilot.press("j")
        await until(pilot, lambda: "803 plays" in text_of(screen.query_one(ListenerCard)))
        await settled(pilot)
        assert "L00001" in screen.query_one(ListenerCard).border_title
        assert "10 of 58" in text_of(screen.query_one("#short-term", Playlist))
        ranking = text_of(screen.query_one(Ranking))
        assert "dtnmr-2" in ranking
        assert "1 held out · 1,377 songs ranked in 3 ms" in ranking
        before = text_of(screen.query_one(Why))
        screen.query_one(Ranking).focus()
        await pilot.press("j")
        await until(pilot, lambda: text_of(screen.query_one(Why)) != before)
        why = text_of(screen.query_one(Why))
        for piece in ("static", "+0.412", "+1.250", "-0.317", "+1.345", "0.91", "shared artists", "popularity #"):
            assert piece in why


async def test_stale_answers_are_never_shown(monkeypatch):
    shown: list[str] = []
    show = Ranking.show_ranking

    def record(self: Ranking, recommendations: Recommendations, filters: Filters) -> None:
        shown.append(recommendations.listener.id[:6])
        show(self, recommendations, filters)

    monkeypatch.setattr(Ranking, "show_ranking", record)
    explorer = StandIn()
    app = MusicrecApp(explorer)
    async with app.run_test(size=SIZE) as pilot:
        await settled(pilot)
        explorer.slow = {"recommend": 0.3}
        for row in range(1, 4):
            asked = explorer.asked.count("recommend")
            app.screen.query_one(ListenerList).cursor = row
            await until(pilot, lambda asked=asked: explorer.asked.count("recommend") > asked)
        for row in range(4, 9):  # faster than the cursor must rest: these are not even asked about
            app.screen.query_one(ListenerList).cursor = row
            await pilot.pause(0.01)
        await until(pilot, lambda: shown[-1] == "L00008")
        await pilot.pause(0.5)
    assert shown == ["L00000", "L00008"]
    assert explorer.asked.count("recommend") == 5


async def test_every_listener_can_be_reached_and_pages_are_few():
    explorer = StandIn()
    app = MusicrecApp(explorer)
    async with app.run_test(size=SIZE) as pilot:
        await settled(pilot)
        listeners = app.screen.query_one(ListenerList)
        await pilot.press("G")
        await until(pilot, lambda: listeners.at(33_999) is not None)
        assert "L33999" in text_of(listeners)
        await pilot.press("k", "pageup")
        assert listeners.cursor < 33_998
        await pilot.press("g")
        assert listeners.cursor == 0
        for _ in range(5):
            listeners.scroll_relative(y=400, animate=False, immediate=True)
            await pilot.pause()
        await until(pilot, lambda: "·" not in text_of(listeners).split("\n", 3)[3][:400])
        await pilot.click(ListenerList, offset=(5, 4))
        assert listeners.cursor == listeners.scroll_offset.y + 2
        assert explorer.asked.count("find_listeners") < 12


async def test_starts_with_a_listener_and_a_run():
    app = MusicrecApp(StandIn(), listener="L20000", run="ncf-1")
    async with app.run_test(size=SIZE) as pilot:
        await settled(pilot)
        listeners = app.screen.query_one(ListenerList)
        assert listeners.cursor == 20_000
        await until(pilot, lambda: "L20000" in text_of(listeners))
        assert "ncf-1" in app.screen.query_one(Ranking).border_title


async def test_loading_is_dropped_when_the_app_ends():
    explorer = StandIn(slow={"load": 2.0})
    app = MusicrecApp(explorer)
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: "load" in explorer.asked)
        await until(pilot, lambda: "Loading the model" in text_of(app.screen.query_one(Ranking)))
        assert "1,003" in text_of(app.screen.query_one(ListenerList))
    time.sleep(2.5)
    assert explorer.asked.count("load") == 1  # the second step was never begun


async def test_asking_again_leaves_the_cursor_where_it_is():
    explorer = StandIn()
    app = MusicrecApp(explorer)
    async with app.run_test(size=SIZE) as pilot:
        await settled(pilot)
        listeners = app.screen.query_one(ListenerList)
        listeners.cursor = 305
        await until(pilot, lambda: _names(app, listeners) == ["L00305"] * 2)
        await settled(pilot)
        asked = explorer.asked.count("find_listeners")
        await pilot.press("f5", "f5")
        await until(pilot, lambda: explorer.asked.count("find_listeners") > asked)
        await settled(pilot)
        assert listeners.cursor == 305
        assert _names(app, listeners) == ["L00305"] * 2


async def test_going_to_a_listener_wins_over_a_list_that_is_still_on_its_way():
    explorer = StandIn()
    app = MusicrecApp(explorer)
    async with app.run_test(size=SIZE) as pilot:
        await settled(pilot)
        listeners = app.screen.query_one(ListenerList)
        explorer.slow = {"find_listeners": 0.3}
        await pilot.press("O")
        app.go_to_listener("L00033")
        await pilot.pause(0.9)
        await until(pilot, lambda: _names(app, listeners) == ["L00033"] * 2)


def _names(app: MusicrecApp, listeners: ListenerList) -> list[str]:
    """Who the view is about, and who is under the cursor."""
    return [who.id[:6] for who in (app.view.listener, listeners.current) if who is not None]
