"""Help comes at once: nothing heavy is imported for it."""

from __future__ import annotations

import dataclasses
import json
import subprocess
import sys
from typing import Any

import pytest

from musicrec.core.models.configs import CONFIGS

COMMANDS = (
    "demo",
    "sample",
    "import",
    "datasets",
    "listeners",
    "songs",
    "listener",
    "song",
    "runs",
    "train",
    "sweep",
    "evaluate",
    "recommend",
    "similar",
    "what-if",
    "compare",
    "report",
    "export",
    "tui",
    "doctor",
)
HEAVY = {"torch", "pandas", "textual", "duckdb", "optuna", "musicrec.core.tracking"}
PROGRAM = """
import json, sys
from musicrec.cli import main
sys.argv = ["musicrec", *sys.argv[1:]]
try:
    main()
except SystemExit as end:
    names = {*sys.modules, *(name.partition(".")[0] for name in sys.modules)}
    print(json.dumps([end.code, sorted(names)]), file=sys.stderr)
"""


def _imported(*arguments: str) -> tuple[int, set[str], str]:
    done = subprocess.run([sys.executable, "-c", PROGRAM, *arguments], capture_output=True, text=True, check=True)
    code, modules = json.loads(done.stderr.splitlines()[-1])
    return code, set(modules), done.stdout


@pytest.mark.parametrize("arguments", [["--help"], ["train", "--help"], ["sweep", "--help"], ["recommend", "--help"]])
def test_help_imports_nothing_heavy(arguments: list[str]) -> None:
    code, modules, told = _imported(*arguments)
    assert code == 0
    assert "Usage: musicrec" in told
    assert modules.isdisjoint(HEAVY)


def test_listing_runs_needs_no_torch() -> None:
    code, modules, _ = _imported("runs")
    assert code == 0
    assert modules.isdisjoint({"torch", "textual", "pandas"})


@pytest.mark.parametrize("command", ["listeners", "songs"])
def test_lists_need_no_torch(command: str, trained: Any) -> None:
    where = ["--data", str(trained.data), "--checkpoints", str(trained.checkpoints)]
    code, modules, told = _imported(*where, command, "--limit", "2", "--json")
    assert (code, len(json.loads(told)["items"])) == (0, 2)
    assert modules.isdisjoint({"torch", "textual", "pandas"})


def test_every_parameter_of_every_model_is_an_option(invoke: Any, trained: Any) -> None:
    told = invoke(trained, "train", "--help").stdout
    for config in CONFIGS.values():
        for field in dataclasses.fields(config):
            assert f"--{field.name.replace('_', '-')}" in told


def test_the_commands_of_the_guide_are_there(invoke: Any, trained: Any) -> None:
    told = invoke(trained, "--help").stdout
    for command in COMMANDS:
        assert f"\n  {command} " in told
        assert invoke(trained, command, "--help").exit_code == 0
