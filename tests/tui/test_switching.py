"""Switching between runs: the last choice counts, what was trained further is read again, and nothing is kept."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import pytest
from stand_in import StandIn
from waiting import settled, text_of, until
from walking import SIZE, calm, go

from musicrec.core.drafts import UNFILTERED, Draft, Filters
from musicrec.core.records import Recommendations, RunCard
from musicrec.tui.app import MusicrecApp
from musicrec.tui.dialogs.runs import RunList, RunsDialog
from musicrec.tui.ranking import Ranking


@dataclass
class Keeping(StandIn):
    """Tells no steps of a run that is loaded already; `epochs` more passes change all runs, and their first songs."""

    epochs: int = 0
    held: dict[str, int] = field(default_factory=dict)

    def runs(self) -> tuple[RunCard, ...]:
        return tuple(replace(card, epochs=card.epochs + self.epochs) for card in super().runs())

    def load(self, run: str | None = None, progress: Callable[[str], None] | None = None) -> str:
        assert run is not None
        name = super().load(run, progress if self.held.get(run) != self.epochs else None)
        self.held[name] = self.epochs
        return name

    def recommend(
        self, who: str | Draft, run: str | None = None, k: int = 10, filters: Filters = UNFILTERED
    ) -> Recommendations:
        found = super().recommend(who, run, k, filters)
        return replace(found, milliseconds=1000.0 + self.held.get(run or "", 0))


async def test_the_last_choice_of_a_run_counts():
    explorer = Keeping()
    async with MusicrecApp(explorer).run_test(size=SIZE) as pilot:
        app = pilot.app
        await settled(pilot)
        for use, name in ((app.use_run, "run"), (app.use_other, "other")):
            use("popularity-1")
            await until(pilot, lambda name=name: getattr(app.view, name) == "popularity-1" and calm(pilot))
            explorer.slow = {"load": 0.2}
            use("ncf-1")
            use("popularity-1")
            explorer.slow = {}
            await pilot.pause(0.7)
            assert getattr(app.view, name) == "popularity-1"
            assert app.view.loading is app.view.other_loading is None
            await until(pilot, lambda: calm(pilot))


@pytest.mark.parametrize("way", ["f5", "r", "l"])
async def test_a_run_that_was_trained_further_answers_anew(way: str):
    explorer = Keeping()
    async with MusicrecApp(explorer).run_test(size=SIZE) as pilot:
        await settled(pilot)
        assert "1000 ms" in text_of(pilot.app.screen.query_one(Ranking))
        explorer.epochs = 7
        if way == "f5":
            await pilot.press("f5")
        elif way == "r":
            await pilot.press("r")
            await until(pilot, lambda: bool(pilot.app.screen.query(RunList)))
            await pilot.press("enter")
        else:
            await go(pilot, "runs")
            await pilot.press("l")
            await until(pilot, lambda: explorer.held["dtnmr-2"] == 7)
            await go(pilot, "explore")
        await until(pilot, lambda: "1007 ms" in text_of(pilot.app.screen.query_one(Ranking)))
        await until(pilot, lambda: calm(pilot))


async def test_dialogs_are_let_go_though_runs_are_switched(monkeypatch: pytest.MonkeyPatch):
    alive: weakref.WeakSet[RunsDialog] = weakref.WeakSet()
    begin = RunsDialog.__init__

    def noted(self: RunsDialog, *args: object) -> None:
        begin(self, *args)  # type: ignore[arg-type]
        alive.add(self)

    monkeypatch.setattr(RunsDialog, "__init__", noted)
    async with MusicrecApp(Keeping()).run_test(size=SIZE) as pilot:
        await settled(pilot)
        for run in ("ncf-1", "dtnmr-2", "ncf-1", "popularity-1", "dtnmr-2", "ncf-1"):
            await pilot.press("r", "g", *["j"] * ["dtnmr-2", "ncf-1", "popularity-1"].index(run), "enter")
            await until(pilot, lambda run=run: pilot.app.view.run == run and calm(pilot))
        await settled(pilot)
        gc.collect()
        assert len(alive) <= 2
