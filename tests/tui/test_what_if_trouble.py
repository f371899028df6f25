"""Where there is nothing to edit, or something fails: what is told, and how every key is explained."""

from __future__ import annotations

from dataclasses import replace

from shuffling import Shuffling
from stand_in import StandIn
from waiting import settled, until
from what_if_place import SIZE, app_with, begin, place, text, titles, told

from musicrec.tui.panel import Panel
from musicrec.tui.what_if.draft_card import DraftCard
from musicrec.tui.what_if.draft_playlist import DraftPlaylist
from musicrec.tui.what_if.moves import Moves
from musicrec.tui.what_if.screen import WhatIfScreen
from musicrec.tui.what_if.song_picker import SongPicker
from musicrec.tui.why import Why


async def test_nobody_is_chosen():
    app = app_with(StandIn(), None)
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: app.view.run is not None)
        await until(pilot, lambda: "Nobody" in text(pilot, Moves))
        assert "Press 1 and choose one, or n" in text(pilot, DraftPlaylist)
        assert "Nobody to recommend to yet." in text(pilot, Moves)
        await pilot.press("u", "d", "J", "i", "enter")  # all of these find nothing to do
        place(pilot).add(app.explorer.song("s5"))  # type: ignore[union-attr]
        await told(pilot, "1 added")
        assert "a new listener" in text(pilot, DraftCard)


async def test_no_run_is_needed_to_edit():
    app = app_with(StandIn(has_runs=False))
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: app.view.listener is not None and len(titles(pilot)) > 0)
        assert "There is no run of this dataset yet." in text(pilot, Moves)
        await pilot.press("d")
        await told(pilot, "1 removed")
        assert "There is no run of this dataset yet." in text(pilot, Moves)


async def test_failures_are_told_with_a_way_on():
    explorer = Shuffling()
    app = app_with(explorer)
    async with app.run_test(size=SIZE) as pilot:
        await begin(pilot)
        for failing, key, panel in (("what_if", "d", Moves), ("explain", "d", Why), ("draft", "n", DraftPlaylist)):
            explorer.failing = frozenset({failing})
            await pilot.press(key)
            await until(pilot, lambda panel=panel: "[data/x.duckdb] went" in " ".join(text(pilot, panel).split()))
            assert "f5" in text(pilot, panel)
            explorer.failing = frozenset()
            await pilot.press("f5")
            await until(pilot, lambda panel=panel: "went" not in text(pilot, panel))
        await told(pilot, "a new listener")
        await settled(pilot)
        explorer.failing = frozenset({"find_songs"})
        await pilot.press("slash")
        picker = place(pilot).query_one(SongPicker)
        await until(pilot, lambda: picker.has_notice and "f5" in text(pilot, SongPicker))
        explorer.failing = frozenset()
        await pilot.press("f5")
        await until(pilot, lambda: picker.count() > 0 and not picker.has_notice)


async def test_every_binding_has_an_id_and_a_tooltip_and_panels_explain_themselves():
    app = app_with(StandIn())
    async with app.run_test(size=SIZE) as pilot:
        await begin(pilot)
        for panel in place(pilot).query(Panel):
            assert panel.HELP
            panel.focus()
            await pilot.pause()
            own = [binding for node, binding, _, _ in app.screen.active_bindings.values() if isinstance(node, Panel)]
            assert all(binding.id and binding.tooltip for binding in own)
        commands = {command.title for command in app.get_system_commands(app.screen)}
        assert {"Songs", "Facts", "New", "Drafts", "Run", "Filter"} <= commands


async def test_playlists_have_no_facts_to_edit(monkeypatch):
    card = StandIn().dataset
    monkeypatch.setattr(StandIn, "dataset", property(lambda _: replace(card, format="melon")))
    app = app_with(StandIn(titled=True))
    async with app.run_test(size=SIZE) as pilot:
        await begin(pilot)
        await pilot.press("i")
        assert isinstance(app.screen, WhatIfScreen)
        assert "i facts" not in text(pilot, DraftCard)
