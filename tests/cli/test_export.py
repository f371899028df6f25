"""musicrec export, and its files without musicrec: the lists again, from the graph and the tables alone."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import onnxruntime
import pytest

Musicrec = Callable[..., Any]


def _rows(path: Path, columns: str) -> list[tuple[Any, ...]]:
    with duckdb.connect() as connection:
        return connection.sql(f"SELECT {columns} FROM read_parquet('{path}')").fetchall()


def test_what_was_written_is_listed(musicrec: Musicrec, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    answer = musicrec("export", str(folder), "--negatives", "2", "--json")
    assert answer.exit_code == 0, answer.stderr
    told = json.loads(answer.stdout)
    assert [each["name"] for each in told["files"]] == [
        *("split.parquet", "songs.parquet", "listeners.parquet", "negatives.parquet", "protocol.json"),
    ]
    assert told["run"] is None
    again = musicrec("export", str(folder))
    assert (again.exit_code, again.stdout) == (2, "")
    assert "has files in it" in again.stderr
    table = musicrec("export", str(folder), "--replace", "--negatives", "0")
    assert "protocol.json" in table.stdout
    assert "negatives.parquet" not in table.stdout


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["--onnx"], 2, "--onnx is for a run"),
        (["-k", "5"], 2, "-k is for a run"),
        (["--run", "none"], 1, "no run is called 'none'"),
        (["--dataset", "none"], 1, "none"),
        (["--negatives", "239"], 1, "give a smaller --negatives"),
    ],
)
def test_wrong_use_is_told_in_a_line(
    arguments: list[str], code: int, words: str, musicrec: Musicrec, tmp_path: Path
) -> None:
    answer = musicrec("export", str(tmp_path / "out"), *arguments)
    assert (answer.exit_code, answer.stdout) == (code, "")
    assert words in answer.stderr
    assert answer.stderr.count("\n") == 1
    assert not (tmp_path / "out").exists()


def test_a_model_without_a_graph_is_told(musicrec: Musicrec, tmp_path: Path) -> None:
    answer = musicrec("export", str(tmp_path / "out"), "--run", "crowd", "--onnx")
    assert answer.exit_code == 2
    assert "popularity has no ONNX graph" in answer.stderr


def test_the_graph_and_the_tables_give_the_lists(musicrec: Musicrec, tmp_path: Path) -> None:
    answer = musicrec("export", str(tmp_path), "--run", "neural", "-k", "5", "--onnx", "--json", "--negatives", "0")
    assert answer.exit_code == 0, answer.stderr
    assert "gives the scores of the run" in json.loads(answer.stdout)["notices"][-1]
    songs = dict(_rows(tmp_path / "songs.parquet", "song, number"))
    listeners = dict(_rows(tmp_path / "listeners.parquet", "listener, number"))
    heard = defaultdict(set)
    for listener, song, split in _rows(tmp_path / "split.parquet", "listener, song, split"):
        if split != "test":
            heard[listener].add(song)
    session = onnxruntime.InferenceSession(str(tmp_path / "model.onnx"), providers=["CPUExecutionProvider"])
    lists = defaultdict(list)
    for listener, song, score in _rows(tmp_path / "top.parquet", "listener, song, score"):
        lists[listener].append((song, score))
    for listener in list(lists)[:3]:
        who = np.full(len(songs), listeners[listener])
        (logits,) = session.run(["logit"], {"listener": who, "song": np.array(list(songs.values()))})
        found = sorted(zip(songs, logits.tolist(), strict=True), key=lambda each: -each[1])
        best = [each for each in found if each[0] not in heard[listener]][: len(lists[listener])]
        assert [song for song, _ in best] == [song for song, _ in lists[listener]]
        assert [score for _, score in best] == pytest.approx([score for _, score in lists[listener]], abs=1e-5)


def test_evaluate_gives_the_lists_the_figures_of_the_run(musicrec: Musicrec, tmp_path: Path) -> None:
    assert musicrec("export", str(tmp_path), "--run", "neural", "--negatives", "2").exit_code == 0
    lists = ("--scores", str(tmp_path / "top.parquet"), "--name", "listed", "--k", "10,100", "--json")
    answer = musicrec("evaluate", "neural", *lists)
    figures = {each["run"]: each["metrics"] for each in json.loads(answer.stdout)}
    for name in ("hr@10", "ndcg@10", "hr@100", "ndcg@100"):
        assert figures["listed"][name] == figures["neural"][name]
