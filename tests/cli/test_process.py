"""musicrec as a process: signals, streams and exit codes as a shell sees them."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from worlds import World

from musicrec.core.places import Places
from musicrec.core.runs import read_card

Start = Callable[..., subprocess.Popen[str]]


def test_ctrl_c_keeps_the_run_and_it_goes_on(start: Start, invoke: Any, kkbox_world: World, tmp_path: Path) -> None:
    places = Places(kkbox_world.places.data, tmp_path / "runs")
    where = ["--data", str(places.data), "--checkpoints", str(places.checkpoints)]
    endless = ["--epochs", "100000", "--patience", "100000", "--batch-size", "64"]
    process = start(*where, "train", "ncf", "--name", "cut", *endless, folder=tmp_path)
    assert process.stderr is not None
    while not (line := process.stderr.readline()).startswith("pass 2:"):
        assert line, "training ended before the second pass"
    process.send_signal(signal.SIGINT)
    told, narrated = process.communicate(timeout=60)
    assert process.returncode == 130
    assert told == ""
    assert "--resume cut" in narrated
    assert "Traceback" not in narrated
    card = read_card(places, "cut")
    assert card.status == "interrupted"
    assert card.epochs >= 2
    assert not [path.name for path in places.run("cut").iterdir() if path.name.startswith(".")]
    resumed = invoke(places, "train", "--resume", "cut", "--epochs", str(card.epochs + 1))
    assert resumed.exit_code == 0
    assert (read_card(places, "cut").epochs, read_card(places, "cut").status) == (card.epochs + 1, "finished")


def test_json_alone_on_stdout(start: Start, trained: Places, tmp_path: Path) -> None:
    process = start(
        "evaluate",
        "--k",
        "10",
        "--json",
        folder=tmp_path,
        MUSICREC_DATA=str(trained.data),
        MUSICREC_CHECKPOINTS=str(trained.checkpoints),
    )
    told, _ = process.communicate(timeout=60)
    assert process.returncode == 0
    assert len(json.loads(told)) == 3


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["recommend", "x"], 1),
        (["train", "nix"], 2),
        (["train", "--lr"], 2),
        (["evaluate", "--protocol", "nix"], 2),
        (["import", "spotify", "x"], 2),
        (["--nix"], 2),
    ],
)
def test_errors_are_one_line(arguments: list[str], code: int, start: Start, tmp_path: Path) -> None:
    told, narrated = (process := start(*arguments, folder=tmp_path)).communicate(timeout=60)
    assert process.returncode == code
    assert told == ""
    assert narrated.startswith("musicrec: ")
    assert narrated.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("arguments", "closed", "code"),
    [
        (["datasets"], ">&-", 0),
        (["datasets", "--json"], "<&- >&- 2>&-", 0),
        (["songs", "--sort", "x"], "2>&-", 2),
        (["tui"], "<&-", 2),
    ],
)
def test_a_closed_stream_leads_nowhere(arguments: list[str], closed: str, code: int, trained: Places) -> None:
    command = [sys.executable, "-m", "musicrec.cli", "--data", str(trained.data), *arguments]
    shell = ["sh", "-c", f'exec "$0" "$@" {closed}', *command]
    done = subprocess.run(shell, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout) == (code, "")
    assert done.stderr.count("\n") == (closed == "<&-")
