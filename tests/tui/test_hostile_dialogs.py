"""Dialogs, the welcome and the palette draw whatever stands in a record."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from hostile_cases import IN_DIALOGS
from hostile_data import LONG, NUMBERS, PIECES, TEXTS, Data
from hypothesis import given, settings
from looking import check_rows, look_at, steers
from stand_in import StandIn
from textual.app import App
from textual.screen import Screen
from textual.theme import Theme

from musicrec.core.drafts import Draft
from musicrec.tui.app import MusicrecApp
from musicrec.tui.cells import tame
from musicrec.tui.dialogs.export import ExportDialog, file_name
from musicrec.tui.dialogs.filters import FiltersDialog
from musicrec.tui.dialogs.help import HelpDialog
from musicrec.tui.dialogs.runs import RunsDialog
from musicrec.tui.dialogs.similar import SimilarDialog
from musicrec.tui.dialogs.themes import ThemeDialog
from musicrec.tui.palette import _listener_line, _run_line, _song_line
from musicrec.tui.panel import Panel
from musicrec.tui.runs.train_dialog import TrainDialog
from musicrec.tui.runs.training import Order as TrainingOrder
from musicrec.tui.welcome import WelcomeScreen
from musicrec.tui.what_if.drafts_dialog import DraftsDialog
from musicrec.tui.what_if.facts_dialog import FactsDialog

SIZES = ((60, 20), (100, 40), (200, 50))
HOSTILE = [*(piece for piece in PIECES if piece.strip()), *LONG]


class Host(App[None]):
    """Something for dialogs to stand over, with themes of all names."""

    CSS_PATH = Path(inspect.getfile(MusicrecApp)).parent / str(MusicrecApp.CSS_PATH)

    def on_mount(self) -> None:
        for name in HOSTILE:
            self.register_theme(Theme(name, primary="#804020"))


def dialogs(data: Data) -> Iterator[Screen[Any]]:
    """Make each dialog of `data`."""
    names = tuple((text, 3) for text in data.several(20))
    order = TrainingOrder("dtnmr", "quick", data.text, {"epochs": data.text})
    yield FiltersDialog(replace(data.filters(), genre="[/foo]", language="[夜]"), 10, names, names)
    yield ExportDialog(file_name(*data.several(3), suffix=".csv"), ("csv", "json"))
    yield FactsDialog(Draft(data.listener(), data.plays()))
    yield DraftsDialog((data.edits(), data.edits()), data.text)
    yield RunsDialog(data.cards(), data.text)
    yield SimilarDialog(StandIn(titles=tuple(PIECES)), data.song(), data.text)
    yield TrainDialog((), order)
    yield HelpDialog(data.text, data.text, [data.several() for _ in range(9)])
    yield ThemeDialog()
    yield WelcomeScreen("".join(data.several(9)))


async def test_every_dialog_draws_whatever_there_is():
    seen: set[type[Panel]] = set()
    for turn, size in enumerate(SIZES):
        texts = HOSTILE[turn * 7 :] + HOSTILE[: turn * 7]  # other texts in other fields
        async with Host().run_test(size=size) as pilot:
            for screen in dialogs(Data(texts, [0.5, float("nan"), -1e300])):
                pilot.app.push_screen(screen)
                await pilot.pause(0.1)
                look_at(screen, screen._compositor.render_strips(), size[0])
                for panel in screen.query(Panel):
                    check_rows(panel)
                    seen.add(type(panel))
                pilot.app.pop_screen()
                await pilot.pause()
    assert seen >= IN_DIALOGS


@settings(max_examples=100, deadline=None)
@given(TEXTS, NUMBERS)
def test_the_palette_parses_nothing(texts: list[str], numbers: list[float]):
    data = Data(texts, numbers)
    song = data.song()
    for line in (_run_line(data.card()), _listener_line(data.listener()), _song_line(song)):
        assert not steers(line.plain)
    assert tame(song.title or f"#{song.id}") in _song_line(song).plain
