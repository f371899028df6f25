"""compare and evaluate --by: tests, slices and seeds as the command line tells them."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from worlds import World

from musicrec.core.places import Places

Musicrec = Callable[..., Any]


def _json(answer: Any) -> Any:
    assert answer.exit_code == 0, answer.stderr
    return json.loads(answer.stdout)


@pytest.fixture(scope="module")
def places(invoke: Musicrec, kkbox_world: World, tmp_path_factory: pytest.TempPathFactory) -> Places:
    """Two baselines and two seeds of one model, all measured; tests only read them."""
    places = Places(kkbox_world.places.data, tmp_path_factory.mktemp("compared"))
    for arguments in (["popularity", "--name", "crowd"], ["itemknn", "--name", "near"]):
        assert invoke(places, "train", *arguments).exit_code == 0
    for seed in ("7", "8"):
        settings = ["gmf", "--name", f"gmf-s{seed}", "--seed", seed, "--epochs", "1"]
        assert invoke(places, "train", *settings).exit_code == 0
    assert invoke(places, "evaluate", "--k", "5,10").exit_code == 0
    return places


def test_two_runs_are_tested_on_the_same_listeners(invoke: Musicrec, places: Places) -> None:
    told = _json(invoke(places, "compare", "crowd", "near", "--json"))
    assert told["incomparable"] is None
    (found,) = told["tests"]
    names = [each["metric"] for each in found["tests"]]
    assert {"hr@10", "ndcg@10", "auc", "popularity_lift@10", "artist_diversity@10"} <= set(names)
    assert not [name for name in names if name.startswith("user_coverage") or name.endswith("@5")]
    stored = {run: told["evaluations"][run][0] for run in ("crowd", "near")}
    for each in found["tests"]:
        assert each["one"] == pytest.approx(stored["crowd"]["metrics"][each["metric"]]["mean"])
        assert each["other"] == pytest.approx(stored["near"]["metrics"][each["metric"]]["mean"])
        assert each["difference"] == pytest.approx(each["other"] - each["one"])
        assert each["low"] <= each["difference"] <= each["high"]
        assert 0 < each["p"] <= each["adjusted"] <= 1
        assert each["listeners"] == found["protocol"]["listeners"] >= each["higher"] + each["lower"]
    gaps = [abs(each["one"] - each["other"]) for each in found["apart"]]
    assert found["metric"] == "ndcg@10"
    assert gaps == sorted(gaps, reverse=True)
    assert set(found["overlap"]) == {"5", "10"}
    table = invoke(places, "compare", "crowd", "near", "--most", "3").stdout
    for word in ("near against crowd", "p by Holm", "Where NDCG@10 differs most", found["apart"][0]["listener"]):
        assert word in table
    assert found["apart"][3]["listener"] not in table


def test_swapped_runs_give_the_opposite(invoke: Musicrec, places: Places) -> None:
    ask = ["--metric", "ndcg,auc,recall@5", "--json"]
    there = _json(invoke(places, "compare", "crowd", "near", *ask))["tests"][0]
    back = _json(invoke(places, "compare", "near", "crowd", *ask))["tests"][0]
    assert [each["metric"] for each in there["tests"]] == ["ndcg@10", "auc", "recall@5"]
    for one, other in zip(there["tests"], back["tests"], strict=True):
        assert one["difference"] == pytest.approx(-other["difference"])
        assert (one["p"], one["higher"]) == (other["p"], other["lower"])
    assert [each["listener"] for each in there["apart"]] == [each["listener"] for each in back["apart"]]


def test_a_run_against_itself(invoke: Musicrec, places: Places) -> None:
    (found,) = _json(invoke(places, "compare", "near", "near", "--json"))["tests"]
    assert {(each["difference"], each["p"]) for each in found["tests"]} == {(0, 1)}
    assert found["apart"] == []
    assert found["overlap"] == {"5": 1, "10": 1}
    assert "the same for every listener" in invoke(places, "compare", "near", "near").stdout


def test_seeds_stand_together(invoke: Musicrec, places: Places) -> None:
    told = _json(invoke(places, "compare", "gmf-s7", "near", "--json"))
    (found,) = told["repeats"]
    assert (found["name"], found["runs"], found["seeds"]) == ("gmf", ["gmf-s7", "gmf-s8"], [7, 8])
    values = [
        _json(invoke(places, "runs", run, "--json"))["evaluations"][0]["metrics"]["ndcg@10"]["mean"]
        for run in found["runs"]
    ]
    spread = found["metrics"]["ndcg@10"]
    assert spread["mean"] == pytest.approx(sum(values) / 2)
    assert spread["deviation"] == pytest.approx(abs(values[0] - values[1]) / 2**0.5)
    assert "Over seeds, at 10" in invoke(places, "compare", "gmf-s7", "near").stdout
    assert "Over seeds" not in invoke(places, "compare", "crowd", "near").stdout


def test_what_was_not_measured_alike_is_told_with_the_remedy(invoke: Musicrec, places: Places, tmp_path: Path) -> None:
    asked = invoke(places, "compare", "crowd", "near", "--protocol", "sampled")
    assert (asked.exit_code, asked.stdout) == (1, "")
    assert "musicrec evaluate crowd near --protocol sampled" in asked.stderr
    assert "--split validation" in invoke(places, "compare", "crowd", "near", "--split", "validation").stderr
    wrong = invoke(places, "compare", "crowd", "near", "--metric", "charm")
    assert (wrong.exit_code, "charm" in wrong.stderr, "ndcg@10" in wrong.stderr) == (2, True, True)
    other = Places(places.data, tmp_path)
    for run in ("crowd", "near"):
        shutil.copytree(places.run(run), other.run(run))
    whole = other.run("near") / "metrics" / "test-full-k-5-10.json"
    figures = whole.read_bytes()
    whole.unlink()
    assert invoke(other, "evaluate", "near", "--k", "10", "--listeners", "30").exit_code == 0
    answer = invoke(other, "compare", "crowd", "near")
    assert answer.exit_code == 0
    assert "different terms" in answer.stdout
    assert "musicrec evaluate crowd near" in answer.stdout
    assert _json(invoke(other, "compare", "crowd", "near", "--json"))["tests"] == []
    (other.run("crowd") / "metrics" / "test-full-k-5-10.parquet").unlink()
    whole.write_bytes(figures)
    assert "musicrec evaluate crowd" in invoke(other, "compare", "crowd", "near").stdout


def test_runs_of_different_datasets_are_not_compared(
    invoke: Musicrec, places: Places, melon_world: World, tmp_path: Path
) -> None:
    shutil.copytree(places.run("near"), tmp_path / "near")
    melon = Places(melon_world.places.data, tmp_path)
    assert invoke(melon, "train", "popularity", "--name", "elsewhere", "--dataset", "melon").exit_code == 0
    answer = invoke(melon, "compare", "near", "elsewhere")
    assert answer.exit_code == 0
    assert "different datasets" in answer.stdout


def test_evaluate_by_slice(invoke: Musicrec, places: Places) -> None:
    ask = ["evaluate", "near", "--k", "5,10", "--by", "popularity,activity"]
    told = _json(invoke(places, *ask, "--json"))
    assert [each["run"] for each in told["standings"]][-1] == "near"
    assert [each[0]["by"] for each in told["slices"]] == ["activity", "popularity"]
    (activity,) = told["slices"][0]
    assert sum(each["listeners"] for each in activity["slices"]) == activity["protocol"]["listeners"]
    table = invoke(places, *ask).stdout
    for word in ("By activity", "By popularity", "head (", "tail (", "fewer than 20 listeners"):
        assert word in table
    wrong = invoke(places, "evaluate", "near", "--by", "mood")
    assert (wrong.exit_code, "mood" in wrong.stderr) == (2, True)
    assert invoke(places, "evaluate", "near", "--by", "age", "--csv", "-").exit_code == 2


def test_evaluate_all_goes_beyond_accuracy(invoke: Musicrec, places: Places) -> None:
    table = invoke(places, "evaluate", "near", "crowd", "--k", "10", "--all").stdout
    for word in ("Beyond accuracy at 10", "Popularity lift@10", "Artist diversity@10", "Gini@10", "Overlap of lists"):
        assert word in table
    assert "Gini" not in invoke(places, "evaluate", "near", "--k", "10").stdout
    told = _json(invoke(places, "evaluate", "near", "--k", "10", "--json"))
    near = next(each for each in told if each["run"] == "near")["metrics"]
    assert 0 <= near["gini@10"]["mean"] < 1
    assert near["gini@10"]["low"] is None
    assert near["popularity_lift@10"]["low"] < near["popularity_lift@10"]["mean"] < near["popularity_lift@10"]["high"]
    assert re.search(r"near +1\.0000", table)
