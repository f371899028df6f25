"""The same training over several seeds."""

from __future__ import annotations

import json
import statistics
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from safetensors.torch import load
from worlds import World

from musicrec.core.places import Places
from musicrec.core.runs import TRAINING, WEIGHTS, read_card, run_names
from musicrec.core.watch import Epoch, Watch
from musicrec.tui.console import Lines

Musicrec = Callable[..., Any]
GMF = ["train", "gmf", "--batch-size", "256", "--epochs", "2"]


@pytest.fixture
def places(kkbox_world: World, tmp_path: Path) -> Places:
    return Places(kkbox_world.places.data, tmp_path / "runs")


def _last(answer: Any) -> Any:
    assert answer.exit_code == 0, answer.stderr
    return json.loads(answer.stdout.splitlines()[-1])["series"]


def test_a_series_tells_each_run_and_their_mean_and_spread(invoke: Musicrec, places: Places) -> None:
    answer = invoke(places, *GMF, "--seeds", "3", "--seed", "11")
    assert answer.exit_code == 0
    assert run_names(places) == ("gmf-kkbox-s11", "gmf-kkbox-s12", "gmf-kkbox-s13")
    cards = [read_card(places, name) for name in run_names(places)]
    assert [card.seed for card in cards] == [11, 12, 13]
    scores = [card.metrics["ndcg@10"] for card in cards]
    assert len(set(scores)) > 1
    mean, spread = statistics.fmean(scores), statistics.stdev(scores)
    assert f"3 seeds: validation NDCG@10 {mean:.4f}, standard deviation {spread:.4f}" in answer.stdout
    assert all(name in answer.stdout and f"run {name}: gmf" in answer.stderr for name in run_names(places))
    told = _last(invoke(places, *GMF, "--seeds", "3", "--seed", "11", "--json"))
    assert (told["metric"], told["mean"], told["spread"]) == ("ndcg@10", mean, spread)
    assert [run["name"] for run in told["runs"]] == list(run_names(places))


def test_a_run_of_a_series_is_the_run_alone(invoke: Musicrec, places: Places) -> None:
    assert invoke(places, *GMF, "--seeds", "2", "--name", "all").exit_code == 0
    assert invoke(places, *GMF, "--seed", "8", "--name", "alone").exit_code == 0
    assert (places.run("all-s8") / WEIGHTS).read_bytes() == (places.run("alone") / WEIGHTS).read_bytes()


def test_one_seed_has_a_mean_and_no_spread(invoke: Musicrec, places: Places) -> None:
    told = _last(invoke(places, *GMF, "--seeds", "1", "--json"))
    assert told["mean"] == told["runs"][0]["metrics"]["ndcg@10"]
    assert told["spread"] is None


def test_an_interrupt_of_what_neumf_starts_from_names_the_same_command(
    invoke: Musicrec, places: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(at: Epoch) -> None:
        raise KeyboardInterrupt

    neumf = ["train", "ncf", "--batch-size", "256", "--epochs", "1", "--pretrain", "--name", "whole"]
    with monkeypatch.context() as patch:
        patch.setattr(Lines, "watch", lambda lines: Watch(epoch=stop))
        cut = invoke(places, *neumf, "--json")
    assert cut.exit_code == 130
    assert "the same command goes on" in cut.stderr
    assert "--resume" not in cut.stderr
    assert invoke(places, *neumf).exit_code == 0
    assert run_names(places) == ("whole", "whole-gmf", "whole-mlp")


def test_a_series_that_was_stopped_goes_on(invoke: Musicrec, places: Places, monkeypatch: pytest.MonkeyPatch) -> None:
    passes = iter(range(1, 100))

    def stop(at: Epoch) -> None:
        if next(passes) == 3:  # the first of the second run
            raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Lines, "watch", lambda lines: Watch(epoch=stop))
        cut = invoke(places, *GMF, "--seeds", "3", "--name", "cut", "--json")
    assert cut.exit_code == 130
    assert "1 of 3 runs are finished" in cut.stderr
    assert run_names(places) == ("cut-s7", "cut-s8")
    before = (places.run("cut-s7") / WEIGHTS).stat().st_mtime_ns
    assert (read_card(places, "cut-s8").status, read_card(places, "cut-s8").epochs) == ("interrupted", 1)
    places.run("cut-s9").mkdir()
    (places.run("cut-s9") / TRAINING).write_bytes(b"half")  # as a kill while it first saves leaves it

    answer = invoke(places, *GMF, "--seeds", "3", "--name", "cut")
    assert answer.exit_code == 0, answer.stderr
    assert "run cut-s7: gmf on kkbox, finished before, not trained again" in answer.stderr
    assert answer.stderr.count("not trained again") == 1
    assert (places.run("cut-s7") / WEIGHTS).stat().st_mtime_ns == before
    assert invoke(places, *GMF, "--seeds", "3", "--name", "straight").exit_code == 0
    for seed in (7, 8, 9):
        weights = [load((places.run(f"{name}-s{seed}") / WEIGHTS).read_bytes()) for name in ("cut", "straight")]
        assert all(bool((weights[0][key] == weights[1][key]).all()) for key in weights[1])


@pytest.mark.parametrize(
    ("changed", "names"), [(["--lr", "0.1"], "lr 0.001"), (["--epochs", "3"], "epochs 2")], ids=["lr", "epochs"]
)
def test_a_series_of_other_parameters_needs_another_name(
    changed: list[str], names: str, invoke: Musicrec, places: Places
) -> None:
    assert invoke(places, *GMF, "--seed", "8", "--name", "mine-s8").exit_code == 0
    answer = invoke(places, *GMF, "--seeds", "3", "--name", "mine", *changed)
    assert answer.exit_code == 2
    assert answer.stderr == f"musicrec: run mine-s8 exists already with {names}: choose another --name\n"
    assert run_names(places) == ("mine-s8",)
    answer = invoke(places, "train", "mlp", "--seeds", "3", "--name", "mine")
    assert "run mine-s8 exists already with model gmf" in answer.stderr


def test_a_seed_that_is_too_large_is_told_before_the_first_run(invoke: Musicrec, places: Places) -> None:
    answer = invoke(places, *GMF, "--seeds", "2", "--seed", str(2**63 - 1), "--name", "mine")
    assert answer.exit_code == 2
    assert answer.stderr == f"musicrec: gmf: seed must be below 2^63, not {2**63}\n"
    assert run_names(places) == ()


@pytest.mark.parametrize("wrong", [["--seeds", "0"], ["--seeds", str(10**12)], ["--seeds", "2", "--resume", "mine"]])
def test_a_series_that_makes_no_sense(wrong: list[str], invoke: Musicrec, places: Places) -> None:
    answer = invoke(places, "train", "gmf", *wrong)
    assert answer.exit_code == 2
    assert "--seeds" in answer.stderr
    assert answer.stderr.count("\n") == 1
