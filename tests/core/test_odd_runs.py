"""Runs whose files are JSON, but hold what nothing could show: they are refused, or what is odd in them is left out."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from musicrec.core.errors import MusicrecError
from musicrec.core.models.configs import windows
from musicrec.core.places import Places
from musicrec.core.records import Evaluation, Metric, Protocol, RunCard
from musicrec.core.runs import METRICS, list_runs, read_card, read_evaluations, read_history, write_card, write_history
from musicrec.core.watch import Epoch

CARD = RunCard(
    name="run", model="dtnmr", dataset="kkbox", fingerprint="abc", config={}, seed=7, device="cpu",
    created=datetime(2024, 5, 6), status="finished", epochs=3, best_epoch=2, seconds=1.5, parameters=10,
    metrics={"ndcg@10": 0.25}, versions={"torch": "2"},
)  # fmt: skip
FIGURES = asdict(
    Evaluation("run", "dtnmr", Protocol("test", "full", None, 7, 3, 9, (5, 10)), {"ndcg@10": Metric(0.5, 0.4, 0.6)})
)


@pytest.fixture
def places(tmp_path: Path) -> Places:
    found = Places(tmp_path / "data", tmp_path / "checkpoints")
    write_card(found, CARD)
    return found


def changed(tree: dict[str, Any], way: str, value: object) -> str:
    """Write a copy of `tree` with another value at the end of `way`, whose keys have slashes between."""
    told = json.loads(json.dumps(tree))
    *keys, last = way.split("/")
    inner = told
    for key in keys:
        inner = inner[key]
    inner[last] = value
    return json.dumps(told)


@pytest.mark.parametrize(
    ("way", "value"),
    [
        ("metrics/ndcg@10", "0.3"),
        ("metrics/ndcg@10", None),
        ("metrics/ndcg@10", float("inf")),
        ("metrics/ndcg@10", 10**400),
        ("versions", ["torch"]),
        ("versions/torch", 2),
    ],
)
def test_a_card_with_what_is_no_figure_is_damaged(places: Places, way: str, value: object) -> None:
    told = asdict(CARD) | {"created": CARD.created.isoformat()}
    (places.run("run") / "run.json").write_text(changed(told, way, value))
    with pytest.raises(MusicrecError, match="is damaged: train it again"):
        read_card(places, "run")
    assert list_runs(places)[0].problem is not None


@pytest.mark.parametrize(
    ("way", "value"),
    [
        ("metrics/ndcg@10/low", "0.4"),
        ("metrics/ndcg@10/high", [1]),
        ("metrics/ndcg@10/low", None),
        ("metrics/ndcg@10/mean", True),
        ("metrics/ndcg@x", {"mean": 0.5}),
        ("protocol/ks", []),
        ("protocol/ks", [0]),
        ("protocol/seed", "7"),
        ("protocol/negatives", "99"),
        ("protocol/listeners", 3.5),
        ("protocol/negatives", []),
        ("protocol/drawn", []),
        ("protocol/first_plays", -1),
        ("protocol/name", "made-up"),
        ("protocol/split", "future"),
        ("protocol/candidates", "some"),
    ],
)
def test_figures_that_are_none_are_left_out(places: Places, way: str, value: object) -> None:
    folder = places.run("run") / METRICS
    folder.mkdir()
    (folder / "test-full.json").write_text(json.dumps(FIGURES))
    (folder / "test-odd.json").write_text(changed(FIGURES, way, value))
    (found,) = read_evaluations(places, "run")
    assert (found.metrics, found.protocol.ks) == ({"ndcg@10": Metric(0.5, 0.4, 0.6)}, (5, 10))


def test_a_copy_of_figures_is_read_once_and_the_one_of_the_right_name_counts(places: Places) -> None:
    folder = places.run("run") / METRICS
    folder.mkdir()
    for name, mean in (("test-full copy", 0.1), ("test-full-k-5-10", 0.5), ("zzz", 0.2)):
        (folder / f"{name}.json").write_text(changed(FIGURES, "metrics/ndcg@10/mean", mean))
    (found,) = read_evaluations(places, "run")
    assert found.metrics["ndcg@10"].mean == 0.5


def test_passes_that_cannot_be_are_left_out(places: Places) -> None:
    good = Epoch(1, 0.5, 1.0, 100.0, 0.2, True)
    odd = [replace(good, epoch=epoch) for epoch in (0, -5, 1)] + [replace(good, epoch=2, loss=float("nan"))]
    later = replace(good, epoch=4, validation=None, best=False)
    write_history(places, "run", [asdict(each) for each in (good, *odd, later, replace(later, epoch=3))])
    with (places.run("run") / "history.jsonl").open("a") as file:
        file.write(
            '{"epoch": 5, "loss": 1e999, "seconds": 1, "samples_per_second": 1, "validation": 0, "best": false}\n'
        )
    assert read_history(places, "run") == (good, later)


@pytest.mark.parametrize("odd", [None, "x", 0, -3, [10], 2.5])
def test_windows_of_no_length_are_those_of_the_model(odd: object) -> None:
    assert windows({"short_term_len": odd, "long_term_len": 30}) == (10, 30)
    assert windows({"short_term_len": 5, "long_term_len": odd}) == (5, 20)
