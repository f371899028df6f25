"""What is typed or pasted into a field cannot turn the line round it."""

from __future__ import annotations

import pytest
from textual.app import App
from textual.events import Paste
from textual.widgets import Input

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


@pytest.mark.parametrize("text", ["शारव", "👩\u200d👧", "夜曲 Nocturne", "e\u0301", "a  b"])
async def test_other_text_stays(text):
    app = Fields()
    async with app.run_test():
        app.query_one("#set", PlainInput).value = text
        assert app.query_one("#set", PlainInput).value == text
