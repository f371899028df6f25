"""musicrec sweep as a shell sees it."""

from __future__ import annotations

import csv
import json
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from worlds import World

from musicrec.core.places import Places
from musicrec.core.runs import list_runs, read_card
from musicrec.core.sweeping.working import Worker

Start = Callable[..., subprocess.Popen[str]]
LIMIT = 600  # seconds: a machine that others are busy on needs a minute for what takes a quiet one ten seconds
SEEDS = "seed=" + ",".join(map(str, range(1, 13)))


@pytest.fixture
def places(kkbox_world: World, tmp_path: Path) -> Places:
    return Places(kkbox_world.places.data, tmp_path / "runs")


@pytest.fixture
def sweep(places: Places, start: Start, tmp_path: Path) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    where, begun = ["--data", str(places.data), "--checkpoints", str(places.checkpoints), "sweep"], []

    def begin(*arguments: str) -> subprocess.Popen[str]:
        begun.append(start(*where, *arguments, folder=tmp_path))
        return begun[-1]

    yield begin
    for process in begun:  # those of a test that failed
        process.kill()
        process.communicate()


def _done(narrated: str) -> list[str]:
    return [line.partition(" ")[0] for line in narrated.splitlines() if "validation NDCG@10" in line]


def test_two_processes_at_once_train_a_grid_exactly_once(sweep: Any, places: Places) -> None:
    both = [sweep("popularity", "--grid", SEEDS, "--name", "s") for _ in range(2)]
    answers = [process.communicate(timeout=LIMIT) for process in both]
    assert [process.returncode for process in both] == [0, 0], answers
    trained = [run for _, narrated in answers for run in _done(narrated)]
    expected = [f"s-{number:03d}" for number in range(1, 13)]
    assert sorted(trained) == expected
    rows = list(csv.DictReader((places.run("s") / "results.csv").read_text().splitlines()))
    assert [(row["run"], row["state"], int(row["seed"])) for row in rows] == [
        (run, "finished", number) for number, run in enumerate(expected, 1)
    ]
    assert {card.name: card.seed for card in list_runs(places)} == dict(zip(expected, range(1, 13), strict=True))


def test_a_sweep_that_was_killed_goes_on(sweep: Any, places: Places, invoke: Any) -> None:
    epochs = ["--epochs", "30", "--patience", "30", "--batch-size", "4096"]
    command = ["ncf", "--grid", "seed=1,2", *epochs, "--name", "s"]
    process = sweep(*command)
    history = places.run("s-002") / "history.jsonl"
    deadline = time.monotonic() + LIMIT
    while not (history.is_file() and len(history.read_text().splitlines()) >= 2):
        assert process.poll() is None, "the sweep ended before its second training was under way"
        assert time.monotonic() < deadline
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=60)
    first, cut = read_card(places, "s-001"), read_card(places, "s-002")
    assert (first.status, cut.status) == ("finished", "training")
    answer = invoke(places, "sweep", *command)
    assert answer.exit_code == 0, answer.stderr
    assert sorted(_done(answer.stderr)) == ["s-002"]
    assert read_card(places, "s-001") == first
    assert read_card(places, "s-002").created == cut.created  # it went on
    assert [card.status for card in list_runs(places)] == ["finished"] * 2


def test_ctrl_c_keeps_what_is_done(invoke: Any, places: Places, monkeypatch: pytest.MonkeyPatch) -> None:
    passed, passes = Worker.passed, iter(range(1, 100))

    def interrupted(self: Worker, claim: Any, epoch: Any, of_branch: bool) -> None:
        passed(self, claim, epoch, of_branch)
        if next(passes) == 3:
            raise KeyboardInterrupt

    monkeypatch.setattr(Worker, "passed", interrupted)
    answer = invoke(places, "sweep", "ncf", "factors=2,4", "--epochs", "2", "--batch-size", "1024", "--name", "s")
    assert answer.exit_code == 130
    assert "1 finished, 1 waiting" in answer.stdout
    assert answer.stderr.splitlines()[-1] == "interrupted: what is done is kept; the same command goes on"
    assert [(card.name, card.status) for card in list_runs(places)] == [("s-002", "interrupted"), ("s-001", "finished")]


