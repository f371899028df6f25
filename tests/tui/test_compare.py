"""Two runs on one listener: the rankings side by side, the song that is meant in both, and figures over all."""

from __future__ import annotations

import time
from typing import Any

import pytest
from rival_runs import Rivals
from stand_in import StandIn
from textual.pilot import Pilot
from waiting import text_of, until

from musicrec.core.drafts import Filters
from musicrec.tui.app import MusicrecApp
from musicrec.tui.compare.figures import CompareFigures
from musicrec.tui.compare.head import CompareHead
from musicrec.tui.compare.held_out import HeldOut
from musicrec.tui.compare.ranking import ComparedRanking
from musicrec.tui.compare.why import ComparedWhy
from musicrec.tui.dialogs.runs import RunList
from musicrec.tui.dialogs.similar import SimilarDialog
from musicrec.tui.kept import Bookmark
from musicrec.tui.panel import Panel

SIZE = (120, 40)


def comparing(explorer: StandIn, **where: Any) -> MusicrecApp:
    """Return the app as somebody left it in this place."""
    return MusicrecApp(explorer, bookmark=Bookmark(**{"place": "compare", "listener": "L00000"} | where))


async def compared(pilot: Pilot[None]) -> None:
    """Wait until both runs are shown and have explained a song."""
    screen = pilot.app.screen
    await until(pilot, lambda: all(ranking.count() for ranking in screen.query(ComparedRanking)))
    await until(pilot, lambda: all("Why · " in text_of(why) for why in screen.query(ComparedWhy)))
    await until(pilot, lambda: not any(panel.is_waiting for panel in screen.query(Panel)))


def one(pilot: Pilot[None]) -> ComparedRanking:
    return pilot.app.screen.query_one("#ranking-one", ComparedRanking)


def other(pilot: Pilot[None]) -> ComparedRanking:
    return pilot.app.screen.query_one("#ranking-other", ComparedRanking)


def why(pilot: Pilot[None], side: str) -> str:
    return text_of(pilot.app.screen.query_one(f"#why-{side}", ComparedWhy))


async def test_two_runs_side_by_side_follow_one_cursor():
    app = comparing(Rivals())
    async with app.run_test(size=SIZE) as pilot:
        await compared(pilot)
        assert (app.view.run, app.view.other) == ("dtnmr-2", "ncf-1")  # nobody chose: the newest other one
        assert text_of(one(pilot)).startswith("dtnmr-2\n1 held out · 1,357 songs")
        head = text_of(app.screen.query_one(CompareHead))
        assert "L00000Xq0Zw+/= · 1,003 plays · female" in head
        assert "6 of 10 songs in both · Jaccard 0.43 · rank correlation +0.49" in head
        rows = text_of(one(pilot)).splitlines()
        assert rows[2].split() == ["score", "title", "artist", "ncf-1"]  # the scores themselves have no common scale
        assert rows[3].endswith("▾  #404")
        assert "▾    #5" in rows[4]
        assert "=    #9" in rows[11]
        figures = text_of(app.screen.query_one(CompareFigures))
        assert "test split, all 1,400 songs, 900 listeners, seed 7" in figures
        assert "0.1234 ±0.0100 ◂ 0.0987 ±0.0100" in figures
        assert "0.2468 ±0.1234 = 0.1974 ±0.0987" in figures  # the intervals touch
        held_out = text_of(app.screen.query_one(HeldOut))
        assert "dtnmr-2 2 : 1 ncf-1" in held_out
        assert "#120 ▸ #3" in held_out
        assert "none   none" in held_out
        # the song under the cursor is marked in the other lists
        assert "it is #404 of 1,357 here" in text_of(other(pilot))
        assert other(pilot).linked is None  # far below the list
        assert "#404" in why(pilot, "other")
        await pilot.press("j")
        await until(pilot, lambda: other(pilot).linked == 4)
        assert "▸5" in text_of(other(pilot))
        assert "it is #5 of 1,357 here" in text_of(other(pilot))
        assert app.screen.query_one(HeldOut).linked == 0
        await until(pilot, lambda: "شارع البحر" in why(pilot, "one") and "شارع البحر" in why(pilot, "other"))
        assert "Why · dtnmr-2\n#2" in why(pilot, "one")
        assert "Why · ncf-1\n#5" in why(pilot, "other")
        await pilot.press("tab", "j")  # now the second list has the cursor
        await until(pilot, lambda: one(pilot).linked == 5)
        assert "it is #6 of 1,357 here" in text_of(one(pilot))
        assert "1 held out" in text_of(other(pilot))
        app.screen.query_one(HeldOut).focus()  # and now the held-out songs, the best known first
        await pilot.press("j", "j")
        await until(pilot, lambda: "it is #4 of" in text_of(one(pilot)) and "it is #90 of" in text_of(other(pilot)))
        await pilot.press("G")
        await until(pilot, lambda: "it is not ranked here" in text_of(one(pilot)))
        await until(pilot, lambda: "not ranked" in why(pilot, "one"))
        await pilot.click(ComparedRanking, offset=(10, 4))  # the mouse, too
        await until(pilot, lambda: one(pilot).cursor == 2 and other(pilot).linked == 5)


