"""A plain `musicrec tui` opens the screen without Typer, and means what it means with it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import musicrec.cli
import musicrec.commands.opening
import musicrec.commands.screen
from musicrec.commands.app import app

LINES = [
    ["tui"],
    ["tui", "--run", "mine"],
    ["tui", "--run=mine", "--listener", "周"],
    ["tui", "--run", "a", "--run", "b"],
    ["--data", "d", "--checkpoints=c", "tui", "--dataset", "kkbox", "--theme", "nord", "--keys", "keys.toml"],
    ["--data=a=b", "tui"],
    ["--data=~/d", "tui", "--keys=~/keys.toml"],
]
OTHERS = [
    [],
    ["--help"],
    ["tui", "--help"],
    ["tui", "--web"],
    ["tui", "--port", "1"],
    ["tui", "--run"],
    ["tui", "--run", "--theme"],
    ["tui", "--run="],
    ["tui", "--run", ""],
    ["--data", "", "tui"],
    ["tui", "tui"],
    ["tui", "--data", "d"],
    ["--run", "mine", "tui"],
    ["runs"],
    ["-h"],
]


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, ...]]:
    """What the screen was opened with, each time."""
    calls: list[tuple[Any, ...]] = []
    for module in (musicrec.commands.opening, musicrec.commands.screen):
        monkeypatch.setattr(module, "at_terminal", lambda: True)
        monkeypatch.setattr(module, "open_screen", lambda *arguments: calls.append(arguments))
    return calls


def _main(monkeypatch: pytest.MonkeyPatch, words: list[str]) -> None:
    monkeypatch.setattr(sys, "argv", ["musicrec", *words])
    musicrec.cli.main()


@pytest.mark.parametrize("variables", [{}, {"MUSICREC_DATA": "from-env", "MUSICREC_CHECKPOINTS": ""}])
@pytest.mark.parametrize("words", LINES, ids=" ".join)
def test_the_shortcut_means_what_the_command_means(
    words: list[str], variables: dict[str, str], opened: list[tuple[Any, ...]], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    _main(monkeypatch, words)
    app(words, prog_name="musicrec", standalone_mode=False)
    shortcut, command = opened
    assert shortcut == command


@pytest.mark.parametrize("words", OTHERS, ids=" ".join)
def test_all_else_goes_to_the_commands(words: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    went: list[str] = []
    monkeypatch.setattr("musicrec.commands.app.app", lambda prog_name: went.append(prog_name))
    monkeypatch.setattr(musicrec.commands.opening, "at_terminal", lambda: True)
    _main(monkeypatch, words)
    assert went == ["musicrec"]


def test_without_a_terminal_the_command_says_so(monkeypatch: pytest.MonkeyPatch, capfd: Any) -> None:
    with pytest.raises(SystemExit) as end:
        _main(monkeypatch, ["tui"])
    assert end.value.code == 2
    assert "needs a terminal" in capfd.readouterr().err


def test_a_mistake_is_one_line(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capfd: Any) -> None:
    monkeypatch.setattr(musicrec.commands.opening, "at_terminal", lambda: True)
    with pytest.raises(SystemExit) as end:
        _main(monkeypatch, ["--data", str(tmp_path), "--checkpoints", str(tmp_path), "tui", "--run", "none"])
    told = capfd.readouterr().err.splitlines()
    assert (end.value.code, len(told)) == (1, 1)
    assert told[0].startswith("musicrec: ")


@pytest.mark.parametrize("words", [["--run", ""], ["--dataset="]], ids=" ".join)
def test_an_empty_name_is_one_line(words: list[str], monkeypatch: pytest.MonkeyPatch, capfd: Any) -> None:
    monkeypatch.setattr(musicrec.commands.opening, "at_terminal", lambda: True)
    with pytest.raises(SystemExit) as end:
        _main(monkeypatch, ["tui", *words])
    assert end.value.code == 2
    assert capfd.readouterr().err == f"musicrec: {words[0].rstrip('=')} is empty: give a value, or leave it out\n"


def test_the_shortcut_imports_no_typer() -> None:
    code = """
import sys
import musicrec.cli
import musicrec.commands.opening as opening
opening.at_terminal = lambda: True
opening.open_screen = lambda *arguments: print(sorted({"typer", "pydantic", "rich"} & set(sys.modules)))
sys.argv = ["musicrec", "tui"]
musicrec.cli.main()
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
