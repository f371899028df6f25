"""The dialog that begins a training: what it asks, and what it tells of a wrong answer."""

from __future__ import annotations

from runs_place import runs_place
from textual.app import App, ComposeResult
from textual.pilot import Pilot
from textual.widgets import Input
from waiting import text_of, until

from musicrec.core.models.configs import MODELS
from musicrec.tui.runs.choice import Choice
from musicrec.tui.runs.parameter_list import ParameterList
from musicrec.tui.runs.screen import RunsScreen
from musicrec.tui.runs.train_dialog import TrainDialog


async def test_the_dialog_tells_what_is_wrong_and_fills_in_parameters():
    async with runs_place(size=(80, 24)) as pilot:
        app = pilot.app
        await pilot.press("n")
        dialog = app.screen
        assert isinstance(dialog, TrainDialog)
        parameters = dialog.query_one(ParameterList)
        assert "Most passes" in text_of(parameters)
        model = dialog.query_one("#train-model", Choice)
        await pilot.press("left")
        assert model.chosen == MODELS[-1]
        assert "›" not in model.render_line(0).text
        await chosen(pilot, model, "popularity")
        assert parameters.count() == 1
        await chosen(pilot, model, "itemknn")
        assert "Cosine similarity" in str(dialog.query_one("#train-box").border_subtitle)
        dialog.query_one("#train-name", Input).value = "itemknn-1"
        await until(pilot, lambda: "exists already" in str(dialog.query_one("#train-told").render()))
        dialog.query_one("#train-name", Input).value = "../x"
        await until(pilot, lambda: "cannot be a name" in str(dialog.query_one("#train-told").render()))
        dialog.query_one("#train-name", Input).value = ""
        parameters.focus()
        await pilot.press("j", "enter")
        await pilot.pause()
        await pilot.press("3")
        words = dialog.query_one("#train-words", Input)
        assert words.value == "shrink=3"
        assert "3" in parameters.row(1, 80)[2].text
        await pilot.press("escape")
        assert isinstance(app.screen, RunsScreen)


async def chosen(pilot: Pilot[None], choice: Choice, name: str) -> None:
    """Click on a name until it is chosen: it may have to come into sight."""
    for _ in range(len(MODELS)):
        if choice.chosen == name:
            return
        line = choice.render_line(0).text
        at = line.find(f" {name} ")
        await pilot.click(choice, offset=(at + 1 if at >= 0 else 2, 0))
    assert choice.chosen == name


async def test_a_choice_shows_that_there_is_more_than_fits():
    class Names(App[None]):
        def compose(self) -> ComposeResult:
            yield Choice(tuple(f"model{n}" for n in range(9)), "model0", id="names")

    async with Names().run_test(size=(30, 3)) as pilot:
        choice = pilot.app.query_one(Choice)
        for place in range(9):
            assert choice.place == place
            line = choice.render_line(0).text
            assert len(line) == 30
            assert f" model{place} " in line
            assert place == 8 or f" model{place + 1} " in line
            assert (line.startswith("‹"), line.endswith("›")) == (place > 1, place < 7)
            await pilot.press("right")
        assert choice.place == 0
