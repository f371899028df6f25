"""The command line as a function: arguments in; exit code, stdout and stderr out."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import typer.main
from typer.testing import CliRunner
from worlds import World

from musicrec.commands.app import app
from musicrec.core.places import Places

Musicrec = Callable[..., Any]


@pytest.fixture(scope="session", autouse=True)
def _one_group() -> Iterator[None]:
    """Make the commands once: the runner makes all of them for each call, which takes longer than most calls."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("typer.testing._get_command", cache(typer.main.get_command))
        yield


def _invoke(places: Places, *arguments: str) -> Any:
    where = ["--data", str(places.data), "--checkpoints", str(places.checkpoints)]
    return CliRunner().invoke(app, [*where, *arguments], prog_name="musicrec")


@pytest.fixture(scope="session")
def invoke() -> Musicrec:
    """Call musicrec in these places."""
    return _invoke


@pytest.fixture(scope="session")
def trained(kkbox_world: World, tmp_path_factory: pytest.TempPathFactory) -> Places:
    """A dataset with two runs, made by the command line; tests only read it."""
    places = Places(kkbox_world.places.data, tmp_path_factory.mktemp("trained"))
    for arguments in (["popularity", "--name", "crowd"], ["ncf", "--name", "neural", "--epochs", "2"]):
        answer = _invoke(places, "train", *arguments)
        assert answer.exit_code == 0, answer.stderr
    return places


@pytest.fixture
def musicrec(trained: Places) -> Musicrec:
    """Call musicrec where a dataset and two runs are."""
    return lambda *arguments: _invoke(trained, *arguments)


@pytest.fixture(scope="session")
def start() -> Callable[..., subprocess.Popen[str]]:
    """Start musicrec as a process of its own."""

    def process(*arguments: str, folder: Path, **environment: str) -> subprocess.Popen[str]:
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("MUSICREC_")}
        return subprocess.Popen(
            [sys.executable, "-m", "musicrec.cli", *arguments],
            cwd=folder,
            env=inherited | {"OMP_NUM_THREADS": "1"} | environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )

    return process
