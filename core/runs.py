"""Runs on disk: what `run.json` says, and files that are complete or absent. Knows nothing of torch."""

from __future__ import annotations

import dataclasses
import json
import os
import re
import tempfile
from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

from musicrec.core.errors import MusicrecError, NotFound, UsageError
from musicrec.core.places import Places
from musicrec.core.records import RunCard

CARD, WEIGHTS, TRAINING, HISTORY = "run.json", "model.safetensors", "training.pt", "history.jsonl"
_NAME = re.compile(r"[\w가-힣][\w.+-]*")
_KINDS: dict[str, type | tuple[type, ...]] = {
    **dict.fromkeys(("model", "dataset", "fingerprint", "device", "created", "status"), str),
    **dict.fromkeys(("seed", "epochs", "best_epoch", "parameters"), int),
    **dict.fromkeys(("config", "metrics"), dict),
    "seconds": (int, float),
}


def check_name(name: str) -> str:
    """Return `name` if it can name a run or dataset. Raises UsageError: names become file names."""
    if not _NAME.fullmatch(name) or len(name) > 100:
        raise UsageError(
            f"{name!r} cannot be a name: use letters, digits, '.', '_', '+' and '-', first a letter or digit"
        )
    return name


def write_atomically(path: Path, content: bytes) -> None:
    """Write a file that is there whole or not at all, whatever happens meanwhile. Raises MusicrecError if it cannot."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            Path(temporary).replace(path)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise MusicrecError(f"cannot write {path}: {error.strerror or error}") from error


def write_card(places: Places, card: RunCard) -> None:
    """Write `run.json`."""
    fields = asdict(card) | {"created": card.created.isoformat()}
    del fields["problem"]
    write_atomically(places.run(card.name) / CARD, (json.dumps(fields, indent=2, ensure_ascii=False) + "\n").encode())


def read_card(places: Places, name: str) -> RunCard:
    """Read `run.json` of the run called `name`. Raises NotFound, or MusicrecError for one that makes no sense."""
    path = places.run(name) / CARD
    try:
        fields = json.loads(path.read_text("utf-8"))
        if odd := [key for key, kind in _KINDS.items() if not isinstance(fields.get(key), kind)]:
            raise ValueError(f"{odd[0]} is not what it should be")
        known = {each.name for each in dataclasses.fields(RunCard)}
        card = RunCard(**{key: value for key, value in fields.items() if key in known})
        created = datetime.fromisoformat(str(card.created)).replace(tzinfo=None)
        return dataclasses.replace(card, name=name, created=created)
    except FileNotFoundError as error:
        there = ", ".join(run_names(places)) or "none: train one with `musicrec train dtnmr`"
        raise NotFound(f"no run is called {name!r} in {places.checkpoints} (there: {there})") from error
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise MusicrecError(f"run {name} cannot be read, {path} is damaged: train it again") from error


def mismatch(card: RunCard, dataset: str, fingerprint: str) -> str | None:
    """Say what is wrong with using a run on a dataset, or None: a run belongs to the contents of its training."""
    if card.fingerprint == fingerprint:
        return None
    return (
        f"run {card.name} was trained on another dataset ({card.dataset} {card.fingerprint[:8]}) than this one "
        f"({dataset} {fingerprint[:8]}): train again, or import the files that it was trained on"
    )


def run_names(places: Places) -> tuple[str, ...]:
    """Names of all runs, finished or not, in alphabetical order."""
    if not places.checkpoints.is_dir():
        return ()
    found = places.checkpoints.iterdir()
    return tuple(sorted(path.name for path in found if (path / CARD).is_file() and not path.name.startswith(".")))


def list_runs(places: Places) -> tuple[RunCard, ...]:
    """All runs, newest first; one that cannot be read is listed with its problem."""
    cards = []
    for name in run_names(places):
        try:
            cards.append(read_card(places, name))
        except MusicrecError as error:
            cards.append(_unreadable(name, str(error)))
    return tuple(sorted(cards, key=lambda card: (card.created, card.name), reverse=True))


def free_name(places: Places, stem: str) -> str:
    """Return `stem-1`, or with the next number that no run has."""
    taken = {path.name for path in places.checkpoints.iterdir()} if places.checkpoints.is_dir() else set()
    return next(name for name in (f"{stem}-{number}" for number in range(1, len(taken) + 2)) if name not in taken)


def write_history(places: Places, name: str, epochs: Iterable[dict[str, Any]]) -> None:
    """Write one JSON line per epoch."""
    lines = "".join(json.dumps(epoch) + "\n" for epoch in epochs)
    write_atomically(places.run(name) / HISTORY, lines.encode())


def _unreadable(name: str, problem: str) -> RunCard:
    return RunCard(
        name=name, model="?", dataset="?", fingerprint="", config={}, seed=0, device="?", created=datetime.min,
        status="interrupted", epochs=0, best_epoch=0, seconds=0.0, parameters=0, metrics={}, problem=problem,
    )  # fmt: skip
