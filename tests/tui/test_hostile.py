"""Whatever stands in a record, every line of every panel has its width, and nothing in it steers the terminal."""

from __future__ import annotations

import inspect
import pkgutil
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

from hostile_cases import CASES, IN_DIALOGS, Case
from hostile_data import LONG, NUMBERS, PIECES, TEXTS, Data
from hypothesis import example, given, settings
from hypothesis import strategies as st
from looking import Box, check, check_rows
from textual.app import App, ComposeResult

import musicrec.tui
from musicrec.tui.app import MusicrecApp
from musicrec.tui.compare.shift_list import ComparedList
from musicrec.tui.panel import Panel
from musicrec.tui.places_bar import PlacesBar
from musicrec.tui.row_list import RowList
from musicrec.tui.song_actions import SongActions
from musicrec.tui.virtual_list import VirtualList

ABSTRACT = {Panel, RowList, VirtualList, SongActions, ComparedList}  # what draws nothing of its own
SIZES = ((18, 5), (46, 9), (130, 26))  # cells and lines, with the border


def kinds() -> Iterator[type[Panel]]:
    """Return every kind of panel that there is."""
    for module in pkgutil.walk_packages(musicrec.tui.__path__, "musicrec.tui."):
        try:
            members = vars(import_module(module.name)).values()
        except ModuleNotFoundError as error:
            if (error.name or "").startswith("musicrec"):
                raise
            continue  # an extra that is not installed draws nothing
        yield from (each for each in members if inspect.isclass(each) and issubclass(each, Panel))


def test_no_panel_is_forgotten():
    forgotten = set(kinds()) - set(CASES) - IN_DIALOGS - ABSTRACT
    assert not forgotten, f"these want a case: {sorted(kind.__name__ for kind in forgotten)}"


class Host(App[None]):
    """All panels in all sizes, one over the other."""

    CSS_PATH = Path(inspect.getfile(MusicrecApp)).parent / str(MusicrecApp.CSS_PATH)
    CSS = "Screen { layers: one; } Screen > * { position: absolute; }"

    def compose(self) -> ComposeResult:
        self.cases: list[tuple[Panel, Case]] = []
        self.bars: list[PlacesBar] = []
        for width, height in SIZES:
            for case in CASES.values():
                panel = case.make()
                panel.styles.width, panel.styles.height = width, height
                panel.styles.max_width, panel.styles.max_height = width, height
                self.cases.append((panel, case))
            bar = PlacesBar()
            bar.styles.width, bar.styles.height = width, 1
            self.bars.append(bar)
        for panel, _ in self.cases:
            with Box():
                yield panel
        for bar in self.bars:
            with Box():
                yield bar


async def test_every_panel_draws_whatever_there_is():
    app = Host()
    async with app.run_test(size=(140, 40)) as pilot:
        await pilot.pause()
        assert all(panel.outer_size in SIZES for panel, _ in app.cases)

        @settings(max_examples=100, deadline=None)
        @given(TEXTS, NUMBERS, st.sampled_from(SIZES))
        @example([*PIECES, *LONG], [0.5], None)
        @example(list(LONG), [-1.5, 2.0], SIZES[0])
        @example(["[/]"], [float("nan")], None)
        @example(["\x1b[31m\n"], [float("inf"), float("-inf"), 1e300], None)
        def draw(texts: list[str], numbers: list[float], size: tuple[int, int] | None) -> None:
            data = Data(texts, numbers)
            for panel, case in app.cases:
                if size not in (None, panel.outer_size):
                    continue
                for fill in case.fills:
                    fill(panel, data)
                    check_rows(panel)
                check(panel)
            for bar in app.bars:
                bar.view = data.view()
                check(bar)

        draw()
        await pilot.pause()
