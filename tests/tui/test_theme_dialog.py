"""The screen shows each theme as the cursor comes to it; enter keeps it, escape restores the former one."""

from __future__ import annotations

from textual.app import App, ComposeResult
from textual.theme import Theme
from textual.widgets import Static
from waiting import text_of, until

from musicrec.tui.dialogs.themes import ThemeDialog, ThemeList

HOSTILE = "[/mine] 夜"


class Host(App[None]):
    answers: list[str | None]

    def compose(self) -> ComposeResult:
        yield Static("behind")

    def on_mount(self) -> None:
        self.answers = []
        self.register_theme(Theme(HOSTILE, primary="#336699", dark=True))
        self.theme = "nord"
        self.push_screen(ThemeDialog(), self.answers.append)


async def test_themes_are_previewed_and_kept_or_not():
    app = Host()
    async with app.run_test(size=(60, 20)) as pilot:
        themes = app.screen.query_one(ThemeList)
        await until(pilot, lambda: "▸ nord" in text_of(themes))
        assert HOSTILE in "".join(str(themes.row(index, 30)) for index in range(themes.count()))
        background = app.screen_stack[0].styles.background
        await pilot.press("j", "j")
        await until(pilot, lambda: app.theme not in {"nord", "rose-pine"})
        previewed = app.theme
        await until(pilot, lambda: app.screen_stack[0].styles.background != background)
        assert "▸ nord" in text_of(themes)
        await pilot.press("escape")
        await until(pilot, lambda: app.answers == [None])
        assert app.theme == "nord"
        app.push_screen(ThemeDialog(), app.answers.append)
        await pilot.press("j", "j", "enter")
        await until(pilot, lambda: len(app.answers) == 2)
        assert (app.answers[1], app.theme) == (previewed, previewed)
        app.push_screen(ThemeDialog(), app.answers.append)
        await pilot.pause()
        await pilot.press("G", "q")  # before the cursor has rested
        await until(pilot, lambda: len(app.answers) == 3)
        await pilot.pause(0.15)
        assert app.theme == previewed
