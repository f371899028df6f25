"""What is typed or pasted into a field cannot turn the line round it."""

from __future__ import annotations

import pytest
from looking import steers
from stand_in import StandIn
from textual.app import App
from textual.events import Paste
from textual.screen import ModalScreen
from textual.widgets import Input
from waiting import settled, until
from walking import SIZE, go

from musicrec.tui.app import MusicrecApp
from musicrec.tui.dialogs.field import Field
from musicrec.tui.plain_input import PlainInput
from musicrec.tui.search_box import SearchBox

STEERING = "a\u202eb\u2066c\u200fd\x1b[31me\x9bf\u200bg\x07h\u2028i\ufeffj"


class Fields(App[None]):
    def compose(self):
        yield PlainInput(STEERING, id="set")
        yield SearchBox(id="typed")
        yield Field("City", STEERING, id="field")


async def test_no_field_draws_what_steers():
    app = Fields()
    async with app.run_test(size=(60, 12)) as pilot:
        box = app.query_one("#typed", SearchBox)
        box.focus()
        await pilot.pause()
        box.post_message(Paste(STEERING.replace("\u2028", "")))  # of a paste the first line counts
        await pilot.pause()
        await pilot.press("k")
        for field in app.query(Input):
            assert field.value.startswith("abcd[31mefghij"), field.value
            drawn = "".join(segment.text for segment in field.render_line(0))
            assert "abcd[31mefghij" in drawn or field.size.width < 14
        assert box.value.endswith("k")


async def test_nor_does_any_field_of_any_place_or_dialog():
    seen = set()
    async with MusicrecApp(StandIn()).run_test(size=SIZE) as pilot:
        await settled(pilot)
        for place, keys in {
            "explore": ("f", "e", "ctrl+p", ""),  # what the search then holds nobody has
            "what-if": ("i", "D", ""),
            "compare": ("r", ""),
            "songs": ("t", ""),
            "runs": ("n", ""),
        }.items():
            await go(pilot, place)
            for key in keys:
                if key:
                    await pilot.press(key)
                    await until(pilot, lambda: isinstance(pilot.app.screen, ModalScreen))
                screen = pilot.app.screen
                for field in screen.query(Input):
                    field.value = STEERING
                    seen.add(f"{type(screen).__name__} {type(field).__name__}")
                    drawn = "".join(segment.text for segment in field.render_line(0))
                    assert field.value == "abcd[31mefghij", f"{field} of {screen}"
                    assert not steers(drawn), f"{field} of {screen}"
                if key:
                    await pilot.press("escape")
                    await until(pilot, lambda: not isinstance(pilot.app.screen, ModalScreen))
    assert len(seen) == 9, seen


@pytest.mark.parametrize("text", ["शारव", "👩\u200d👧", "夜曲 Nocturne", "e\u0301", "a  b"])
async def test_other_text_stays(text):
    app = Fields()
    async with app.run_test():
        app.query_one("#set", PlainInput).value = text
        assert app.query_one("#set", PlainInput).value == text
