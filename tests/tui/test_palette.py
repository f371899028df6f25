"""The command palette finds listeners, songs and runs, whatever they are called."""

from __future__ import annotations

import time
from dataclasses import replace

from stand_in import StandIn
from textual.app import App
from textual.command import CommandList, CommandPalette
from textual.pilot import Pilot
from textual.widgets import Input
from waiting import until

from musicrec.core.records import Page, Song
from musicrec.tui.palette import DataProvider

HOSTILE = ("[/foo] [Live]", "夜の[bold red]音楽", "[@click=app.quit]q[/]")


class Finder(StandIn):
    """An explorer whose song search takes words to heart, and its time."""

    def find_songs(self, query: str = "", *args: object, **more: object) -> Page[Song]:
        self._enter("find_songs")
        found = tuple(replace(self._song(number), title=title) for number, title in enumerate(HOSTILE))
        return Page(tuple(song for song in found if query.casefold() in song.label.casefold()), 3)


class Host(App[None]):
    COMMANDS = {DataProvider}  # noqa: RUF012

    def __init__(self, explorer: StandIn | None) -> None:
        super().__init__()
        self.explorer = explorer
        self.went: list[str] = []

    def go_to_listener(self, id: str) -> None:
        self.went.append(id)

    def go_to_song(self, song: Song) -> None:
        self.went.append(song.id)

    def use_run(self, name: str) -> None:
        self.went.append(name)


def hits(app: App[None]) -> list[str]:
    found = app.screen.query_one(CommandList)
    return [str(option.prompt) for option in found.options if not option.disabled]


async def ask(pilot: Pilot[None], query: str) -> None:
    if not isinstance(pilot.app.screen, CommandPalette):
        pilot.app.action_command_palette()
        await pilot.pause()
    pilot.app.screen.query_one(Input).value = query
    await pilot.pause()


async def test_runs_listeners_and_songs_are_found():
    app = Host(Finder(titled=True, titles=HOSTILE))
    async with app.run_test(size=(100, 40)) as pilot:
        await ask(pilot, "")
        await until(pilot, lambda: len(hits(app)) == 3)  # the runs that can be used
        assert hits(app)[0] == "run dtnmr-2  dtnmr · NDCG@10 0.1234"
        await ask(pilot, "[/foo")
        await until(pilot, lambda: hits(app) == ["song [/foo] [Live]  林小雨"])
        await pilot.press("enter")
        await until(pilot, lambda: app.went == ["s0"])
        await ask(pilot, "l0000")
        await until(pilot, lambda: len(hits(app)) == 5)
        assert hits(app)[0].startswith("listener [/foo] [Live] 0  1,003 plays")
        await pilot.press("down", "enter")
        await until(pilot, lambda: app.went == ["s0", "L00001"])
        await ask(pilot, "run NCF")
        await until(pilot, lambda: len(hits(app)) == 1)
        await pilot.press("enter")
        await until(pilot, lambda: app.went[-1] == "ncf-1")


async def test_an_overtaken_search_shows_nothing():
    explorer = Finder(slow={"find_songs": 0.4})
    app = Host(explorer)
    async with app.run_test(size=(100, 40)) as pilot:
        await ask(pilot, "q")
        await until(pilot, lambda: "find_songs" in explorer.asked)
        explorer.slow = {}
        await ask(pilot, "夜")
        await until(pilot, lambda: len(hits(app)) == 1)
        await pilot.pause(0.5)
        assert hits(app) == ["song 夜の[bold red]音楽  The Quiet Rivers"]
        asked = explorer.asked.count("find_songs")
        for letter in "ab":  # faster than the typing must rest: not even asked about
            await ask(pilot, letter)
        await until(pilot, lambda: explorer.asked.count("find_songs") > asked)
        assert explorer.asked.count("find_songs") == asked + 1


async def test_what_cannot_be_answered_is_no_hit():
    app = Host(Finder(failing=frozenset({"find_songs", "find_listeners"})))
    async with app.run_test(size=(100, 40)) as pilot:
        await ask(pilot, "dtnmr")
        await until(pilot, lambda: hits(app) == ["run dtnmr-2  dtnmr · NDCG@10 0.1234"])
        app.explorer = None
        started = time.monotonic()
        await ask(pilot, "ncf")
        await until(pilot, lambda: hits(app) == [])
        assert time.monotonic() - started < 5
