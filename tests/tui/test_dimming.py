"""What is shown is dimmed while a late answer is on its way, and only then."""

from __future__ import annotations

from textual.app import App, ComposeResult
from waiting import until

from musicrec.tui.panel import DIM_AFTER, Panel


class Host(App[None]):
    def compose(self) -> ComposeResult:
        yield Panel()


async def test_only_late_answers_dim_what_is_shown():
    async with Host().run_test() as pilot:
        panel = pilot.app.query_one(Panel)
        panel.wait()
        assert panel.is_waiting
        assert not panel.has_class("-waiting")
        panel.settle()  # in time
        await pilot.pause(DIM_AFTER + 0.2)
        assert not panel.is_waiting
        assert not panel.has_class("-waiting")
        panel.wait()
        await until(pilot, lambda: panel.has_class("-waiting"))
        panel.wait()  # another question while the first one is not answered
        assert panel.has_class("-waiting")
        panel.say("the answer")
        assert not panel.has_class("-waiting")
