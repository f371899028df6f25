"""Search, runs, lengths, similar songs, help, zoom: what the keys do."""

from __future__ import annotations

from stand_in import StandIn
from waiting import settled, text_of, until

from musicrec.tui.app import MusicrecApp
from musicrec.tui.dialogs.help import HelpDialog, HelpText
from musicrec.tui.dialogs.runs import RunList, RunsDialog
from musicrec.tui.dialogs.similar import SimilarDialog, SimilarList
from musicrec.tui.explore.screen import ExploreScreen
from musicrec.tui.listener_list import ListenerList
from musicrec.tui.ranking import Ranking
from musicrec.tui.search_box import SearchBox

SIZE = (120, 40)


async def test_search_finds_and_escape_comes_back():
    app = MusicrecApp(StandIn())
    async with app.run_test(size=SIZE) as pilot:
        await settled(pilot)
        listeners = app.screen.query_one(ListenerList)
        await pilot.press("slash", *"0042")
        assert isinstance(app.focused, SearchBox)
        await until(pilot, lambda: listeners.count() == 14)
        await until(pilot, lambda: "found" in text_of(listeners))
        assert "L00042" in text_of(listeners)
        await pilot.press(*"zz")
        await until(pilot, lambda: "No listener matches." in text_of(listeners))
        await pilot.press("escape")
        assert app.focused is listeners
        await pilot.press("escape")
        await until(pilot, lambda: listeners.count() == 34_000)


async def test_runs_can_be_switched_but_not_to_unusable_ones():
    app = MusicrecApp(StandIn())
    async with app.run_test(size=SIZE) as pilot:
        await settled(pilot)
        await pilot.press("r")
        assert isinstance(app.screen, RunsDialog)
        runs = app.screen.query_one(RunList)
        assert "0.1234" in text_of(runs)
        await pilot.press("G", "enter")
        assert isinstance(app.screen, RunsDialog)
        assert "trained on another dataset [x]" in text_of(runs)
        await pilot.press("g", "j", "enter")
        ranking = app.screen.query_one(Ranking)
        await until(pilot, lambda: "ncf-1" in (ranking.border_title or ""))


async def test_lengths_heard_songs_and_zoom():
    app = MusicrecApp(StandIn())
    async with app.run_test(size=SIZE) as pilot:
        await settled(pilot)
        ranking = app.screen.query_one(Ranking)
        await pilot.press("plus")
        await until(pilot, lambda: ranking.count() == 20)
        await pilot.press("minus", "minus")
        await until(pilot, lambda: ranking.count() == 5)
        await pilot.press("h")
        await until(pilot, lambda: "heard too" in text_of(ranking))
        await until(pilot, lambda: ranking.row(2, 80)[-1].text.endswith("h"))
        await pilot.press("enter")
        assert app.focused is ranking
        await pilot.press("z")
        assert app.screen.maximized is ranking
        assert ranking.size.width > 110
        await pilot.press("escape")
        assert app.screen.maximized is None


async def test_similar_songs_and_the_way_back():
    app = MusicrecApp(StandIn())
    async with app.run_test(size=SIZE) as pilot:
        await settled(pilot)
        app.screen.query_one(Ranking).focus()
        await pilot.press("m")
        assert isinstance(app.screen, SimilarDialog)
        similar = app.screen.query_one(SimilarList)
        await until(pilot, lambda: similar.count() == 50)
        first = similar.border_title
        await pilot.press("j", "enter")
        await until(pilot, lambda: similar.border_title != first and "backspace" in (similar.border_subtitle or ""))
        await pilot.press("backspace")
        await until(pilot, lambda: similar.border_title == first)
        await pilot.press("escape")
        assert isinstance(app.screen, ExploreScreen)


async def test_help_and_pictures(monkeypatch, tmp_path):
    app = MusicrecApp(StandIn())
    async with app.run_test(size=SIZE) as pilot:
        await settled(pilot)
        app.screen.query_one(Ranking).focus()
        await pilot.press("question_mark")
        await until(pilot, lambda: isinstance(app.screen, HelpDialog))
        text = text_of(app.screen.query_one(HelpText))
        assert "The songs with the highest scores." in text
        assert "Songs that are similar" in text
        await pilot.press("question_mark", "escape")
        await until(pilot, lambda: isinstance(app.screen, ExploreScreen))
        monkeypatch.setattr(app, "deliver_text", lambda text, **_: (tmp_path / "x.svg").write_text(text.read()))
        await pilot.press("s")
        await until(pilot, (tmp_path / "x.svg").exists)
    assert (tmp_path / "x.svg").read_text().startswith("<svg")


async def test_every_binding_has_an_id_and_a_tooltip_and_stands_in_the_palette():
    app = MusicrecApp(StandIn())
    async with app.run_test(size=SIZE) as pilot:
        await settled(pilot)
        own = [
            binding
            for node, binding, _, _ in app.screen.active_bindings.values()
            if type(node).__module__.startswith("musicrec") and binding.action not in {"command_palette", "help_quit"}
        ]
        assert own
        bare = [binding.key for binding in own if not (binding.id and binding.tooltip)]
        assert set(bare) <= {"ctrl+q", "ctrl+c", "super+c", "tab", "shift+tab"}  # Textual's own
        commands = {command.title for command in app.get_system_commands(app.screen)}
        assert {"Search", "Run", "Heard", "Zoom", "Theme", "Help", "Picture", "Quit"} <= commands


async def test_keys_that_lead_out_of_a_zoomed_panel_end_the_zoom():
    app = MusicrecApp(StandIn())
    async with app.run_test(size=SIZE) as pilot:
        await settled(pilot)
        listeners, box = app.screen.query_one(ListenerList), app.screen.query_one(SearchBox)
        for key, there in (("slash", box), ("enter", app.screen.query_one(Ranking))):
            listeners.focus()
            await pilot.press("z")
            assert app.screen.maximized is listeners
            await pilot.press(key)
            await until(pilot, lambda there=there: app.focused is there and app.screen.maximized is None)
            assert there.region.height > 0
