"""The past as it might have been: editing it, undoing that, and what the recommendations make of it."""

from __future__ import annotations

from dataclasses import replace

from shuffling import Shuffling
from stand_in import StandIn
from textual.pilot import Pilot
from textual.widgets import Input, Static
from waiting import settled, text_of, until

from musicrec.core.pages import WhatIf
from musicrec.tui.app import MusicrecApp
from musicrec.tui.kept import Bookmark
from musicrec.tui.listener_list import ListenerList
from musicrec.tui.panel import Panel
from musicrec.tui.ranking import Ranking
from musicrec.tui.what_if.draft_card import DraftCard
from musicrec.tui.what_if.draft_playlist import DraftPlaylist
from musicrec.tui.what_if.drafts_dialog import DraftList
from musicrec.tui.what_if.facts_dialog import FactsDialog
from musicrec.tui.what_if.gone import Gone
from musicrec.tui.what_if.moves import Moves
from musicrec.tui.what_if.screen import WhatIfScreen
from musicrec.tui.what_if.song_picker import SongPicker
from musicrec.tui.what_if.song_search import SongSearch
from musicrec.tui.why import Why

SIZE = (120, 40)


def place(pilot: Pilot[None]) -> WhatIfScreen:
    screen = pilot.app.screen
    assert isinstance(screen, WhatIfScreen)
    return screen


def titles(pilot: Pilot[None]) -> list[str]:
    """Return the titles of the playlist, the latest play first."""
    playlist = place(pilot).query_one(DraftPlaylist)
    return [song.label for index in range(playlist.count()) if (song := playlist.song_at(index)) is not None]


def text(pilot: Pilot[None], kind: type[Panel]) -> str:
    return text_of(place(pilot).query_one(kind))


def app_with(explorer: StandIn, listener: str | None = "L00000") -> MusicrecApp:
    """Return an app that begins at the place."""
    return MusicrecApp(explorer, bookmark=Bookmark(place="what-if", listener=listener))


async def begin(pilot: Pilot[None]) -> None:
    """Wait until there is someone to edit."""
    app = pilot.app
    await until(pilot, lambda: isinstance(app.screen, WhatIfScreen) and app.screen.query_one(DraftPlaylist).count() > 0)
    await settled(pilot)


async def told(pilot: Pilot[None], words: str) -> None:
    """Wait until the card says `words`, and everything has followed."""
    await until(pilot, lambda: words in text(pilot, DraftCard))
    await until(pilot, lambda: not any(panel.is_waiting for panel in place(pilot).query(Panel)))


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
