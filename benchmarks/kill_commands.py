"""The commands that are killed, what goes on after each, and which come before it."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

NCF = ["ncf", "--epochs", "4", "--patience", "2", "--dropout", "0.2", "--lr", "0.01", "--batch-size", "256"]
DTNMR = ["dtnmr", "--epochs", "3", "--patience", "2", "--lstm-hidden", "8", "--embedding-size", "8", "--dropout", "0.2"]
SHORT = ["--epochs", "1", *NCF[3:], "--factors", "4"]
RESUME = ["train", "--resume", "r", "--epochs", "4"]
SWEEP = ["sweep", "gmf", "factors=2,4", "--name", "s", "--keep", "all"]


@dataclass(frozen=True)
class Command:
    """A command line, what goes on after a kill (by default the same again), and what is compared at the end."""

    name: str
    arguments: Sequence[str]
    needs: Sequence[str] = ()  # names of commands that come before it
    again: Callable[[Path], Sequence[str]] | None = None


def _train_again(name: str, arguments: Sequence[str]) -> Callable[[Path], Sequence[str]]:
    def again(root: Path) -> Sequence[str]:
        if _is_finished(root, name, int(arguments[2])):
            return ["runs", name]
        there = (root / "checkpoints" / name / "run.json").is_file()
        return ["train", "--resume", name] if there else ["train", *arguments, "--name", name]

    return again


def _resume_again(root: Path) -> Sequence[str]:
    return ["runs", "r"] if _is_finished(root, "r", 4) else RESUME


def _is_finished(root: Path, run: str, epochs: int) -> bool:
    path = root / "checkpoints" / run / "run.json"
    card = json.loads(path.read_text("utf-8")) if path.is_file() else {}
    return bool(card) and card["status"] == "finished" and card["config"]["epochs"] == epochs


def _import_again(root: Path) -> Sequence[str]:
    there = (root / "data" / "kkbox.duckdb").is_file()
    return ["datasets", "--json"] if there else ["import", "kkbox", "raw"]


COMMANDS = (
    Command("import", ["import", "kkbox", "raw"], (), _import_again),
    Command("replace", ["import", "kkbox", "raw", "--replace", "--min-song-plays", "2"], ("import",)),
    Command("ncf", ["train", *NCF, "--name", "n"], ("import",), _train_again("n", NCF)),
    Command("dtnmr", ["train", *DTNMR, "--name", "d"], ("import",), _train_again("d", DTNMR)),
    Command("resume", RESUME, ("import", "short"), _resume_again),
    Command("popularity", ["train", "popularity", "--name", "p"], ("import",), None),
    Command("evaluate", ["evaluate", "p", "r", "--protocol", "full"], ("import", "popularity", "short")),
    Command("sweep", SWEEP, ("import",)),
    Command(
        "export", ["export", "out", "--run", "p", "-k", "20", "--negatives", "0", "--replace"], ("import", "popularity")
    ),
)
PREPARING = (Command("short", ["train", "ncf", *SHORT, "--name", "r"], ("import",)),)
BY_NAME = {command.name: command for command in (*COMMANDS, *PREPARING)}
