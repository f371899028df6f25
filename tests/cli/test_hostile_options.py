"""Every option of every command with what it cannot take: one line, or an answer; never a path elsewhere."""

from __future__ import annotations

import inspect
import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
import typer.main

from musicrec.commands.app import app
from musicrec.core.errors import UsageError
from musicrec.core.models.configs import CONFIGS, MODELS, config_for
from musicrec.core.places import Places

Musicrec = Callable[..., Any]
NAMES = (
    "a/b", "../x", "..", ".", "/x", "a b", " ", "x\0y", "x" * 300, ".hidden", "-x", "a\\b", "~", "$HOME",
    "a\nb", "x\x1b[31m",
    "\u202ex", "x'; DROP TABLE songs; --", 'x"y', "\udcff", "x:y", "x|y", "%00", "CON/../x",
    "\N{FULLWIDTH SOLIDUS}etc",
)  # fmt: skip
RESERVED = ("CON", "NUL", "aux", "com1.txt", "Lpt9", "x.")
NUMBERS = (
    "-1",
    "0",
    "-99999999999999999999",
    "99999999999999999999",
    "9000000000000000000",
    "1e400",
    "nan",
    "-inf",
    "x",
    "1.5",
    "٣",
    "9" * 5000,
)
SQL = (
    "'",
    "''",
    "' OR 1=1 --",
    "'; DROP TABLE songs; --",
    '" OR ""="',
    "$1",
    "?",
    "%",
    "_",
    "\\",
    "\0",
    "\udcff",
    "x" * 100_000,
)
SLOW = {"demo", "tui", "keys"}


def _numeric() -> Iterator[tuple[str, str, bool]]:
    """Every option that takes a number: its command, its name, and whether the number is whole."""
    group: Any = typer.main.get_command(app)
    callbacks = {
        each.name or (each.callback.__name__ if each.callback else ""): each for each in app.registered_commands
    }
    for name, command in group.commands.items():
        if name in SLOW or (callback := callbacks[name].callback) is None:
            continue
        kinds = {
            each.name: str(each.annotation) for each in inspect.signature(callback, eval_str=True).parameters.values()
        }
        for parameter in command.params:
            kind = kinds.get(parameter.name, "")
            if parameter.opts[0].startswith("-") and re.search(r"\b(int|float)\b", kind):
                yield name, parameter.opts[0], "int" in kind


ARGUMENTS = {
    "recommend": ["LISTENER", "--run", "crowd"],
    "similar": ["SONG", "--run", "neural"],
    "what-if": ["LISTENER", "--run", "crowd"],
    "compare": ["neural", "crowd"],
    "listener": ["LISTENER"],
    "song": ["SONG"],
    "import": ["kkbox", "nowhere"],
    "sample": ["kkbox", "SAMPLE"],
    "export": ["OUT"],
    "train": ["popularity", "--lr", "1"],
    "sweep": ["nix"],
    "report": ["crowd", "--output", "OUT/x.html", "--no-baselines"],
}


@pytest.fixture
def ask(musicrec: Musicrec, trained: Places, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Musicrec]:
    """Call musicrec in an empty folder; afterwards nothing is anywhere but there, and no dataset or run has changed."""
    from musicrec.core.explorer import Explorer

    explorer = Explorer.open(trained)
    real = {"LISTENER": explorer.find_listeners(limit=1).items[0].id, "SONG": explorer.find_songs(limit=1).items[0].id}
    explorer.close()
    inside = tmp_path / "deep" / "inside"
    inside.mkdir(parents=True)
    monkeypatch.chdir(inside)

    def call(*arguments: str) -> Any:
        answer = musicrec(*(real.get(each, each) for each in arguments))
        shown = [argument[:60] for argument in arguments]
        assert answer.exception is None or isinstance(answer.exception, SystemExit), (shown, repr(answer.exception))
        assert answer.exit_code in (0, 1, 2), shown
        if answer.exit_code:
            lines = [line for line in answer.stderr.splitlines() if not line.startswith(("run ", "note: "))]
            assert len(lines) == 1, (shown, answer.stderr)
            assert lines[0].startswith("musicrec: "), (shown, answer.stderr)
        return answer

    before = _tree(trained.data) | _tree(trained.checkpoints)
    yield call
    assert _tree(trained.data) | _tree(trained.checkpoints) == before
    assert [path.name for path in tmp_path.iterdir()] == ["deep"]
    assert [path.name for path in (tmp_path / "deep").iterdir()] == ["inside"]


def _tree(folder: Path) -> dict[str, int]:
    return {
        str(path): path.stat().st_mtime_ns if path.is_file() else 0
        for path in sorted(folder.rglob("*"))
        if "evaluation" not in path.name
    }


def test_every_command_with_numbers_is_asked() -> None:
    assert {name for name, *_ in _numeric()} >= {
        "train",
        "import",
        "recommend",
        "evaluate",
        "songs",
        "export",
        "sample",
    }
    assert len(list(_numeric())) > 60


