"""The named protocols on the command line: the protocol travels with the numbers in every form."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from worlds import World

from musicrec.core.places import Places

Musicrec = Callable[..., Any]


@pytest.fixture(scope="module")
def places(kkbox_world: World, invoke: Musicrec, tmp_path_factory: pytest.TempPathFactory) -> Places:
    """A dataset with one run; tests measure it again and again."""
    places = Places(kkbox_world.places.data, tmp_path_factory.mktemp("measured"))
    assert invoke(places, "train", "popularity", "--name", "crowd").exit_code == 0
    return places


def _json(answer: Any) -> Any:
    assert answer.exit_code == 0, answer.stderr
    return json.loads(answer.stdout)


@pytest.mark.parametrize(
    ("protocol", "words"),
    [
        ("full", ("test split, all 240 songs",)),
        ("dtnmr-paper", ("dtnmr-paper: test.csv after train.csv", "User coverage@5", "AUC")),
        ("cold-songs", ("cold-songs: test split", "without a play before it", "(chance)", "crowd: it scores all")),
    ],
)
def test_a_table_says_its_protocol(protocol: str, words: tuple[str, ...], invoke: Musicrec, places: Places) -> None:
    table = invoke(places, "evaluate", "crowd", "--protocol", protocol, "--k", "5")
    assert table.exit_code == 0, table.stderr
    for word in words:
        assert word in " ".join(table.stdout.split())
    told = _json(invoke(places, "evaluate", "crowd", "--protocol", protocol, "--k", "5", "--json"))
    assert {each["protocol"]["name"] for each in told} == {protocol}
    kept = places.run("crowd") / "metrics"
    stored = json.loads((kept / f"test-{protocol}-k-5.json").read_text())
    parquet = (kept / f"test-{protocol}-k-5.parquet").read_bytes()
    assert stored == told[-1] | {"parquet_sha256": sha256(parquet).hexdigest()}


def test_cold_listeners_stand_by_the_plays_that_were_shown(invoke: Musicrec, places: Places) -> None:
    ask = ["evaluate", "crowd", "--protocol", "cold-listeners", "--first", "3,0", "--k", "5", "--listeners", "9"]
    table = invoke(places, *ask)
    assert table.exit_code == 0, table.stderr
    assert "only the first plays are shown, 9 listeners" in " ".join(table.stdout.split())
    answer = invoke(places, *ask, "--csv", "-")
    rows = list(csv.DictReader(io.StringIO(answer.stdout, newline="")))
    assert list(dict.fromkeys((row["first_plays"], row["run"]) for row in rows)) == [
        (first, run) for first in ("0", "3") for run in ("(chance)", "(itemknn)", "crowd")
    ]
    assert {row["protocol"] for row in rows} == {"cold-listeners"}
    assert [bool(row["notices"]) for row in rows if row["run"] == "(itemknn)" and row["metric"] == "auc"] == [
        True,
        False,
    ]


def test_scores_of_another_program_stand_beside_the_runs(invoke: Musicrec, places: Places, tmp_path: Path) -> None:
    (tmp_path / "theirs.csv").write_text("listener,song,score\nnobody,nothing,1\n")
    ask = ["evaluate", "crowd", "--k", "5", "--scores", str(tmp_path / "theirs.csv")]
    table = " ".join(invoke(places, *ask).stdout.split())
    assert "theirs: 1 row names a listener that the dataset does not have: left out" in table
    assert "listeners are not in the file: for them all songs tie" in table
    told = _json(invoke(places, *ask, "--name", "other", "--json"))
    assert [(each["run"], each["model"]) for each in told][-1] == ("other", "file")
    assert told[-1]["metrics"]["auc"]["mean"] == 0.5
    assert {path.name for path in places.checkpoints.iterdir()} == {"crowd"}


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["--protocol", "ncf-reference"], 1, "--split latest-issue"),
        (["--protocol", "dtnmr-paper", "--split", "validation"], 2, "leave out --split"),
        (["--protocol", "cold-listeners", "--first", "1,x"], 2, "0,1,5,10"),
        (["--protocol", "cold-listeners", "--first", ""], 2, "--first"),
        (["--listeners", "0"], 2, "--listeners"),
        (["--name", "theirs"], 2, "--scores"),
        (["--scores", "nowhere.csv"], 1, "nowhere.csv"),
        (["--scores", "nowhere.csv", "--name", "a/b"], 2, "'a/b'"),
    ],
)
def test_wrong_use_is_one_line(
    arguments: list[str], code: int, words: str, invoke: Musicrec, places: Places, tmp_path: Path
) -> None:
    answer = invoke(places, "evaluate", "crowd", *arguments)
    assert answer.exit_code == code
    assert answer.stdout == ""
    assert answer.stderr.startswith("musicrec: ")
    assert answer.stderr.count("\n") == 1
    assert words in answer.stderr
