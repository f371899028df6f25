"""What works in every place: filters, copies and files, orders, keys, themes, zoom and help."""

from __future__ import annotations

import json

from stand_in import StandIn
from textual.widgets import Input
from textual.widgets._footer import FooterKey
from waiting import settled, text_of, until
from walking import GENRE, SIZE, at, calm, footer, go, said

from musicrec.core.drafts import UNFILTERED, Filters
from musicrec.core.tabular import Sheet
from musicrec.tui.app import MusicrecApp
from musicrec.tui.compare.ranking import ComparedRanking
from musicrec.tui.dialogs.export import ExportDialog
from musicrec.tui.dialogs.filters import FiltersDialog
from musicrec.tui.dialogs.help import HelpText
from musicrec.tui.dialogs.themes import ThemeDialog
from musicrec.tui.listener_list import ListenerList
from musicrec.tui.panel import Panel
from musicrec.tui.places import PLACES
from musicrec.tui.ranking import Ranking
from musicrec.tui.view import Order
from musicrec.tui.what_if.moves import Moves


async def test_filters_and_lengths_hold_in_all_places():
    async with MusicrecApp(StandIn()).run_test(size=SIZE) as pilot:
        app = pilot.app
        await settled(pilot)
        before = app.screen.query_one(Ranking).count()
        await pilot.press("f")
        await until(pilot, lambda: isinstance(app.screen, FiltersDialog))
        app.screen.query_one("#genre Input", Input).value = GENRE.lower()
        await pilot.press("enter")
        ranking = app.screen_stack[0].query_one(Ranking)
        await until(pilot, lambda: GENRE in text_of(ranking).splitlines()[0])
        await at(pilot, "explore")
        assert 0 < ranking.count() < before
        assert all(GENRE in item.song.genres for item in ranking._items)
        await pilot.press("plus")
        await until(pilot, lambda: app.view.k == 20)
        await go(pilot, "what-if")
        moves = app.screen.query_one(Moves)
        assert GENRE in text_of(moves).splitlines()[0]
        await pilot.press("h")
        await until(pilot, lambda: "heard too" in text_of(moves).splitlines()[0])
        await go(pilot, "compare")
        await until(pilot, lambda: all(side.count() for side in app.screen.query(ComparedRanking)))
        for side in app.screen.query(ComparedRanking):
            assert f"{GENRE} · heard too" in text_of(side).splitlines()[0]
            assert all(GENRE in side.song_at(row).genres for row in range(side.count()))
        await pilot.press("minus", "h")
        await until(pilot, lambda: (app.view.k, app.view.filters) == (10, Filters(GENRE)))
        await pilot.press("f")
        await until(pilot, lambda: isinstance(app.screen, FiltersDialog))
        assert app.screen.query_one("#genre Input", Input).value == GENRE
        await pilot.press("ctrl+r", "enter")
        await until(pilot, lambda: app.view.filters == UNFILTERED)
        await go(pilot, "explore")
        await until(pilot, lambda: ranking.count() == 10)
        assert GENRE not in text_of(ranking).splitlines()[0]


async def test_rows_are_copied_and_written(tmp_path):
    async with MusicrecApp(StandIn()).run_test(size=SIZE, notifications=True) as pilot:
        app = pilot.app
        await settled(pilot)
        ranking = app.screen.query_one(Ranking)
        ranking.focus()
        await pilot.press("j", "y")
        song = ranking.song
        assert app.clipboard.split() == [*song.label.split(), song.id]
        assert song.label in said(pilot)
        await pilot.press("Y")
        await until(pilot, lambda: "10 rows copied" in said(pilot))
        lines = app.clipboard.splitlines()
        assert len([line for line in lines if "\t" in line]) >= 10
        for name in ("list.csv", "list.json", "list.m3u8"):
            await pilot.press("e")
            await until(pilot, lambda: isinstance(app.screen, ExportDialog))
            app.screen.query_one(Input).value = str(tmp_path / name)
            await pilot.press("enter")
            await until(pilot, lambda name=name: f"10 rows written to {tmp_path / name}" in said(pilot))
            assert song.title in (tmp_path / name).read_text("utf-8-sig")
        assert json.loads((tmp_path / "list.json").read_text("utf-8"))
        assert (tmp_path / "list.m3u8").read_text("utf-8").startswith("#EXTM3U")


async def test_what_is_written_meanwhile_is_told_and_is_what_was_asked_for(tmp_path):
    explorer = StandIn(listeners=500)
    (tmp_path / "folder.csv").mkdir()
    async with MusicrecApp(explorer).run_test(size=SIZE, notifications=True) as pilot:
        await settled(pilot)
        listeners, questions = pilot.app.screen.query_one(ListenerList), pilot.app.screen.questions
        explorer.slow = {"find_listeners": 0.4}
        _, make = listeners.make_rows()
        for file in ("one.csv", "other.csv"):
            questions.export(make, tmp_path / file, replace=False)
        questions.export(make, tmp_path / "folder.csv", replace=True)
        listeners.search("L0001")
        await until(pilot, lambda: listeners.count() == 10)
        await pilot.press("Y")
        await until(pilot, lambda: "10 rows copied" in said(pilot))
        assert len(make(explorer)[0].rows) == 500
        for file in ("one.csv", "other.csv"):
            await until(pilot, lambda file=file: f"500 rows written to {tmp_path / file}" in said(pilot))
        await until(pilot, lambda: "folder" in said(pilot))


