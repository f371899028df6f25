"""Filters are asked for in a form that completes, lists, and says what is wrong under the field."""

from __future__ import annotations

import pytest
from textual.app import App
from textual.pilot import Pilot
from textual.widgets import Input, Static

from musicrec.core.drafts import UNFILTERED, Filters
from musicrec.tui.dialogs.filters import FiltersDialog, Tick
from musicrec.tui.dialogs.name_field import NameField, NameList

GENRES = (
    ("Indie folk", 1200),
    ("[/foo] Jazz", 900),
    ("발라드", 60),
    ("J-pop [Live]", 50),
    ("夜の音楽", 40),
    ("Jazz", 2),
)
LANGUAGES = (("Chinese", 300), ("[bold red]Korean[/]", 20))


class Host(App[None]):
    def __init__(self, filters: Filters = UNFILTERED, k: int = 10) -> None:
        super().__init__()
        self.answers: list[tuple[Filters, int] | None] = []
        self._dialog = FiltersDialog(filters, k, GENRES, LANGUAGES)

    def on_mount(self) -> None:
        self.push_screen(self._dialog, self.answers.append)


async def fill(pilot: Pilot[None], **texts: str) -> None:
    for name, text in texts.items():
        pilot.app.screen.query_one(f"#{name.replace('_', '-')} Input", Input).value = text
    await pilot.pause()


def listed(app: App[None], field: str) -> list[str]:
    names = app.screen.query_one(f"#{field} NameList", NameList)
    return [str(option.prompt) for option in names.options] if names.display else []


def problem(app: App[None], field: str) -> str:
    told = app.screen.query_one(f"#{field} .problem", Static)
    return str(told.content) if told.display else ""


async def test_names_are_listed_completed_and_taken():
    app = Host()
    async with app.run_test(size=(60, 20)) as pilot:
        await pilot.pause()
        assert listed(app, "genre") == [f"{name}  {count:,}" for name, count in GENRES]
        assert listed(app, "language") == []  # only under the field that has the focus
        await pilot.press("j")
        await pilot.pause()
        assert listed(app, "genre") == ["J-pop [Live]  50", "Jazz  2", "[/foo] Jazz  900"]
        await pilot.press("down", "down", "down", "up", "up", "enter")
        genre = app.screen.query_one("#genre", NameField)
        assert genre.text == "J-pop [Live]"
        await pilot.press("tab", "c", "right")  # the right arrow takes the completion
        assert app.screen.query_one("#language", NameField).text == "chinese"
        await pilot.press("backspace", "backspace", "backspace", *"ESE", "enter")
        await pilot.pause()
        assert app.answers == [(Filters("J-pop [Live]", "Chinese"), 10)]


@pytest.mark.parametrize("size", [(60, 20), (200, 50)])
async def test_names_can_be_clicked(size):
    app = Host()
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        await pilot.click("#genre NameList", offset=(3, 1))
        await pilot.click("#apply")
        await pilot.pause()
        assert app.answers == [(Filters("[/foo] Jazz"), 10)]


async def test_what_is_wrong_is_told_under_its_field():
    app = Host()
    async with app.run_test(size=(60, 20)) as pilot:
        await pilot.pause()
        await fill(pilot, genre="[bold]jazy[/]", language="korean[", first_year="99", length="0")
        await pilot.press("enter")
        assert problem(app, "genre") == "no genre is called [bold]jazy[/]; near: [/foo] Jazz"
        assert app.focused is app.screen.query_one("#genre Input")
        await fill(pilot, genre="", language="korean")
        assert problem(app, "genre") == ""
        await pilot.press("enter")
        assert problem(app, "language") == "no language is called korean; near: [bold red]Korean[/]"
        await fill(pilot, language="")
        await pilot.press("enter")
        assert problem(app, "first-year") == "a whole number from 1000 to 2999"
        await fill(pilot, first_year="2001", last_year="1999")
        await pilot.press("enter")
        assert problem(app, "last-year") == "before 2001, where the years begin"
        await fill(pilot, last_year="2001")
        await pilot.press("enter")
        assert problem(app, "length") == "a whole number from 1 to 200"
        await fill(pilot, length="200")
        await fill(pilot, last_year="2001", per_artist="2")
        await pilot.press("enter")
        await pilot.pause()
        assert app.answers == [(Filters(first_year=2001, last_year=2001, per_artist=2), 200)]


async def test_everything_can_be_cleared_or_left():
    asked = Filters("夜の音楽", "Chinese", 1990, 1999, True, 3)
    app = Host(asked, 33)
    async with app.run_test(size=(60, 20)) as pilot:
        await pilot.pause()
        await pilot.press("enter")
        await pilot.pause()
        assert app.answers.pop() == (asked, 33)
        app.push_screen(FiltersDialog(asked, 33, GENRES, LANGUAGES), app.answers.append)
        await pilot.pause()
        await pilot.press("ctrl+r", "shift+tab", "shift+tab", "shift+tab", "shift+tab")
        assert isinstance(app.focused, Tick)
        await pilot.press("space", "enter")
        await pilot.pause()
        assert app.answers.pop() == (Filters(include_heard=True), 33)
        app.push_screen(FiltersDialog(asked, 33, (), ()), app.answers.append)
        await pilot.pause()
        await pilot.press("ctrl+r", "escape")
        await pilot.pause()
        assert app.answers == [None]
