"""The past as it might have been: editing it, undoing that, and what the recommendations make of it."""

from __future__ import annotations

from shuffling import Shuffling
from textual.widgets import Input, Static
from waiting import settled, text_of, until
from what_if_place import SIZE, app_with, begin, place, text, titles, told

from musicrec.core.pages import WhatIf
from musicrec.tui.listener_list import ListenerList
from musicrec.tui.what_if.draft_card import DraftCard
from musicrec.tui.what_if.draft_playlist import DraftPlaylist
from musicrec.tui.what_if.drafts_dialog import DraftList
from musicrec.tui.what_if.facts_dialog import FactsDialog
from musicrec.tui.what_if.gone import Gone
from musicrec.tui.what_if.moves import Moves
from musicrec.tui.what_if.screen import WhatIfScreen


async def test_edits_are_followed_at_once_and_can_be_undone():
    app = app_with(Shuffling())
    async with app.run_test(size=SIZE) as pilot:
        await begin(pilot)
        before = titles(pilot)
        assert "L00000" in text(pilot, DraftCard)
        assert "as they are" in text(pilot, DraftCard)
        assert "= " in text(pilot, Moves)
        assert "No song has left the list." in text(pilot, Gone)
        for _ in range(2):  # faster than messages travel
            place(pilot).query_one(DraftPlaylist).action_remove()
        await told(pilot, "2 edits")
        assert titles(pilot) == before[2:]
        assert "2 removed" in text(pilot, DraftCard)
        moves = text(pilot, Moves)
        assert "▲" in moves
        assert "▼" in moves
        assert " from 1" in moves  # the former rank of a song that was not in the list
        assert "came in" in moves
        assert "▼1" in text(pilot, Gone)
        await pilot.press("u", "u")
        await told(pilot, "as they are")
        assert titles(pilot) == before
        assert "▲" not in text(pilot, Moves)
        await pilot.press("u")  # nothing left to undo
        await pilot.press("U", "ctrl+y")
        await told(pilot, "2 edits")
        await pilot.press("R")
        await told(pilot, "as they are")
        await pilot.press("u")
        await told(pilot, "2 edits")


async def test_plays_are_moved_and_windows_are_marked():
    app = app_with(Shuffling())
    async with app.run_test(size=SIZE) as pilot:
        await begin(pilot)
        playlist = place(pilot).query_one(DraftPlaylist)
        first, second, third, *_ = titles(pilot)
        await pilot.press("J", "shift+down")
        await told(pilot, "1 moved")
        assert titles(pilot)[:3] == [second, third, first]
        assert playlist.cursor == 2
        assert [cell.text for cell in playlist.row(2, 60)][2] == "↕"
        assert [cell.text for cell in playlist.row(0, 60)][2] == " "
        await pilot.press("K", "shift+up", "K")  # one more than there is room
        await told(pilot, "as they are")
        assert titles(pilot)[:3] == [first, second, third]
        assert playlist.cursor == 0
        assert "10 short" in text(pilot, DraftPlaylist)
        assert [playlist.row(index, 60)[0].text for index in (0, 9, 10, 19, 20)] == ["▌", "▌", "▏", "▏", " "]
        await pilot.press("plus")
        await until(pilot, lambda: place(pilot).query_one(Moves).count() == 20)
        app.use_run("ncf-1")
        await until(pilot, lambda: "ncf-1" in text(pilot, Moves))
        assert "short" not in text(pilot, DraftPlaylist)
        assert playlist.row(0, 60)[0].text == " "  # no windows: the first column is that of the marks


async def test_a_new_listener_is_built_from_nothing_and_left_again():
    app = app_with(Shuffling())
    async with app.run_test(size=SIZE) as pilot:
        await begin(pilot)
        await pilot.press("n")
        await told(pilot, "nothing known yet")
        assert "a new listener" in text(pilot, DraftCard)
        assert "Press / to search for songs" in text(pilot, DraftPlaylist)
        place(pilot).query_one(Moves).focus()
        await pilot.press("a")
        await told(pilot, "1 play")
        await until(pilot, lambda: place(pilot).query_one(Moves).count() == 10)
        await pilot.press("escape")
        await told(pilot, "L00000")
        assert len(titles(pilot)) > 50
        await pilot.press("D")
        await until(pilot, lambda: app.screen.query_one(DraftList).count() == 1)
        assert "a new listener" in text_of(app.screen.query_one(DraftList))
        await pilot.press("enter")
        await told(pilot, "a new listener")
        assert len(titles(pilot)) == 1


async def test_edits_are_kept_for_every_listener():
    app = app_with(Shuffling())
    async with app.run_test(size=SIZE) as pilot:
        await begin(pilot)
        await pilot.press("d")
        await told(pilot, "1 edit")
        await pilot.press("1")
        await until(pilot, lambda: app.focused is not None and isinstance(app.focused, ListenerList))
        await pilot.press("j")
        await settled(pilot)
        await pilot.press("2")
        await told(pilot, "L00001")
        assert "as they are" in text(pilot, DraftCard)
        await pilot.press("d", "d")
        await told(pilot, "2 edits")
        await pilot.press("D")
        await until(pilot, lambda: app.screen.query_one(DraftList).count() == 2)
        await pilot.press("G", "enter")
        await told(pilot, "L00000")
        assert "1 edit " in text(pilot, DraftCard)
        await pilot.press("u")
        await told(pilot, "as they are")


async def test_facts_are_edited_and_wrong_ones_told():
    app = app_with(Shuffling(), "L00001")
    async with app.run_test(size=SIZE) as pilot:
        await begin(pilot)
        await pilot.press("i")
        assert isinstance(app.screen, FactsDialog)
        age = app.screen.query_one("#age", Input)
        assert (age.value, app.screen.query_one("#city", Input).value) == ("28", "2")
        for wrong in ("2", "x9"):
            age.value = wrong
            await pilot.press("enter")
            problem = str(app.screen.query_one("#facts-problem", Static).content)
            assert "100" in problem
        age.value = "45"
        await pilot.press("tab", "right", "enter", "ctrl+s")
        await told(pilot, "age 28 → 45")
        assert "→ female" in text(pilot, DraftCard)
        await pilot.press("u")
        await told(pilot, "as they are")
        await pilot.press("i", "escape")
        assert isinstance(app.screen, WhatIfScreen)


async def test_only_the_latest_edit_is_answered(monkeypatch):
    shown: list[int] = []
    show = Moves.show

    def record(self: Moves, answer: WhatIf, filters: object) -> None:
        shown.append(len(answer.draft.plays))
        show(self, answer, filters)  # type: ignore[arg-type]

    monkeypatch.setattr(Moves, "show", record)
    explorer = Shuffling()
    app = app_with(explorer)
    async with app.run_test(size=SIZE) as pilot:
        await begin(pilot)
        full = shown[-1]
        explorer.slow = {"what_if": 1.2}
        await pilot.press("d")
        await until(pilot, lambda: place(pilot).query_one(Moves).has_class("-waiting"))
        await pilot.press("d")
        await until(pilot, lambda: len(shown) > 1)
        await pilot.pause(1.5)
        assert shown == [full, full - 2]


async def test_asking_again_leaves_the_cursor_on_its_play():
    app = app_with(Shuffling())
    async with app.run_test(size=SIZE) as pilot:
        await begin(pilot)
        playlist = place(pilot).query_one(DraftPlaylist)
        await pilot.press("j", "j", "j", "f5")
        await pilot.pause()
        assert playlist.cursor == 3
