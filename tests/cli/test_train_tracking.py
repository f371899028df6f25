"""What a training leaves for programs that keep experiments."""

from __future__ import annotations

import importlib.util
import json
import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from worlds import World

from musicrec.core import tracking
from musicrec.core.places import Places
from musicrec.core.runs import read_card, read_history

Musicrec = Callable[..., Any]
GMF = ["train", "gmf", "--batch-size", "512", "--epochs", "2", "--name", "run"]
wandb_missing = importlib.util.find_spec("wandb") is None
tensorboard_missing = importlib.util.find_spec("tensorboard") is None


@pytest.fixture
def places(kkbox_world: World, tmp_path: Path) -> Places:
    return Places(kkbox_world.places.data, tmp_path / "runs")


@pytest.fixture(autouse=True)
def _no_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    before = dict(os.environ)
    for name in list(os.environ):
        if name.startswith("WANDB_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("WANDB_CONFIG_DIR", str(tmp_path / "config"))
    monkeypatch.setenv("WANDB_CACHE_DIR", str(tmp_path / "cache"))
    yield
    for name in set(os.environ) - set(before):
        del os.environ[name]


@dataclass
class FakeRun:
    """What is kept of one call of `wandb.init`."""

    told: dict[str, Any]
    logged: dict[int, dict[str, float]] = field(default_factory=dict)
    summary: dict[str, Any] = field(default_factory=dict)
    code: int | None = None

    def log(self, values: dict[str, float], step: int) -> None:
        self.logged[step] = values

    def finish(self, exit_code: int) -> None:
        self.code = exit_code


@pytest.fixture
def wandb(monkeypatch: pytest.MonkeyPatch) -> list[FakeRun]:
    """Runs of a stand-in for the package."""
    runs: list[FakeRun] = []

    def init(**told: Any) -> FakeRun:
        if told["mode"] == "online":
            raise ValueError("no API key\nsecond line")
        runs.append(FakeRun(told))
        return runs[-1]

    fake = SimpleNamespace(init=init, Settings=lambda **told: told, Error=ValueError)
    monkeypatch.setitem(sys.modules, "wandb", fake)
    monkeypatch.setattr(tracking, "find_spec", lambda name: object())
    return runs


def test_wandb_is_told_of_the_run_offline(invoke: Musicrec, places: Places, wandb: list[FakeRun]) -> None:
    answer = invoke(places, *GMF, "--track", "wandb", "--track-project", "songs")
    assert answer.exit_code == 0, answer.stderr
    (run,), card = wandb, read_card(places, "run")
    assert (run.told["mode"], run.told["project"], run.told["name"]) == ("offline", "songs", "run")
    assert run.told["dir"] == places.run("run")
    assert {name: run.told["config"][name] for name in card.config} == card.config
    assert run.told["config"]["fingerprint"] == card.fingerprint
    passes = {at.epoch: (at.loss, at.validation) for at in read_history(places, "run")}
    assert {step: (told["loss"], told["validation/ndcg@10"]) for step, told in run.logged.items()} == passes
    assert run.summary["best/ndcg@10"] == card.metrics["ndcg@10"]
    assert (run.summary["status"], run.code) == ("finished", 0)


def test_each_run_of_a_series_is_a_run_of_wandb(
    invoke: Musicrec, places: Places, wandb: list[FakeRun], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WANDB_PROJECT", "seeds")
    assert invoke(places, *GMF, "--seeds", "2", "--track", "wandb").exit_code == 0
    assert [(run.told["name"], run.told["project"]) for run in wandb] == [("run-s7", "seeds"), ("run-s8", "seeds")]
    assert [sorted(run.logged) for run in wandb] == [[1, 2], [1, 2]]
    assert len({run.told["id"] for run in wandb}) == 2


def test_a_run_that_goes_on_keeps_its_id(invoke: Musicrec, places: Places, wandb: list[FakeRun]) -> None:
    assert invoke(places, *GMF, "--track", "wandb").exit_code == 0
    assert invoke(places, "train", "--resume", "run", "--epochs", "3", "--track", "wandb").exit_code == 0
    assert wandb[0].told["id"] == wandb[1].told["id"]
    assert sorted(wandb[1].logged) == [3]


def test_a_model_without_passes_is_told_of_too(invoke: Musicrec, places: Places, wandb: list[FakeRun]) -> None:
    assert invoke(places, "train", "popularity", "--track", "wandb").exit_code == 0
    assert (wandb[0].logged, wandb[0].code) == ({}, 0)
    assert wandb[0].summary["best/ndcg@10"] > 0


def test_what_wandb_refuses_is_one_line(
    invoke: Musicrec, places: Places, wandb: list[FakeRun], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WANDB_MODE", "online")
    answer = invoke(places, *GMF, "--track", "wandb")
    assert answer.exit_code == 1
    assert answer.stderr.splitlines()[-1] == "musicrec: wandb cannot keep run run: no API key"


@pytest.mark.parametrize("package", ["wandb", "tensorboard"])
def test_a_missing_package_is_named(
    package: str, invoke: Musicrec, places: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tracking, "find_spec", lambda name: None)
    answer = invoke(places, *GMF, "--track", package)
    told = f"musicrec: --track {package} needs the package {package}: pip install 'musicrec[{package}]'\n"
    assert (answer.exit_code, answer.stderr) == (2, told)
    assert not places.checkpoints.exists()


@pytest.mark.parametrize(
    ("wrong", "names"), [(["--track", "paper"], "wandb, tensorboard"), (["--track-project", "x"], "--track wandb")]
)
def test_wrong_use_is_told(wrong: list[str], names: str, invoke: Musicrec, places: Places) -> None:
    answer = invoke(places, *GMF, *wrong)
    assert answer.exit_code == 2
    assert names in answer.stderr


@pytest.mark.skipif(wandb_missing, reason="the extra wandb is not installed: 62 MB")
def test_wandb_itself_keeps_the_run_offline(invoke: Musicrec, places: Places) -> None:
    answer = invoke(places, *GMF, "--track", "wandb")
    assert answer.exit_code == 0, answer.stderr
    (kept,) = (places.run("run") / "wandb").glob("offline-run-*/run-*.wandb")
    content = kept.read_bytes()
    assert all(name in content for name in (b"validation/ndcg@10", b"fingerprint", b"best/pass"))


@pytest.mark.skipif(tensorboard_missing, reason="the extra tensorboard is not installed: 80 MB with what it brings")
def test_tensorboard_reads_the_curves_back(invoke: Musicrec, places: Places) -> None:
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    assert invoke(places, *GMF, "--track", "tensorboard").exit_code == 0
    assert invoke(places, "train", "--resume", "run", "--epochs", "3", "--track", "tensorboard").exit_code == 0
    events = EventAccumulator(str(places.run("run") / "tensorboard"))
    events.Reload()
    passes = [(at.epoch, at.loss, at.validation) for at in read_history(places, "run")]
    losses, scores = events.Scalars("loss"), events.Scalars("validation/ndcg@10")
    found = [(at.step, at.value, score.value) for at, score in zip(losses, scores, strict=True)]
    assert found == [
        (step, pytest.approx(loss, rel=1e-6), pytest.approx(score, rel=1e-6)) for step, loss, score in passes
    ]
    assert "factors | 8" in events.Tensors("configuration/text_summary")[0].tensor_proto.string_val[0].decode()


def test_the_files_that_are_always_there_tell_all(invoke: Musicrec, places: Places) -> None:
    assert invoke(places, *GMF).exit_code == 0
    lines = [json.loads(line) for line in (places.run("run") / "history.jsonl").read_text().splitlines()]
    assert [line["epoch"] for line in lines] == [1, 2]
    assert all({"loss", "validation", "seconds", "samples_per_second", "best"} <= line.keys() for line in lines)
    card = json.loads((places.run("run") / "run.json").read_text())
    assert card["metrics"]["ndcg@10"] == max(line["validation"] for line in lines)
    assert (card["config"]["factors"], card["status"], card["versions"].keys() >= {"torch"}) == (8, "finished", True)
