"""Trainings as processes: what they report, how they end, and what is left of them."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest
from worlds import World

from musicrec.core.jobs import Failed, Finished, TrainingJob
from musicrec.core.places import Places
from musicrec.core.runs import read_card, read_history
from musicrec.core.watch import Epoch, Step

ENDLESS = {"epochs": "100000", "patience": "100000", "batch_size": "64"}


@pytest.fixture
def places(kkbox_world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Places:
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    return Places(kkbox_world.places.data, tmp_path / "runs")


def test_a_training_tells_how_it_goes(places: Places) -> None:
    parameters = {"epochs": "2", "lstm_hidden": "8", "batch_size": "16", "song_ids": "true", "feature_hidden": "8,4"}
    job = TrainingJob.start(places, "dtnmr", "kkbox", "quick", parameters, "mine")
    assert job.running
    events = list(job.events())
    assert not job.running
    passes = [event for event in events if isinstance(event, Epoch)]
    assert tuple(passes) == read_history(places, "mine")
    assert [each.epoch for each in passes] == [1, 2]
    assert all(0 < event.samples <= event.total for event in events if isinstance(event, Step))
    assert events[-1] == Finished(card := read_card(places, "mine"))
    assert (card.status, card.config["song_ids"], card.config["feature_hidden"]) == ("finished", True, [8, 4])
    job.cancel()  # of what has ended does nothing


@pytest.mark.parametrize(
    ("model", "parameters", "message"),
    [
        ("nix", {}, "no model is called 'nix'"),
        ("gmf", {"lr": "-1"}, "lr must be at least 0"),
        ("gmf", {"mood": "blue"}, "--mood"),
        ("gmf", {"lr": "fast"}, "Invalid value for '--lr'"),
    ],
)
def test_what_cannot_be_trained_is_told_in_one_line(
    model: str, parameters: dict[str, str], message: str, places: Places
) -> None:
    (end,) = TrainingJob.start(places, model, "kkbox", "quick", parameters).events()
    assert isinstance(end, Failed)
    assert message in end.message
    assert "\n" not in end.message
    assert "musicrec" not in end.message
    assert not places.checkpoints.exists()


def test_a_cancelled_training_keeps_its_best_pass(places: Places) -> None:
    job = TrainingJob.start(places, "gmf", "kkbox", "quick", ENDLESS, "cut")
    events = job.events()
    assert isinstance(next(event for event in events if isinstance(event, Epoch)), Epoch)
    job.cancel()
    (*_, end) = events
    assert isinstance(end, Finished)
    assert (end.card.name, end.card.status) == ("cut", "interrupted")
    assert not job.running


def test_a_training_cancelled_before_it_began_leaves_nothing(places: Places) -> None:
    job = TrainingJob.start(places, "gmf", "kkbox", "quick", ENDLESS)
    job.cancel()
    job.cancel()
    (end,) = job.events()
    assert end == Failed("cancelled before the first pass was done: nothing is kept")
    assert not places.checkpoints.exists()


def test_a_training_goes_on_when_its_reader_is_gone(places: Places) -> None:
    program = (
        "import sys\nfrom pathlib import Path\nfrom musicrec.core.jobs import TrainingJob\n"
        "from musicrec.core.places import Places\n"
        "job = TrainingJob.start(Places(Path(sys.argv[1]), Path(sys.argv[2])), 'gmf', 'kkbox', 'quick', "
        "{'epochs': '40', 'patience': '40', 'batch_size': '64'}, 'alone')\n"
        "next(job.events())\n"
    )
    where = [str(places.data), str(places.checkpoints)]
    subprocess.run([sys.executable, "-c", program, *where], check=True, timeout=60)
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if (places.run("alone") / "run.json").is_file() and read_card(places, "alone").status == "finished":
            break
        time.sleep(0.1)
    assert (read_card(places, "alone").epochs, read_card(places, "alone").status) == (40, "finished")
