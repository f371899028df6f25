"""Several at once, in processes of their own: nobody crashes, waits for ever, or reads a mixture."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from worlds import make_sample

from musicrec.core.drafts import Filters
from musicrec.core.errors import MusicrecError
from musicrec.core.explorer import Explorer
from musicrec.core.models.configs import config_for
from musicrec.core.places import Places
from musicrec.core.runs import list_runs, read_card
from musicrec.core.tables.catalogue import open_catalogue
from musicrec.core.training import train
from musicrec.tui.app import MusicrecApp
from musicrec.tui.listener_list import ListenerList
from musicrec.tui.panel import Panel
from musicrec.tui.ranking import Ranking
from musicrec.tui.runs.screen import RunsScreen
from musicrec.tui.runs.table import RunTable

sys.path.insert(0, str(Path(__file__).parents[1] / "tui"))
from waiting import settled, text_of, until

PATIENCE = 120.0  # seconds for a process that imports torch, beside others


@dataclass(frozen=True)
class Scene:
    """A dataset with a run, open nowhere, and the files of another one that may take its place."""

    places: Places
    other_files: Path
    fingerprints: tuple[str, str]  # of the dataset, and of the other files


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Scene:
    root = tmp_path_factory.mktemp("together")
    world = make_sample(root, "kkbox", 50, 120, 900)
    other = make_sample(root / "other", "kkbox", 40, 140, 800, seed=8)
    train(world.data, "itemknn", config_for("itemknn"), world.places, "near", "cpu")
    return Scene(world.places, other.files, (world.data.fingerprint, other.data.fingerprint))


@pytest.fixture
def scene(prepared: Scene, tmp_path: Path) -> Scene:
    places = Places(tmp_path / "data", tmp_path / "checkpoints")
    shutil.copytree(prepared.places.data, places.data)
    shutil.copytree(prepared.places.checkpoints, places.checkpoints)
    return Scene(places, prepared.other_files, prepared.fingerprints)


def _begin(places: Places, *arguments: str) -> subprocess.Popen[str]:
    where = ["--data", str(places.data), "--checkpoints", str(places.checkpoints)]
    return subprocess.Popen(
        [sys.executable, "-m", "musicrec.cli", *where, *arguments],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env={**os.environ, "OMP_NUM_THREADS": "1"},
    )  # fmt: skip


def _end(*begun: subprocess.Popen[str]) -> list[tuple[int, str]]:
    """Wait for all, and give the status and the last line of each, by rising status."""
    ended = []
    for process in begun:
        _, said = process.communicate(timeout=PATIENCE)
        assert "Traceback" not in said, said
        ended.append((process.returncode, said.strip().rpartition("\n")[2]))
    return sorted(ended)


def _replace(scene: Scene) -> subprocess.Popen[str]:
    return _begin(scene.places, "import", "kkbox", str(scene.other_files), "--replace")


def _all(explorer: Explorer) -> list[object]:
    """Tell all that an explorer answers about one listener, and what there is."""
    page, songs = explorer.find_listeners(limit=500), explorer.find_songs(limit=500)
    who, data = page.items[3].id, explorer.data()
    ranked = explorer.recommend(who, "near", 20, Filters(per_artist=1))
    return [
        *(page, songs, explorer.genres(), explorer.plays(who), explorer.profile(who), explorer.dataset),
        *([(item.rank, item.song, item.score) for item in ranked.items], data.songs.tolist(), data.offsets.tolist()),
        data.bags("song", ("genre", "artist"), 2, 8).bags.values.tolist(),
    ]


def test_an_open_dataset_stays_whole_when_another_takes_its_place(scene: Scene, prepared: Scene) -> None:
    untouched = Explorer.open(prepared.places, "kkbox")
    wanted = _all(untouched)
    untouched.close()
    explorer = Explorer.open(scene.places, "kkbox")
    assert _end(_replace(scene))[0][0] == 0
    assert _all(explorer) == wanted  # all of it is read only now
    with pytest.raises(MusicrecError, match="imported anew meanwhile"):
        explorer.evaluate(["near"])  # its rows would bear the ids of other listeners
    assert not (scene.places.run("near") / "metrics").exists()
    explorer.close()
    renewed = Explorer.open(scene.places, "kkbox")
    assert renewed.dataset.fingerprint == scene.fingerprints[1]
    assert "another" in str(renewed.runs()[0].problem)
    with pytest.raises(MusicrecError):
        renewed.recommend(renewed.find_listeners().items[0].id, "near")
    renewed.close()


async def test_a_screen_goes_on_while_its_dataset_is_replaced_and_a_run_is_trained(scene: Scene) -> None:
    explorer = Explorer.open(scene.places, "kkbox")
    app = MusicrecApp(explorer)
    async with app.run_test(size=(120, 40), notifications=True) as pilot:
        await settled(pilot)
        before = text_of(app.screen.query_one(ListenerList))
        training = _begin(scene.places, "train", "popularity", "--name", "newcomer")
        await _while(training, pilot, "j", "1", "k", "4", "j", "1")
        await pilot.press("5")
        await until(pilot, lambda: isinstance(app.screen, RunsScreen))
        await pilot.press("f5")
        await until(pilot, lambda: "newcomer" in text_of(app.screen.query_one(RunTable)))
        importing = _replace(scene)
        await _while(importing, pilot, "1", "j", "2", "4", "j", "3", "5")
        for key in ("1", "f5", "g"):
            await pilot.press(key)
        await settled(pilot)
        assert text_of(app.screen.query_one(ListenerList)) == before
        await pilot.press("5", "f5")
        await until(pilot, lambda: "newcomer" in text_of(app.screen.query_one(RunTable)))
        await pilot.press("E")
        await until(pilot, lambda: "was imported anew meanwhile" in _words(app))
    assert app._exception is None
    explorer.close()


async def test_a_run_that_is_removed_while_it_is_shown_is_told_and_others_go_on(scene: Scene) -> None:
    train_world = Explorer.open(scene.places, "kkbox")
    train(train_world.data(), "popularity", config_for("popularity"), scene.places, "crowd", "cpu")
    app = MusicrecApp(train_world, run="near")
    async with app.run_test(size=(120, 40), notifications=True) as pilot:
        await settled(pilot)
        shutil.rmtree(scene.places.run("near"))
        await pilot.press("j")
        await settled(pilot)
        assert app.screen.query_one(Ranking).count() > 0
        await pilot.press("5")
        await until(pilot, lambda: isinstance(app.screen, RunsScreen))
        table = app.screen.query_one(RunTable)
        table.go_to("near")
        await pilot.press("E")
        await until(pilot, lambda: "no run is called 'near'" in _words(app))
        await pilot.press("f5")
        await until(pilot, lambda: table.count() == 1 and table.current == "crowd")
        await pilot.press("enter")
        await until(pilot, lambda: app.view.run == "crowd")
        await pilot.press("1")
        await settled(pilot)
        assert "crowd" in text_of(app.screen.query_one(Ranking))
    assert app._exception is None
    train_world.close()


@pytest.mark.parametrize("replace", [False, True])
def test_of_two_imports_of_one_dataset_one_stands_whole(scene: Scene, prepared: Scene, replace: bool) -> None:
    target = scene.places.dataset("kkbox")
    if not replace:
        target.unlink()
    given = ["--replace"] if replace else []
    files = (prepared.places.data.parent / "raw", scene.other_files)
    begun = [_begin(scene.places, "import", "kkbox", str(each), *given) for each in files]
    first, second = _end(*begun)
    assert first[0] == 0
    assert second[0] == (0 if replace else 1), second
    if not replace:
        assert second[1].startswith("musicrec: ")
        assert "--replace" in second[1]
    catalogue = open_catalogue(target)
    assert catalogue.card.fingerprint in scene.fingerprints
    listeners = catalogue.card.counts["listeners"]
    assert catalogue.find_listeners(limit=500).total == listeners
    catalogue.close()
    assert [path.name for path in scene.places.data.iterdir()] == ["kkbox.duckdb"]


def test_of_two_trainings_of_one_name_one_keeps_it(scene: Scene) -> None:
    given = ["train", "gmf", "--epochs", "3", "--factors", "4", "--name", "mine"]
    first, second = _end(_begin(scene.places, *given), _begin(scene.places, *given))
    assert (first[0], second[0]) == (0, 2), (first, second)
    assert "mine" in second[1]
    assert "choose another --name" in second[1]
    card = read_card(scene.places, "mine")
    assert (card.status, card.epochs, card.problem) == ("finished", 3, None)
    history = (scene.places.run("mine") / "history.jsonl").read_text().splitlines()
    assert [json.loads(line)["epoch"] for line in history] == [1, 2, 3]
    assert {run.name for run in list_runs(scene.places)} == {"near", "mine"}


async def _while(process: subprocess.Popen[str], pilot: object, *keys: str) -> None:
    """Press keys until a process has ended, each at least once."""
    waiting = asyncio.get_running_loop().run_in_executor(None, _end, process)
    pressed = 0
    while pressed < len(keys) or not waiting.done():
        await pilot.press(keys[pressed % len(keys)])  # type: ignore[attr-defined]
        await pilot.pause(0.05)  # type: ignore[attr-defined]
        pressed += 1
    assert (await waiting)[0][0] == 0


def _words(app: MusicrecApp) -> str:
    notes, panels = (note.message for note in app._notifications), map(text_of, app.screen.query(Panel))
    return " ".join(" ".join((*notes, *panels)).replace("│", " ").split())
