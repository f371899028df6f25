"""An option or argument that is given says something: empty ones are told in one line, whatever the command."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer.main
from typer.testing import CliRunner

from musicrec.commands.app import app

COMMANDS: dict[str, Any] = vars(typer.main.get_command(app))["commands"]
BEFORE = {("import", "folder"): ["kkbox"], ("sample", "folder"): ["kkbox"], ("compare", "other"): ["one"]}
TAKES_NOTHING = {"keys", "datasets", "doctor"}


def _given_empty(command: str) -> Iterator[list[str]]:
    for parameter in COMMANDS[command].params:
        if not parameter.opts[0].startswith("-"):
            yield [*BEFORE.get((command, parameter.name), []), ""]
        elif not parameter.is_flag:
            yield [parameter.opts[0], ""]


def _told(*words: str) -> str:
    answer = CliRunner().invoke(app, words, prog_name="musicrec")
    assert (answer.exit_code, answer.stdout) == (2, ""), words
    (line,) = answer.stderr.splitlines()
    return line.removeprefix("musicrec: ")


@pytest.mark.parametrize("command", sorted(COMMANDS.keys() - TAKES_NOTHING))
def test_nothing_that_is_given_is_empty(command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    asked = [words for words in _given_empty(command) if command not in ("songs", "listeners") or words != [""]]
    assert asked
    for words in asked:
        told = _told(command, *words)
        if words[0].startswith("-"):
            assert told == f"{words[0]} is empty: give a value, or leave it out"
        else:
            assert told.endswith(" is empty: give a value")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("words", [["--data", "", "runs"], ["--checkpoints=", "runs"], ["evaluate", "--by="]])
def test_empty_ones_by_another_spelling(words: list[str]) -> None:
    assert " is empty: give a value, or leave it out" in _told(*words)


def test_a_query_may_be_empty(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    for command in ("songs", "listeners"):
        answer = CliRunner().invoke(app, [command, ""], prog_name="musicrec")
        assert answer.stderr.startswith("musicrec: no dataset in data")