@pytest.mark.parametrize("command", sorted({name for name, *_ in _numeric()}))
def test_numbers_out_of_range(command: str, ask: Musicrec) -> None:
    for name, option, whole in _numeric():
        if name != command:
            continue
        many = {"recommend": NUMBERS, "songs": NUMBERS, "sample": NUMBERS, "train": ("-1",), "sweep": ("9" * 5000,)}
        values = many.get(command, ("-1", "9" * 5000))
        for value in values:
            if command == "sample" and value in ("1.5", "٣", "0"):
                continue
            answer = ask(command, *ARGUMENTS.get(command, []), f"{option}={value}")
            if whole and value in ("x", "", "nan", "1.5", "1e400"):
                assert answer.exit_code == 2, (option, value)


@pytest.mark.parametrize("model", MODELS)
def test_sizes_that_no_memory_holds(model: str) -> None:
    whole = {each.name: each.default for each in fields(CONFIGS[model]) if isinstance(each.default, int | tuple)}
    for name, default in whole.items():
        if isinstance(default, bool) or (isinstance(default, tuple) and isinstance(default[0], str)):
            continue
        value = (9 * 10**18,) if isinstance(default, tuple) else 9 * 10**18
        if name == "seed":
            assert config_for(model, chosen={name: value}).seed == value
            continue
        with pytest.raises(UsageError, match=f"{name} must be below 2\\^31, not 9000000000000000000"):
            config_for(model, chosen={name: value})


NAMED = (
    ["train", "popularity", "--name", "NAME"], ["train", "--resume", "NAME"], ["train", "popularity",
    "--dataset", "NAME"],
    ["import", "kkbox", "FILES", "--name", "NAME"], ["evaluate", "NAME"], ["runs", "NAME"], ["listeners",
    "--dataset", "NAME"],
    ["recommend", "LISTENER", "--run", "NAME"], ["compare", "crowd", "NAME"], ["export", "OUT", "--run", "NAME"],
    ["report", "NAME", "--output", "x.html", "--no-baselines"], ["similar", "SONG", "--run", "NAME"],
    ["what-if", "LISTENER", "--dataset", "NAME"], ["sweep", "popularity", "--name", "NAME"],
)  # fmt: skip


@pytest.mark.parametrize("arguments", NAMED, ids=" ".join)
def test_names_that_lead_elsewhere(arguments: list[str], ask: Musicrec) -> None:
    for name in (*NAMES, *RESERVED) if "--name" in arguments else NAMES[::3]:
        answer = ask(*(name if each == "NAME" else each for each in arguments))
        assert answer.exit_code in (1, 2), (arguments, name)


def test_a_run_elsewhere_is_never_found(invoke: Musicrec, trained: Places, tmp_path: Path) -> None:
    places = Places(trained.data, tmp_path / "runs")
    outside = tmp_path / "out" / "crowd"
    for copy in (places.run("crowd"), outside):
        shutil.copytree(trained.run("crowd"), copy)
    listener = invoke(places, "listeners", "--limit", "1", "--json").stdout.split('"id": "')[1].split('"')[0]
    before = _tree(tmp_path)
    assert invoke(places, "recommend", listener, "--run", "crowd").exit_code == 0
    for name in ("../out/crowd", str(outside), "crowd/../../out/crowd", "../runs/crowd", "crowd/.", "crowd/"):
        for arguments in (
            ["recommend", listener, "--run", name], ["evaluate", name], ["runs", name], ["train", "--resume", name],
            ["report", name, "--no-baselines", "--output", str(tmp_path / "x.html")], ["compare", "crowd", name],
            ["export", str(tmp_path / "x"), "--run", name],
        ):  # fmt: skip
            answer = invoke(places, *arguments)
            assert answer.exit_code == 1, (arguments, answer.stdout)
            assert f"no run is called {name!r}" in answer.stderr, (arguments, answer.stderr)
    assert _tree(tmp_path) == before


@pytest.mark.parametrize("command", ["listener", "song", "recommend", "similar", "what-if", "listeners", "songs"])
def test_ids_are_data(command: str, ask: Musicrec) -> None:
    run = ["--run", "neural"] if command in ("recommend", "similar", "what-if") else []
    for text in SQL:
        answer = ask(command, "--", text) if not run else ask(command, *run, "--", text)
        assert answer.exit_code in ((0, 2) if command.endswith("s") else (1, 2)), (command, text[:50])
    assert ask("songs", "--limit", "1").exit_code == 0  # none of them was executed


def test_nothing_else_was_made(ask: Musicrec) -> None:
    for name in NAMES[:9]:
        for command in (
            ["song", name],
            ["listener", name],
            ["recommend", "LISTENER", "--run", "crowd", "--output", name],
        ):
            ask(*command)
    assert list(Path().iterdir()) == []
