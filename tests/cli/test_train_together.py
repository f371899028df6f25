"""torchrun and the command line: one set of prints, one run, one way to stop."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from worlds import World

from musicrec.core.places import Places
from musicrec.core.runs import read_card, run_names

TORCHRUN = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]


@pytest.fixture
def places(kkbox_world: World, tmp_path: Path) -> Places:
    return Places(kkbox_world.places.data, tmp_path / "runs")


def _start(places: Places, *arguments: str) -> subprocess.Popen[str]:
    where = ["--data", str(places.data), "--checkpoints", str(places.checkpoints)]
    return subprocess.Popen(
        [*TORCHRUN, "-m", "musicrec.cli", *where, *arguments],
        env=os.environ | {"OMP_NUM_THREADS": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def test_two_processes_leave_one_run_and_one_set_of_lines(places: Places) -> None:
    process = _start(places, "train", "ncf", "--epochs", "2", "--batch-size", "512", "--name", "both", "--json")
    told, narrated = process.communicate(timeout=300)
    assert process.returncode == 0, narrated
    lines = [json.loads(line) for line in told.splitlines()]
    assert [line["epoch"]["epoch"] for line in lines if "epoch" in line] == [1, 2]
    assert [line["run"]["name"] for line in lines if "run" in line] == ["both"]
    assert narrated.count("run both: ncf on kkbox") == 1
    assert run_names(places) == ("both",)
    assert sorted(path.name for path in places.run("both").iterdir()) == [
        "history.jsonl",
        "model.safetensors",
        "run.json",
        "training.safetensors",
    ]


def test_ctrl_c_stops_both_at_one_step_and_the_run_goes_on(places: Places) -> None:
    endless = ["--epochs", "100000", "--patience", "100000", "--batch-size", "512"]
    process = _start(places, "train", "gmf", "--name", "cut", *endless)
    assert process.stderr is not None
    while not (line := process.stderr.readline()).startswith("pass 2:"):
        assert line, "training ended before the second pass"
    process.send_signal(signal.SIGINT)
    _, narrated = process.communicate(timeout=120)
    assert process.returncode != 0
    assert narrated.count("--resume cut") == 1
    card = read_card(places, "cut")
    assert (card.status, card.epochs >= 2) == ("interrupted", True)
    again = _start(places, "train", "--resume", "cut", "--epochs", str(card.epochs + 1))
    _, narrated = again.communicate(timeout=300)
    assert again.returncode == 0, narrated
    assert (read_card(places, "cut").epochs, read_card(places, "cut").status) == (card.epochs + 1, "finished")


def test_a_mistake_is_told_once(places: Places) -> None:
    process = _start(places, "train", "popularity")
    _, narrated = process.communicate(timeout=300)
    assert process.returncode == 1  # torchrun's own code; it names that of the processes
    assert [line for line in narrated.splitlines() if line.startswith("musicrec: ")] == [
        "musicrec: popularity is computed in one go by one process: train it without torchrun"
    ]
    assert "exitcode  : 2" in narrated
    assert run_names(places) == ()