async def test_a_spreadsheet_finds_no_formula_in_what_is_exported(tmp_path):
    sheet = Sheet("Songs", ("title", "difference"), (("=1+1", -1.5), ("-M-", 2.0), ("夜", 3.0)))
    async with MusicrecApp(StandIn()).run_test(size=SIZE, notifications=True) as pilot:
        await settled(pilot)
        for name in ("list.csv", "list.json"):
            pilot.app.screen.questions.export(lambda explorer: (sheet, ()), tmp_path / name, replace=False)
            await until(pilot, lambda name=name: str(tmp_path / name) in said(pilot))
    assert (tmp_path / "list.csv").read_text().splitlines()[1:] == ["'=1+1,-1.5", "'-M-,2.0", "夜,3.0"]
    assert [each["title"] for each in json.loads((tmp_path / "list.json").read_text())] == ["=1+1", "-M-", "夜"]


async def test_the_list_of_listeners_is_sorted_by_keys_and_clicks():
    async with MusicrecApp(StandIn()).run_test(size=SIZE) as pilot:
        await settled(pilot)
        listeners = pilot.app.screen.query_one(ListenerList)
        await pilot.press("o")
        await until(pilot, lambda: listeners.order == Order("id") and "by id" in text_of(listeners))
        await pilot.press("O")
        await until(pilot, lambda: listeners.order == Order("id", True))
        age = listeners.render_line(0).text.index("age")
        for order in (Order("age"), Order("age", True)):
            await pilot.click(listeners, offset=(age + 2, 1))
            await until(pilot, lambda order=order: listeners.order == order)
        await until(pilot, lambda: calm(pilot))
        await go(pilot, "runs")
        await go(pilot, "explore")
        assert listeners.order == pilot.app.view.listener_order == Order("age", True)
        assert pilot.app.view.song_order == Order()


async def test_themes_keys_and_the_footer():
    app = MusicrecApp(StandIn())
    app.set_keymap({"place.filters": "f6"})
    async with app.run_test(size=SIZE) as pilot:
        await settled(pilot)
        assert "Sort" in footer(pilot)
        app.screen.query_one(Ranking).focus()
        await until(pilot, lambda: "Similar" in footer(pilot) and "Sort" not in footer(pilot))
        await pilot.press("slash")
        await until(pilot, lambda: "To the list" in footer(pilot) and "Filter" not in footer(pilot))
        await pilot.press("escape", "f")
        await pilot.pause(0.1)
        assert not isinstance(app.screen, FiltersDialog)
        await pilot.press("f6")
        await until(pilot, lambda: isinstance(app.screen, FiltersDialog))
        await pilot.press("escape", "t")
        await until(pilot, lambda: isinstance(app.screen, ThemeDialog))
        former = app.theme
        await pilot.press("j", "j")
        await until(pilot, lambda: app.theme != former)
        await pilot.press("escape")
        await until(pilot, lambda: app.theme == former)


async def test_every_panel_of_every_place_explains_itself_and_can_be_zoomed():
    async with MusicrecApp(StandIn()).run_test(size=SIZE) as pilot:
        app = pilot.app
        await settled(pilot)
        for place in PLACES:
            await go(pilot, place)
            screen = app.screen
            panels = [each for each in screen.focus_chain if isinstance(each, Panel)]
            assert len(panels) >= 4, place
            for widget in screen.focus_chain:
                assert getattr(widget, "HELP", ""), f"{widget} of {place} does not explain itself"
                assert getattr(widget, "TITLE", ""), f"{widget} of {place} has no name"
            panels[-1].focus()
            await pilot.press("z")
            await until(pilot, lambda last=panels[-1]: last.size.width > SIZE[0] - 8)
            assert screen.maximized is panels[-1]
            await pilot.press("z")
            assert screen.maximized is None
            await pilot.press("question_mark")
            await until(pilot, lambda: bool(app.screen.query(HelpText)))
            shown = " ".join(text_of(app.screen.query_one(HelpText)).split())
            assert screen.focused.HELP[:30] in shown
            await pilot.press("escape")
        assert footer(pilot)


async def test_every_place_has_room_for_its_keys_at_80_columns():
    async with MusicrecApp(StandIn()).run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        for place in PLACES:
            await go(pilot, place)
            await until(pilot, lambda: "Quit" in footer(pilot))
            quits = next(key for key in pilot.app.screen.query(FooterKey) if key.description == "Quit")
            assert quits.region.right <= 80, place
            assert quits.region.width >= len("q Quit"), place