async def test_a_long_list_brings_the_song_to_sight():
    explorer = Rivals()
    app = comparing(explorer)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("plus", "plus")
        await until(pilot, lambda: one(pilot).count() == 50)
        await compared(pilot)
        await pilot.press("G", "k")
        await until(pilot, lambda: other(pilot).linked is not None)
        row = other(pilot).linked
        assert row is not None
        assert f"▸{row + 1}" in text_of(other(pilot))
        song = one(pilot).song
        await pilot.press("minus", "plus")  # the cursor stays on its song as long as that is there
        await until(pilot, lambda: one(pilot).count() == 50)
        await compared(pilot)
        assert song is not None
        explorer.slow = {"compare": 0.5}
        await pilot.press("plus")
        await until(pilot, lambda: "-waiting" in one(pilot).classes)  # the old one is dimmed
        explorer.slow = {}
        await pilot.press("minus", "minus")
        await until(pilot, lambda: one(pilot).count() == 20)
        await compared(pilot)
        await pilot.pause(0.5)
        assert one(pilot).count() == 20  # what came late was for nobody
        await pilot.press("x")
        await until(pilot, lambda: "L11333" in text_of(app.screen.query_one(CompareHead)))
        await compared(pilot)
        assert one(pilot).cursor == 0


async def test_runs_are_chosen_swapped_and_never_compared_with_themselves():
    app = comparing(Rivals(), other="popularity-1")
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await compared(pilot)
        assert text_of(other(pilot)).startswith("popularity-1")  # the one of last time
        await pilot.press("c")
        await until(pilot, lambda: bool(app.screen.query(RunList)))
        runs = app.screen.query_one(RunList)
        assert "it is the run on the other side" in text_of(runs)
        await pilot.press("g", "enter")  # the run in use cannot be chosen
        assert runs.is_attached
        await pilot.press("j", "enter")
        await until(pilot, lambda: text_of(other(pilot)).startswith("ncf-1"))
        await compared(pilot)
        await pilot.press("w")
        await until(pilot, lambda: text_of(one(pilot)).startswith("ncf-1"))
        await compared(pilot)
        assert (app.view.run, app.view.other) == ("ncf-1", "dtnmr-2")
        app.use_run("dtnmr-2")  # as r does: now it would stand on both sides
        await until(pilot, lambda: (app.view.run, app.view.other) == ("dtnmr-2", "ncf-1"))
        await compared(pilot)
        app.use_other("dtnmr-2")  # as another place might ask
        await until(pilot, lambda: len(app._notifications) == 2)
        assert (app.view.run, app.view.other) == ("dtnmr-2", "ncf-1")
        assert all("cannot be compared with itself" in note.message for note in app._notifications)


async def test_songs_lead_on_and_rows_are_copied():
    explorer = Rivals()
    app = comparing(explorer)
    async with app.run_test(size=SIZE) as pilot:
        await compared(pilot)
        await pilot.press("m")
        await until(pilot, lambda: isinstance(app.screen, SimilarDialog))
        await pilot.press("escape")
        for panel, run in (
            (one(pilot), "dtnmr-2"),
            (other(pilot), "ncf-1"),
            (app.screen.query_one(HeldOut), "Held out"),
        ):
            rows = panel.make_rows()  # what Y copies and e exports
            assert rows is not None
            sheet, songs = rows[1](explorer)
            assert rows[0] == f"L00000Xq0Zw+/=-{run}"
            assert sheet.columns[:2] == ("by dtnmr-2", "by ncf-1")
            assert len(sheet.rows) == len(songs) == panel.count()
        await pilot.press("tab", "y")
        assert app.clipboard == "月光河 38 — Polar Kites\ts38"
        await pilot.press("z", "escape", "question_mark", "escape")
        await pilot.press("f5")
        await compared(pilot)