def test_answers_as_table_json_and_csv(invoke: Any, places: Places) -> None:
    command = ["sweep", "popularity", "seed=1,2", "--name", "s", "--test", "best"]
    table = invoke(places, *command)
    assert table.exit_code == 0, table.stderr
    assert "best: s-001 (seed 1)" in table.stdout
    assert "test figures are for reporting" in table.stdout
    found = json.loads(invoke(places, *command, "--json").stdout)
    assert [(each["run"], each["trial"]["state"]) for each in found["results"]] == [
        ("s-001", "finished"),
        ("s-002", "finished"),
    ]
    assert found["plan"]["space"] == {"seed": "1|2"}
    told = invoke(places, "sweep", "--show", "s", "--csv").stdout
    assert told == (places.run("s") / "results.csv").read_text()
    assert (
        invoke(places, "sweep", "--show", "s").stdout == invoke(places, "sweep", "--name", "s", "--test", "best").stdout
    )
    assert len(json.loads(invoke(places, "runs", "--json").stdout)) == 2


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        ([], 2, "name what to train"),
        (["nix", "factors=4"], 2, "no model is called 'nix'"),
        (["ncf"], 2, "a sweep varies something"),
        (["ncf", "factor=4,8"], 2, "did you mean factors?"),
        (["ncf", "factors=four"], 2, "factors takes a whole number, not 'four'"),
        (["ncf", "factors"], 2, "'factors' is not of the form name=values"),
        (["ncf", "factors=4,8", "--subset-size", "5"], 2, "ncf takes no parameter 'subset_size'"),
        (["ncf", "--grid", "lr=1e-4..1e-1:log"], 2, "has no end of values"),
        (["ncf", "--grid", "--random", "3", "lr=1e-4..1e-1"], 2, "choose --grid or --random, not both"),
        (["ncf", "factors=4,8", "--prune"], 2, "--prune goes with --random and --guided"),
        (["ncf", "factors=4,8", "--keep", "best", "--test", "all"], 2, "say --test best"),
        (["ncf", "factors=4,8", "--preset", "nix"], 2, "choose one of ncf-reference, dtnmr-reference"),
        (["dtnmr", "--preset", "ncf-reference"], 2, "is of ncf, not dtnmr"),
        (["--preset", "ncf-reference"], 1, "latest issue"),
        (["ncf", "factors=4,8", "--space", "none.toml"], 2, "--space none.toml"),
        (["--show", "none"], 1, "no sweep is called 'none'"),
        (["--show", "s", "factors=1"], 2, "[MODEL] [NAME=VALUES]... is for training"),
        (["--show", "s", "--lr", "1"], 2, "--lr is for training"),
        (["ncf", "factors=4,8", "--name", "a/b"], 2, "cannot be a name"),
        (["ncf", "factors=4,8", "--storage", "nix"], 1, "the storage nix cannot be opened"),
    ],
)
def test_what_is_wrong_is_told_in_one_line(
    arguments: list[str], code: int, told: str, invoke: Any, places: Places
) -> None:
    answer = invoke(places, "sweep", *arguments)
    assert answer.exit_code == code
    assert answer.stdout == ""
    assert answer.stderr.startswith("musicrec: ")
    assert told in answer.stderr
    assert answer.stderr.count("\n") == 1
    assert list_runs(places) == ()


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--prune"], "a grid is trained whole"),
        (["--dataset", "melon"], "sweep s is on dataset kkbox, not melon"),
    ],
)
def test_a_sweep_that_is_there_is_gone_on_with_as_it_is(
    arguments: list[str], told: str, invoke: Any, places: Places
) -> None:
    assert invoke(places, "sweep", "popularity", "seed=1,2", "--name", "s").exit_code == 0
    assert invoke(places, "sweep", "--name", "s", "--dataset", "kkbox").exit_code == 0
    answer = invoke(places, "sweep", "--name", "s", *arguments)
    assert (answer.exit_code, answer.stdout) == (2, "")
    assert told in answer.stderr
