"""A run that is damaged and a dataset that goes under an open screen, in each place: told there, with a way on."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from waiting import text_of, until
from worlds import World

from musicrec.core.explorer import Explorer
from musicrec.core.models.configs import config_for
from musicrec.core.places import Places
from musicrec.core.training import train
from musicrec.tui.app import MusicrecApp
from musicrec.tui.kept import Bookmark
from musicrec.tui.panel import Panel
from musicrec.tui.places import PLACES

SIZE = (140, 44)


@pytest.fixture(scope="module")
def trained(kkbox_world: World, tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("trouble")
    for model, name in (("popularity", "crowd"), ("itemknn", "near")):
        train(kkbox_world.data, model, config_for(model), Places(root, root), name, "cpu")
    return root


@pytest.fixture
def explorer(trained: Path, kkbox_world: World, tmp_path: Path) -> Iterator[Explorer]:
    """A dataset and its two runs, in folders of their own."""
    places = Places(tmp_path / "data", tmp_path / "runs")
    shutil.copytree(kkbox_world.places.data, places.data)
    shutil.copytree(trained, places.checkpoints)
    explorer = Explorer.open(places, kkbox_world.name)
    yield explorer
    explorer.close()


def _words(app: MusicrecApp) -> str:
    shown = " ".join(text_of(panel) for panel in app.screen.query(Panel) if panel.size.width)
    return " ".join(shown.replace("│", " ").split())


@pytest.mark.parametrize("place", PLACES)
async def test_a_damaged_run_is_told_and_another_one_chosen(place: str, explorer: Explorer) -> None:
    weights = explorer.places.run("near") / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-7])
    app = MusicrecApp(explorer, bookmark=Bookmark(place=place), run="near")
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await until(pilot, lambda: "is damaged" in _words(app))
        assert any(way in _words(app) for way in ("Press r", "f5", "l loads"))
        await pilot.press("r")
        await pilot.pause()
        app.screen.query_one("#run-list", Panel).focus()
        await pilot.press("j" if app.view.runs and app.view.runs[0].name == "near" else "g", "enter")
        await until(pilot, lambda: app.view.run == "crowd" and app.view.problem is None)
        if place != "compare":  # where the damaged run is taken for the other side, and told there
            await until(pilot, lambda: "is damaged" not in _words(app))
    assert app._exception is None


@pytest.mark.parametrize("place", PLACES)
async def test_a_dataset_that_goes_is_told_and_read_again(place: str, explorer: Explorer) -> None:
    file = explorer.catalogue.path
    whole, who = file.read_bytes(), explorer.find_listeners().items[0].id
    os.truncate(file, 24_576)
    app = MusicrecApp(explorer, bookmark=Bookmark(place=place), listener=who, run="near")
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await until(pilot, lambda: "cannot be read" in _words(app))
        assert "f5" in _words(app)
        await pilot.press("j", "G", "tab", "enter", "escape", "f5")
        await until(pilot, lambda: "cannot be read" in _words(app))
        with file.open("r+b") as again:
            again.write(whole)
        await pilot.press("f5")
        await until(pilot, lambda: app.view.run == "near" and "cannot be read" not in _words(app))
        assert any(panel.count() > 3 for panel in app.screen.query(Panel))
    assert app._exception is None
