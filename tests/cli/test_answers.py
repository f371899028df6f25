"""What the commands answer: tables for people, one JSON document or CSV for programs, narration on stderr."""

from __future__ import annotations

import csv
import io
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from worlds import World, open_world, write_kkbox

from musicrec.core.explorer import Explorer
from musicrec.core.places import Places

Musicrec = Callable[..., Any]


@pytest.fixture
def explorer(trained: Places) -> Any:
    explorer = Explorer.open(trained)
    yield explorer
    explorer.close()


@pytest.fixture
def someone(explorer: Explorer) -> str:
    return explorer.find_listeners("plays:20-60", limit=1).items[0].id


@pytest.fixture
def song(explorer: Explorer) -> str:
    return explorer.find_songs(limit=1).items[0].id


def _json(answer: Any) -> Any:
    assert answer.exit_code == 0, answer.stderr
    return json.loads(answer.stdout)


def _csv(answer: Any) -> list[dict[str, str]]:
    assert answer.exit_code == 0, answer.stderr
    return list(csv.DictReader(io.StringIO(answer.stdout, newline="")))


@pytest.mark.parametrize("format", ["kkbox", "melon"])
def test_from_files_to_recommendations(
    format: str, invoke: Musicrec, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    world: World = request.getfixturevalue(f"{format}_world")
    places = Places(tmp_path / "data", tmp_path / "checkpoints")
    imported = invoke(places, "import", format, str(world.files))
    assert imported.exit_code == 0
    assert f"Dataset {format}" in imported.stdout
    assert f"{world.data.song_count:,}" in imported.stdout
    settings = ["--epochs", "1", "--lstm-hidden", "8", "--batch-size", "256", "--subset-size", "20"]
    trained = invoke(places, "train", "dtnmr", *settings, "--optimizer", "adam", "--lr", "0.005")
    assert trained.exit_code == 0
    assert trained.stdout == ""
    assert f"run dtnmr-{format}-1" in trained.stderr
    run = places.run(f"dtnmr-{format}-1")
    kept = {path.name for path in run.iterdir()}
    assert kept == {"run.json", "model.safetensors", "training.safetensors", "history.jsonl"}
    card = json.loads((run / "run.json").read_text())
    assert (card["config"]["lstm_hidden"], card["status"], card["epochs"]) == (8, "finished", 1)
    explorer = Explorer.open(places)
    listener = explorer.find_listeners(limit=1).items[0].id
    explorer.close()
    answer = invoke(places, "recommend", listener, "-k", "3", "--explain")
    assert answer.exit_code == 0
    assert all(name in answer.stdout for name in ("static", "long-term", "short-term"))
    assert "the parts of a score add up to it" in answer.stdout
    told = _json(invoke(places, "evaluate", "--k", "10", "--json"))
    assert {each["model"] for each in told} == {"popularity", "itemknn", "dtnmr"}
    assert (run / "metrics" / "test-full-k-10.json").is_file()
    assert _json(invoke(places, "doctor", "--json"))[-1]["problem"] is None


def test_import_says_what_it_kept(invoke: Musicrec, kkbox_world: World, tmp_path: Path) -> None:
    places = Places(tmp_path / "data", tmp_path / "checkpoints")
    told = _json(invoke(places, "import", "kkbox", str(kkbox_world.files), "--name", "mine", "--json"))
    assert told["card"]["name"] == "mine"
    assert told["card"]["fingerprint"] == kkbox_world.data.fingerprint
    (listed,) = _json(invoke(places, "datasets", "--json"))
    assert listed["counts"] == told["card"]["counts"]
    again = invoke(places, "import", "kkbox", str(kkbox_world.files), "--name", "mine", "--replace", "--top", "0.3")
    assert again.exit_code == 0
    (cut,) = _json(invoke(places, "datasets", "--json"))
    assert cut["counts"]["songs"] < listed["counts"]["songs"]


def test_what_an_import_could_not_use_is_shown(invoke: Musicrec, kkbox_world: World, tmp_path: Path) -> None:
    files = shutil.copytree(kkbox_world.files, tmp_path / "files")
    train = next(files.glob("train.csv*"))
    lines = train.read_text().splitlines()
    train.write_text("\n".join([*lines, ",,,,,", *lines[1:2], ",,,,,", "[bold]one field", ""]))
    places = Places(tmp_path / "data", tmp_path / "checkpoints")
    assert invoke(places, "import", "kkbox", str(files), "--name", "torn").exit_code == 0
    shown = invoke(places, "datasets", "torn").stdout
    assert "[bold]one field" in shown
    assert f"{len(lines) + 1:,}" in shown
    assert len(_json(invoke(places, "datasets", "torn", "--limit", "2", "--json"))["rejects"]["items"]) == 2
    told = _json(invoke(places, "datasets", "torn", "--limit", "1" + 30 * "0", "--json"))
    rejects = told["rejects"]["items"]
    assert [each["line"] - len(lines) for each in rejects if each["file"] == train.name] == [1, 3, 4]
    assert told["rejects"]["total"] == told["card"]["counts"]["rejects"] == len(rejects)
    unnamed = invoke(places, "datasets", "--limit", "2")
    assert (unnamed.exit_code, "name the dataset" in unnamed.stderr) == (2, True)


def test_datasets_and_runs_are_listed(musicrec: Musicrec) -> None:
    assert "kkbox" in musicrec("datasets").stdout
    runs = _json(musicrec("runs", "--json"))
    assert {(run["name"], run["model"], run["status"]) for run in runs} == {
        ("neural", "ncf", "finished"),
        ("crowd", "popularity", "finished"),
    }
    assert all(run["name"] in musicrec("runs").stdout for run in runs)


def test_recommend_answers_as_the_explorer_does(musicrec: Musicrec, explorer: Explorer, someone: str) -> None:
    wanted = explorer.recommend(someone, "neural", k=5)
    table = musicrec("recommend", someone, "--run", "neural", "-k", "5")
    assert table.exit_code == 0
    assert table.stderr == ""
    assert all(item.song.id in table.stdout for item in wanted.items)
    told = _json(musicrec("recommend", someone, "--run", "neural", "-k", "5", "--json"))
    rows = _csv(musicrec("recommend", someone, "--run", "neural", "-k", "5", "--csv"))
    for each in ([item["song"]["id"] for item in told["items"]], [row["song"] for row in rows]):
        assert each == [item.song.id for item in wanted.items]
    assert [float(row["score"]) for row in rows] == [item.score for item in wanted.items]
    assert [row["title"] or None for row in rows] == [item.song.title for item in wanted.items]


def test_more_than_the_catalogue_is_all_of_it(musicrec: Musicrec, explorer: Explorer, someone: str) -> None:
    rows = _csv(musicrec("recommend", someone, "--run", "neural", "-k", "1000", "--csv"))
    everything = _csv(musicrec("recommend", someone, "--run", "neural", "-k", "1000", "--csv", "--include-heard"))
    assert len(everything) == explorer.dataset.songs
    assert len(rows) == len(everything) - sum("heard" in row["marks"] for row in everything) < len(everything)


def test_recommendations_of_one_genre_and_language(musicrec: Musicrec, explorer: Explorer, someone: str) -> None:
    (genre, _), (language, _) = explorer.catalogue.genres()[0], explorer.catalogue.languages()[0]
    options = ["--run", "neural", "-k", "50", "--csv", "--genre", genre, "--language", language]
    rows = _csv(musicrec("recommend", someone, *options))
    assert rows
    assert all(genre in row["genres"].split(", ") and row["language"] == language for row in rows)


def test_explanations_add_up(musicrec: Musicrec, someone: str) -> None:
    ask = ["recommend", someone, "--run", "neural", "-k", "3", "--explain"]
    told = _json(musicrec(*ask, "--json"))
    assert set(told) == {"recommendations", "explanations"}
    for item, why in zip(told["recommendations"]["items"], told["explanations"], strict=True):
        assert item["song"] == why["song"]
        assert sum(part["value"] for part in why["parts"]) == pytest.approx(item["score"], abs=1e-4)
        assert [part["name"] for part in why["parts"]] == ["GMF", "MLP", "bias"]
        assert why["nearest"]
    rows = _csv(musicrec(*ask, "--csv"))
    assert [row["why"] for row in rows] == [why["sentence"] for why in told["explanations"]]


def test_similar_songs(musicrec: Musicrec, song: str) -> None:
    told = _json(musicrec("similar", song, "--run", "neural", "-k", "4", "--json"))
    values = [each["similarity"] for each in told]
    assert len(values) == 4
    assert values == sorted(values, reverse=True)
    assert song not in {each["song"]["id"] for each in told}
    rows = _csv(musicrec("similar", song, "--run", "neural", "-k", "4", "--csv"))
    assert [row["song"] for row in rows] == [each["song"]["id"] for each in told]
    assert all(row["song"] in musicrec("similar", song, "--run", "neural", "-k", "4").stdout for row in rows)


def test_evaluate_shows_runs_beside_the_baselines(musicrec: Musicrec, tmp_path: Path) -> None:
    table = musicrec("evaluate", "neural", "--k", "5,10")
    assert table.exit_code == 0
    for word in ("At 5", "At 10", "(popularity)", "(itemknn)", "neural", "NDCG@10", "AUC", "test split", "listeners"):
        assert word in table.stdout
    told = _json(musicrec("evaluate", "neural", "--k", "5,10", "--json"))
    assert [each["run"] for each in told] == ["(popularity)", "(itemknn)", "neural"]
    assert {each["protocol"]["candidates"] for each in told} == {"full"}
    file = tmp_path / "new" / "figures.csv"
    assert musicrec("evaluate", "neural", "--k", "5,10", "--csv", str(file)).exit_code == 0
    written = file.read_bytes()
    again = musicrec("evaluate", "neural", "--k", "5", "--csv", str(file))
    assert (again.exit_code, file.read_bytes()) == (2, written)
    assert again.stderr == f"musicrec: {file} is there already: choose another file, or give --replace\n"
    assert musicrec("evaluate", "neural", "--k", "5,10", "--csv", str(file), "--replace").exit_code == 0
    assert musicrec("evaluate", "--csv", str(file.parent), "--replace").exit_code == 2
    assert musicrec("evaluate", "--replace").exit_code == 2
    rows = _csv(musicrec("evaluate", "neural", "--k", "5,10", "--csv", "-"))
    assert file.read_text("utf-8").splitlines()[0] == ",".join(rows[0])
    figures = {(row["run"], row["metric"], row["k"]): float(row["mean"]) for row in rows}
    for each in told:
        for name, figure in each["metrics"].items():
            metric, _, k = name.partition("@")
            assert figures[each["run"], metric, k] == figure["mean"]


def test_sampled_figures_are_labelled(invoke: Musicrec, melon_world: World, tmp_path: Path) -> None:
    places = Places(melon_world.places.data, tmp_path)
    assert invoke(places, "train", "popularity", "--name", "crowd").exit_code == 0
    ask = ["evaluate", "--protocol", "sampled", "--negatives", "20", "--k", "10"]
    assert "held-out songs among 20 sampled songs" in (table := invoke(places, *ask).stdout)
    assert "rank models differently from full ranking" in table
    told = _json(invoke(places, *ask, "--json", "--seed", "3"))
    assert {(p["candidates"], p["negatives"], p["seed"]) for p in (each["protocol"] for each in told)} == {
        ("sampled", 20, 3)
    }


def test_doctor_names_what_is_wrong(musicrec: Musicrec, invoke: Musicrec, trained: Places, tmp_path: Path) -> None:
    found = _json(musicrec("doctor", "--json"))
    assert {"python", "torch", "duckdb", "device", "dataset kkbox", "run neural"} <= {each["what"] for each in found}
    assert not [each for each in found if each["problem"]]
    (tmp_path / "broken.duckdb").write_text("nonsense")
    found = _json(invoke(Places(tmp_path, trained.checkpoints), "doctor", "--json"))
    problems = {each["what"]: each["problem"] for each in found if each["problem"]}
    assert set(problems) == {"dataset broken", "run neural", "run crowd"}
    assert "kkbox" in problems["run neural"]
    empty = invoke(Places(tmp_path / "none", tmp_path / "none"), "doctor")
    assert "musicrec demo" in empty.stdout


def test_nothing_there_yet_is_an_empty_list(invoke: Musicrec, tmp_path: Path) -> None:
    for command in ("datasets", "runs"):
        assert _json(invoke(Places(tmp_path / "a", tmp_path / "b"), command, "--json")) == []
        assert invoke(Places(tmp_path / "a", tmp_path / "b"), command).exit_code == 0


def test_sample_writes_files_that_import(invoke: Musicrec, tmp_path: Path) -> None:
    places = Places(tmp_path / "data", tmp_path / "checkpoints")
    sizes = ["--listeners", "30", "--songs", "60", "--plays", "500", "--seed", "2"]
    for kind in ("kkbox", "melon"):
        folder = str(tmp_path / kind)
        assert f"musicrec import {kind}" in invoke(places, "sample", kind, folder, *sizes).stdout
        assert invoke(places, "import", kind, folder).exit_code == 0


def test_brackets_in_names_are_shown_as_they_are(invoke: Musicrec, tmp_path: Path) -> None:
    artists = {f"S{n}": "[red]Ida[/red] [link" for n in range(6)}
    plays = [(f"L{i}", f"S{(i + j) % 6}") for i in range(6) for j in range(4)]
    world = open_world(tmp_path, "kkbox", write_kkbox(tmp_path / "raw", plays, artists=artists), "kkbox")
    assert invoke(world.places, "train", "itemknn").exit_code == 0
    answer = invoke(world.places, "recommend", "L0", "--explain")
    assert answer.exit_code == 0
    assert "[red]Ida[/red] [link" in answer.stdout
