"""Which folders, which dataset, which run: options, then the environment, then what there is."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner
from worlds import World

from musicrec.commands.app import app
from musicrec.core.places import Places

Musicrec = Callable[..., Any]


def _plain(*arguments: str) -> Any:
    return CliRunner().invoke(app, list(arguments), prog_name="musicrec")


def test_folders_come_from_the_environment_and_options_win(
    trained: Places, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MUSICREC_DATA", str(trained.data))
    monkeypatch.setenv("MUSICREC_CHECKPOINTS", str(trained.checkpoints))
    assert "kkbox" in _plain("datasets").stdout
    assert "neural" in _plain("runs").stdout
    assert "neural" not in _plain("--checkpoints", str(tmp_path), "runs").stdout
    assert _plain("--data", str(tmp_path), "datasets").stdout.startswith("none yet: make one with `musicrec demo`")


def test_without_either_the_working_folder_counts(
    trained: Places, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MUSICREC_DATA", raising=False)
    monkeypatch.delenv("MUSICREC_CHECKPOINTS", raising=False)
    (tmp_path / "data").mkdir()
    shutil.copy(trained.dataset("kkbox"), tmp_path / "data")
    assert "kkbox" in _plain("datasets").stdout
    assert _plain("train", "popularity", "--name", "here").exit_code == 0
    assert (tmp_path / "checkpoints" / "here" / "run.json").is_file()


@pytest.fixture
def two(trained: Places, checkerboard: World, tmp_path: Path) -> Places:
    (tmp_path / "data").mkdir()
    shutil.copy(trained.dataset("kkbox"), tmp_path / "data")
    shutil.copy(checkerboard.places.dataset("checkerboard"), tmp_path / "data")
    return Places(tmp_path / "data", tmp_path / "checkpoints")


def test_of_several_datasets_one_must_be_named(two: Places, invoke: Musicrec) -> None:
    answer = invoke(two, "train", "popularity")
    assert answer.exit_code == 1
    assert "--dataset" in answer.stderr
    assert "checkerboard, kkbox" in answer.stderr
    assert invoke(two, "train", "popularity", "--dataset", "kkbox").exit_code == 0


def test_the_newest_run_decides_and_is_said(two: Places, invoke: Musicrec) -> None:
    for name, model in (("first", "gmf"), ("second", "itemknn")):
        answer = invoke(
            two, "train", model, "--dataset", "checkerboard", "--name", name, *["--epochs", "1"] * (model == "gmf")
        )
        assert answer.exit_code == 0, answer.stderr
    answer = invoke(two, "recommend", "L3", "-k", "2")
    assert answer.exit_code == 0
    assert "second" in answer.stderr
    assert "--run" in answer.stderr
    named = invoke(two, "recommend", "L3", "-k", "2", "--run", "first")
    assert named.stderr == ""
    assert "run first" in named.stdout


def test_a_run_names_its_dataset(two: Places, invoke: Musicrec) -> None:
    assert invoke(two, "train", "itemknn", "--dataset", "checkerboard", "--name", "board").exit_code == 0
    assert invoke(two, "train", "itemknn", "--dataset", "kkbox", "--name", "other").exit_code == 0
    assert invoke(two, "recommend", "L3", "--run", "board").exit_code == 0
    assert "board" in invoke(two, "evaluate", "board", "--k", "5").stdout


def test_a_renamed_dataset_goes_by_its_new_name_and_its_runs_with_it(two: Places, invoke: Musicrec) -> None:
    for name, dataset in (("elsewhere", "kkbox"), ("board", "checkerboard")):
        assert invoke(two, "train", "itemknn", "--dataset", dataset, "--name", name).exit_code == 0
    two.dataset("checkerboard").rename(two.dataset("one"))
    listed = [each["name"] for each in json.loads(invoke(two, "datasets", "--json").stdout)]
    assert listed == ["kkbox", "one"]
    for arguments in (
        ["recommend", "L3", "--dataset", "one"],
        ["recommend", "L3"],
        ["recommend", "L3", "--run", "board"],
    ):
        answer = invoke(two, *arguments)
        assert answer.exit_code == 0, answer.stderr
        assert "run board" in answer.stdout
    assert invoke(two, "evaluate", "board").exit_code == 0
    assert "board" not in [
        each["what"] for each in json.loads(invoke(two, "doctor", "--json").stdout) if each["problem"]
    ]


def test_runs_without_a_name_are_numbered(two: Places, invoke: Musicrec) -> None:
    for _ in range(2):
        assert invoke(two, "train", "popularity", "--dataset", "kkbox").exit_code == 0
    assert {path.name for path in two.checkpoints.iterdir()} == {"popularity-kkbox-1", "popularity-kkbox-2"}


def test_a_tilde_that_no_shell_saw_is_the_home_folder(
    trained: Places, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home, work = tmp_path / "home", tmp_path / "work"
    for folder in (home, work):
        folder.mkdir()
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("MUSICREC_CHECKPOINTS", "~/runs")
    monkeypatch.chdir(work)
    (home / "data").symlink_to(trained.data)
    (home / "runs").symlink_to(trained.checkpoints)
    (home / "mine.toml").write_text("mood = 3\n")
    small = ("--listeners", "30", "--songs", "50", "--plays", "500")
    assert _plain("sample", "kkbox", "~/sample", *small).exit_code == 0
    assert _plain("--data", "~/data", "evaluate", "crowd", "--csv=~/figures.csv").exit_code == 0
    assert "'mood'" in _plain("train", "ncf", "--config=~/mine.toml").stderr
    assert {path.name for path in home.iterdir()} == {"data", "runs", "mine.toml", "sample", "figures.csv"}
    assert list(work.iterdir()) == []
    assert _plain("sample", "kkbox", "~nobody-of-this-name/sample", *small).exit_code == 0  # as a shell has it
    assert [path.name for path in work.iterdir()] == ["~nobody-of-this-name"]