async def test_both_are_evaluated_in_the_background():
    explorer = Rivals(measured=False, slow={"evaluate": 1.2})
    app = comparing(explorer)
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await compared(pilot)
        figures = app.screen.query_one(CompareFigures)
        assert "Press E to evaluate both" in text_of(figures)
        await pilot.press("E")
        await until(pilot, lambda: "1 of 2" in text_of(figures))
        assert "escape stops it" in text_of(figures)
        await pilot.press("j", "escape")  # the lists go on meanwhile
        await until(pilot, lambda: "Press E to evaluate both" in text_of(figures))
        assert "stopped" in next(iter(app._notifications)).message
        time.sleep(1.4)
        assert explorer.asked.count("evaluate") == 1  # the second run was never begun
        explorer.slow, explorer.measured = {}, True
        await pilot.press("E")
        await until(pilot, lambda: "0.1234 ±0.0100" in text_of(figures))
        explorer.failing = frozenset({"evaluate"})
        await pilot.press("E")
        await until(pilot, lambda: "evaluate failed" in text_of(figures) and "E to try again" in text_of(figures))
        explorer.slow, explorer.failing = {"evaluate": 1.2}, frozenset()
        explorer.asked.clear()
        await pilot.press("E")
        await until(pilot, lambda: "evaluate" in explorer.asked)
    time.sleep(1.6)
    assert explorer.asked.count("evaluate") == 1  # quitting does not wait for the second run


@pytest.mark.parametrize("switch", ["failing", "broken"])
async def test_failures_are_told_where_they_matter(switch):
    explorer = Rivals(**{switch: frozenset({"compare"})})
    app = comparing(explorer)
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        told = {"failing": "compare failed: the file [data/x.duckdb]", "broken": "RuntimeError: compare broke [/here]"}
        await until(pilot, lambda: told[switch] in text_of(one(pilot)) and told[switch] in text_of(other(pilot)))
        assert "f5" in text_of(other(pilot))
        explorer.failing = explorer.broken = frozenset()
        await pilot.press("f5")
        await compared(pilot)
        setattr(explorer, switch, frozenset({"explain"}))
        await pilot.press("j")
        await until(pilot, lambda: "explain" in why(pilot, "one") and "f5" in why(pilot, "other"))


async def test_a_run_to_compare_with_that_does_not_load():
    explorer = Rivals(damaged=frozenset({"ncf-1"}))
    app = comparing(explorer)
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await until(pilot, lambda: "ncf-1 [x] is damaged" in text_of(other(pilot)))
        assert "Press c to choose another run" in " ".join(text_of(other(pilot)).split())
        await pilot.press("j", "G", "enter", "m", "a", "w", "E", "Y", "tab", "tab")
        explorer.damaged = frozenset()
        await pilot.press("f5")
        await compared(pilot)
        explorer.damaged = frozenset({"popularity-1"})
        app.use_other("popularity-1")  # what was there stays
        await until(pilot, lambda: app.view.other_problem is not None)
        assert app.view.other == "ncf-1"
        assert not other(pilot).has_notice


async def test_nothing_to_compare():
    app = comparing(StandIn(has_runs=False))
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: "musicrec train dtnmr" in " ".join(text_of(one(pilot)).split()))
        await pilot.press("c", "escape", "w", "E", "x", "f5", "j", "enter")
    lonely = StandIn()
    only = lonely.runs()[:1]
    lonely.runs = lambda: only  # type: ignore[method-assign]
    app = comparing(lonely)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: "no other run" in text_of(other(pilot)))
        assert "musicrec train ncf" in " ".join(text_of(other(pilot)).split())


async def test_no_match_and_nothing_held_out():
    app = comparing(Rivals(held=0))
    async with app.run_test(size=SIZE) as pilot:
        await compared(pilot)
        assert "Nothing of this listener is held out." in text_of(app.screen.query_one(HeldOut))
        app.change(filters=Filters(genre="none such"))
        await until(pilot, lambda: "Press f for other filters." in text_of(one(pilot)))
        assert "nothing to recommend" in text_of(other(pilot))
        await until(pilot, lambda: "no song to explain" in why(pilot, "one"))
        assert "0 of 0" in text_of(app.screen.query_one(CompareHead))
        app.change(filters=Filters())
        await compared(pilot)


async def test_without_a_listener():
    app = comparing(Rivals(listeners=0), listener=None)
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: app.view.other is not None)
        await until(pilot, lambda: "Press x for anyone" in text_of(one(pilot)))
        assert "Nobody is chosen yet." in text_of(app.screen.query_one(CompareHead))
