"""Runs on disk: names, cards that are whole or told as damaged, files that are there whole or not at all."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, replace
from datetime import datetime
from pathlib import Path

import pytest

from musicrec.core.errors import MusicrecError, NotFound, UsageError
from musicrec.core.pages import Difference
from musicrec.core.places import Places
from musicrec.core.records import Evaluation, Metric, Protocol, RunCard
from musicrec.core.runs import (
    check_name,
    differences,
    free_name,
    list_runs,
    mismatch,
    read_card,
    read_evaluations,
    read_history,
    run_names,
    write_atomically,
    write_card,
    write_history,
)
from musicrec.core.watch import Epoch


@pytest.fixture
def places(tmp_path: Path) -> Places:
    return Places(tmp_path / "data", tmp_path / "checkpoints")


CARD = RunCard(
    name="run",
    model="ncf",
    dataset="kkbox",
    fingerprint="abcdef0123456789",
    config={"seed": 7, "feature_hidden": [4, 2]},
    seed=7,
    device="cpu",
    created=datetime(2024, 5, 6, 7, 8, 9),
    status="finished",
    epochs=3,
    best_epoch=2,
    seconds=1.5,
    parameters=10,
    metrics={"ndcg@10": 0.25},
    versions={"torch": "2"},
)


@pytest.mark.parametrize("name", ["run", "7", "dtnmr-kkbox-1", "내모델", "模型_1", "a.b+c", "x" * 200, "모델" * 33])
def test_names_of_letters_and_digits_are_fine(name: str) -> None:
    assert check_name(name) == name


@pytest.mark.parametrize(
    "name",
    [
        *("", ".", "..", ".hidden", "-x", "a/b", "a\\b", "a b", "a\nb", "run\n", "a\0b", "../x", "a:b"),
        *("CON", "nul.txt", "x" * 201, "모" * 67, "\n" * 300),
    ],
)
def test_names_that_are_no_file_names_are_wrong_use(name: str) -> None:
    with pytest.raises(UsageError) as problem:
        check_name(name)
    assert "\n" not in str(problem.value)


def test_a_card_comes_back_as_it_was(places: Places) -> None:
    write_card(places, CARD)
    assert read_card(places, "run") == CARD
    assert run_names(places) == ("run",)


def test_the_folder_names_the_run(places: Places) -> None:
    write_card(places, CARD)
    places.run("run").rename(places.run("moved"))
    assert read_card(places, "moved").name == "moved"


def test_what_a_later_version_adds_is_passed_over(places: Places) -> None:
    write_card(places, CARD)
    path = places.run("run") / "run.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"mood": "blue"}))
    assert read_card(places, "run") == CARD


def test_newest_first(places: Places) -> None:
    for name, day in (("old", 1), ("new", 3), ("middle", 2)):
        write_card(places, replace(CARD, name=name, created=datetime(2024, 1, day)))
    assert [card.name for card in list_runs(places)] == ["new", "middle", "old"]


def test_an_unknown_run_is_told_with_those_that_are_there(places: Places) -> None:
    with pytest.raises(NotFound, match="musicrec train"):
        read_card(places, "nix")
    write_card(places, CARD)
    with pytest.raises(NotFound, match=r"'nix'.*\(there: run\)"):
        read_card(places, "nix")


def _with(**changed: object) -> str:
    fields: dict[str, object] = {
        "model": "ncf", "dataset": "d", "fingerprint": "f", "config": {}, "seed": 1, "device": "cpu",
        "created": "2024-01-01", "status": "finished", "epochs": 1, "best_epoch": 1, "seconds": 1.0, "parameters": 1,
        "metrics": {}, "name": "bad",
    }  # fmt: skip
    return json.dumps({key: value for key, value in (fields | changed).items() if value != "missing"})


DAMAGED = {
    "empty": "",
    "half": '{"model": "ncf", ',
    "list": "[]",
    "null": "null",
    "number": "3",
    "nothing in it": "{}",
    "no model": _with(model="missing"),
    "metrics null": _with(metrics=None),
    "config list": _with(config=[]),
    "epochs text": _with(epochs="three"),
    "seconds text": _with(seconds="long"),
    "created no date": _with(created="yesterday"),
    "created null": _with(created=None),
}


@pytest.mark.parametrize("content", DAMAGED.values(), ids=DAMAGED.keys())
def test_a_damaged_card_is_listed_with_its_problem(content: str, places: Places) -> None:
    write_card(places, CARD)
    places.run("bad").mkdir()
    (places.run("bad") / "run.json").write_text(content)
    with pytest.raises(MusicrecError, match=r"run bad .*damaged") as problem:
        read_card(places, "bad")
    assert "\n" not in str(problem.value)
    good, bad = list_runs(places)
    assert (good.name, good.problem) == ("run", None)
    assert bad.name == "bad"
    assert bad.problem is not None
    assert "damaged" in bad.problem


def test_a_card_in_no_encoding_is_damaged(places: Places) -> None:
    places.run("bad").mkdir(parents=True)
    (places.run("bad") / "run.json").write_bytes(b"\xff\xfe\x00{")
    assert [card.problem is None for card in list_runs(places)] == [False]


def test_times_with_and_without_a_zone_can_be_listed_together(places: Places) -> None:
    write_card(places, CARD)
    places.run("zoned").mkdir()
    (places.run("zoned") / "run.json").write_text(_with(created="2030-01-01T00:00:00+09:00"))
    assert [card.name for card in list_runs(places)] == ["zoned", "run"]


def test_other_things_among_the_runs_are_none(places: Places) -> None:
    assert list_runs(places) == ()
    write_card(places, CARD)
    (places.checkpoints / "README.md").write_text("hello")
    (places.checkpoints / "empty").mkdir()
    (places.checkpoints / ".hidden").mkdir()
    (places.checkpoints / ".hidden" / "run.json").write_text("{}")
    assert [card.name for card in list_runs(places)] == ["run"]


def test_a_free_name_is_taken_by_no_folder(places: Places) -> None:
    assert free_name(places, "ncf") == "ncf-1"
    for name in ("ncf-1", "ncf-2", "ncf-4", "other-1"):
        places.run(name).mkdir(parents=True)
    assert free_name(places, "ncf") == "ncf-3"
    assert free_name(places, "other") == "other-2"
    assert free_name(places, "ncf-1") == "ncf-1-1"


def test_a_run_belongs_to_the_contents_of_its_training() -> None:
    assert mismatch(CARD, "renamed", CARD.fingerprint) is None
    told = mismatch(CARD, "kkbox", "0123456789abcdef")
    assert told is not None
    assert {"run", "kkbox", "abcdef01", "01234567"} <= set(told.replace("(", " ").replace(")", " ").split())


def test_a_write_that_fails_leaves_what_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "file.json"
    write_atomically(path, b"old")

    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(MusicrecError, match=r"cannot write .*file.json: No space left on device"):
        write_atomically(path, b"new")
    assert path.read_bytes() == b"old"
    assert [each.name for each in tmp_path.iterdir()] == ["file.json"]


def test_an_interrupted_write_leaves_what_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "file.json"
    write_atomically(path, b"old")

    def interrupted(handle: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write_atomically(path, b"new")
    assert path.read_bytes() == b"old"
    assert [each.name for each in tmp_path.iterdir()] == ["file.json"]


def test_a_file_in_place_of_a_folder_is_told(tmp_path: Path) -> None:
    (tmp_path / "runs").write_text("")
    with pytest.raises(MusicrecError, match="cannot write"):
        write_atomically(tmp_path / "runs" / "run" / "run.json", b"{}")


def test_places_are_found_in_order(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MUSICREC_DATA", raising=False)
    monkeypatch.delenv("MUSICREC_CHECKPOINTS", raising=False)
    assert Places.find() == Places(Path("data"), Path("checkpoints"))
    monkeypatch.setenv("MUSICREC_DATA", "elsewhere")
    monkeypatch.setenv("MUSICREC_CHECKPOINTS", "")  # set to nothing is not set
    assert Places.find() == Places(Path("elsewhere"), Path("checkpoints"))
    assert Places.find(Path("given"), Path("runs")) == Places(Path("given"), Path("runs"))
    assert Places.find().dataset("x") == Path("elsewhere/x.duckdb")


EPOCHS = (Epoch(1, 0.7, 1.5, 200.0, 0.25, True), Epoch(2, 0.5, 1.0, 300.0, None, False))


def test_the_history_comes_back_as_it_was(places: Places) -> None:
    assert read_history(places, "run") == ()
    write_history(places, "run", [asdict(epoch) for epoch in EPOCHS])
    assert read_history(places, "run") == EPOCHS


def test_damaged_lines_of_a_history_are_left_out(places: Places) -> None:
    write_history(places, "run", [asdict(epoch) for epoch in EPOCHS])
    path = places.run("run") / "history.jsonl"
    first, second = path.read_text().splitlines()
    odd = (first.replace("0.7", value) for value in ('"high"', "NaN", "Infinity"))
    path.write_text("\n".join([first, second[:20], "[]", "3", '{"epoch": "x"}', *odd, second]))
    assert read_history(places, "run") == EPOCHS


def test_evaluations_come_back_as_they_were_and_damaged_ones_are_skipped(places: Places) -> None:
    assert read_evaluations(places, "run") == ()
    kept = []
    for split, candidates, negatives in (("test", "full", None), ("test", "sampled", 99)):
        protocol = Protocol(split, candidates, negatives, 7, 10, 100, (5, 10))  # type: ignore[arg-type]
        kept.append(Evaluation("run", "ncf", protocol, {"auc": Metric(0.5, 0.25, 0.75), "mrr@5": Metric(0.5)}))
        path = places.run("run") / "metrics" / f"{split}-{candidates}.json"
        write_atomically(path, json.dumps(asdict(kept[-1])).encode())
    whole = json.loads(path.read_text())
    for number, content in enumerate(("", "[]", "{}", "null", '{"run": 1', "\ud800")):
        (path.parent / f"bad-{number}.json").write_bytes(content.encode("utf-16", "surrogatepass"))
    for number, changed in enumerate(
        (
            {"protocol": None},
            {"metrics": {"auc": 3}},
            {"metrics": {"auc": {"mean": "x"}}},
            {"metrics": {"auc": {"mean": float("nan")}}},
        )
    ):
        (path.parent / f"worse-{number}.json").write_text(json.dumps(whole | changed))
    assert read_evaluations(places, "run") == tuple(kept)


def test_in_what_two_runs_differ() -> None:
    assert differences(CARD, CARD) == ()
    config = {"seed": 8, "feature_hidden": [4, 2], "lr": 0.5}
    other = replace(CARD, model="dtnmr", seed=8, device="cuda", fingerprint="1234567890", config=config)
    assert differences(CARD, other) == (
        Difference("model", "ncf", "dtnmr"),
        Difference("dataset", "kkbox abcdef01", "kkbox 12345678"),
        Difference("seed", 7, 8),
        Difference("device", "cpu", "cuda"),
        Difference("lr", None, 0.5),
    )
    assert differences(CARD, replace(CARD, dataset="melon"))[0] == Difference("dataset", "kkbox", "melon")


def test_a_number_beyond_all_bounds_makes_a_run_unreadable(places: Places) -> None:
    write_card(places, CARD)
    path = places.run(CARD.name) / "run.json"
    fields = json.loads(path.read_text())
    path.write_text(json.dumps(fields | {"config": {"lr": 10**400}}))
    with pytest.raises(MusicrecError, match=r"run\.json is damaged"):
        read_card(places, CARD.name)
