"""Runs on disk: what `run.json` says, and files that are complete or absent. Knows nothing of torch."""

from __future__ import annotations

import dataclasses
import json
import math
import os
import re
import secrets
from collections.abc import Callable, Iterable
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar, get_args

from musicrec.core.errors import MusicrecError, NotFound, UsageError
from musicrec.core.holding import hold_open
from musicrec.core.pages import Difference, RunPage
from musicrec.core.places import Places
from musicrec.core.records import Evaluation, Metric, Protocol, ProtocolName, RunCard, Split
from musicrec.core.run_files import own_folder, read_text
from musicrec.core.watch import Epoch

CARD, WEIGHTS, TRAINING, HISTORY = "run.json", "model.safetensors", "training.safetensors", "history.jsonl"
METRICS = "metrics"  # a folder, one file for each protocol
USUAL = "test-full"  # the file of what is measured where nothing is asked for
LONGEST_CARD = 1 << 20  # bytes
LONGEST_NAME = 200  # bytes; file systems end at 255, and endings come to it
T = TypeVar("T")
_NAME = re.compile(r"[\w가-힣][\w.+-]*")
_RESERVED = {"con", "prn", "aux", "nul", *(f"{device}{n}" for device in ("com", "lpt") for n in range(10))}
_KINDS: dict[str, type | tuple[type, ...]] = {
    **dict.fromkeys(("model", "dataset", "fingerprint", "device", "created", "status"), str),
    **dict.fromkeys(("seed", "epochs", "best_epoch", "parameters"), int),
    **dict.fromkeys(("config", "metrics"), dict),
    "seconds": (int, float),
}


def check_name(name: str) -> str:
    """Return `name` if it can name a run or dataset. Raises UsageError: names become file names."""
    if name.split(".")[0].casefold() in _RESERVED or name.endswith("."):
        raise UsageError(f"{name!r} cannot be a name: some systems keep it for devices")
    if len(name.encode("utf-8", "replace")) > LONGEST_NAME:
        raise UsageError(f"{name[:20]!r}… cannot be a name: it is longer than {LONGEST_NAME} bytes")
    if not _NAME.fullmatch(name):
        raise UsageError(
            f"{name!r} cannot be a name: use letters, digits, '.', '_', '+' and '-', first a letter or digit"
        )
    return name


def write_atomically(path: Path, content: bytes | Iterable[bytes | memoryview]) -> None:
    """Write a file that is there whole or not at all, whatever happens meanwhile. Raises MusicrecError if it cannot."""
    chunks = (content,) if isinstance(content, bytes) else content
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
        try:
            with temporary.open("xb") as file:  # others may read what the user's umask lets them
                hold_open(file.fileno())  # what is not held any more is left over: see `leftovers`
                for chunk in chunks:
                    file.write(chunk)
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(path)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
    except OSError as error:
        raise MusicrecError(f"cannot write {path}: {error.strerror or error}") from error
    except ValueError as error:  # a NUL in the name
        raise MusicrecError(f"cannot write {str(path)!r}: {error}") from error


def write_card(places: Places, card: RunCard) -> None:
    """Write `run.json`."""
    fields = asdict(card) | {"created": card.created.isoformat()}
    del fields["problem"]
    write_atomically(places.run(card.name) / CARD, (json.dumps(fields, indent=2, ensure_ascii=False) + "\n").encode())


def read_card(places: Places, name: str) -> RunCard:
    """Read `run.json` of the run called `name`. Raises NotFound, or MusicrecError for one that makes no sense."""
    path = places.run(name) / CARD
    try:
        fields = json.loads(read_text(path, places.run(name), most=LONGEST_CARD))
        if odd := [key for key, kind in _KINDS.items() if not isinstance(fields.get(key), kind)]:
            raise ValueError(f"{odd[0]} is not what it should be")
        _ = [float(value) for value in (fields["seconds"], *fields["config"].values()) if isinstance(value, int)]
        _ = [_figure(value) for value in fields["metrics"].values()]
        if not all(isinstance(version, str) for version in fields.get("versions", {}).values()):
            raise ValueError("a version is no text")
        known = {each.name for each in dataclasses.fields(RunCard)}
        card = RunCard(**{key: value for key, value in fields.items() if key in known})
        created = datetime.fromisoformat(str(card.created)).replace(tzinfo=None)
        return dataclasses.replace(card, name=name, created=created)
    except FileNotFoundError as error:
        there = ", ".join(run_names(places)) or "none: train one with `musicrec train dtnmr`"
        raise NotFound(f"no run is called {name!r} in {places.checkpoints} (there: {there})") from error
    except (OSError, ValueError, TypeError, AttributeError, OverflowError, RecursionError) as error:
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


def read_history(places: Places, name: str) -> tuple[Epoch, ...]:
    """The passes of a run, oldest first; none where the model knows no passes. A damaged line is left out."""
    folder = places.run(name)
    try:
        lines = read_text(folder / HISTORY, folder, errors="replace").splitlines()
    except (OSError, ValueError):
        return ()
    found: list[Epoch] = []
    for epoch in (_read(_epoch, line) for line in lines):
        if epoch is not None and epoch.epoch > (found[-1].epoch if found else 0):
            found.append(epoch)
    return tuple(found)


def read_evaluations(places: Places, name: str) -> tuple[Evaluation, ...]:
    """The evaluations that a run keeps, by file name, that of the protocol full first: one of a model and a protocol.

    A damaged file is left out, and so is a copy of one under another name.
    """
    paths = sorted((places.run(name) / METRICS).glob("*.json"), key=lambda path: (path.stem != USUAL, path.stem))
    kept: dict[tuple[str, Protocol], Evaluation] = {}
    for path in paths:
        each = _read(_evaluation, _text(path, places.run(name)))
        if each is None:
            continue
        if (what := (each.model, each.protocol)) not in kept or path.stem == each.protocol.key:
            kept[what] = dataclasses.replace(each, run=name)
    return tuple(kept.values())


def weights_mark(places: Places, name: str) -> tuple[int, int, int] | None:
    """What tells the weights that a run has now from others that it had or will have; None where it has none."""
    try:
        there = (places.run(name) / WEIGHTS).stat()
    except OSError:
        return None
    return there.st_ino, there.st_size, there.st_mtime_ns


def forget_evaluations(places: Places, name: str) -> None:
    """Remove the figures that a run keeps: they are of weights that it no longer has."""
    folder = places.run(name) / METRICS
    if own_folder(folder):  # what a link leads to is not of this run
        for path in folder.glob("*"):
            if not path.is_dir():
                path.unlink(missing_ok=True)


def read_run(places: Places, name: str) -> RunPage:
    """A run in full. Raises as `read_card` does; a history or an evaluation that is damaged is left out."""
    return RunPage(read_card(places, name), read_history(places, name), read_evaluations(places, name))


def differences(one: RunCard, other: RunCard) -> tuple[Difference, ...]:
    """In what two runs differ: model, dataset, seed, device, then every parameter; None is a parameter not there."""
    datasets = one.dataset, other.dataset
    if one.dataset == other.dataset:  # but not, perhaps, the same contents
        datasets = f"{one.dataset} {one.fingerprint[:8]}", f"{other.dataset} {other.fingerprint[:8]}"
    facts: list[tuple[str, object, object]] = [("model", one.model, other.model), ("dataset", *datasets)]
    facts += [("seed", one.seed, other.seed), ("device", one.device, other.device)]
    names = [name for name in dict.fromkeys((*one.config, *other.config)) if name != "seed"]
    parameters = [(name, one.config.get(name), other.config.get(name)) for name in names]
    return tuple(Difference(*each) for each in (*facts, *parameters) if each[1] != each[2])


def _text(path: Path, folder: Path) -> str:
    try:
        return read_text(path, folder)
    except (OSError, ValueError):
        return ""


def _read(make: Callable[[dict[str, Any]], T], text: str) -> T | None:
    try:
        return make(json.loads(text))
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError):
        return None


def _figure(value: object) -> float:
    if not isinstance(value, int | float) or isinstance(value, bool) or not math.isfinite(value):
        raise ValueError(f"{value!r} is no figure")
    return float(value)


def _epoch(fields: dict[str, Any]) -> Epoch:
    epoch = Epoch(**fields)
    validation = None if epoch.validation is None else _figure(epoch.validation)
    numbers = _figure(epoch.loss), _figure(epoch.seconds), _figure(epoch.samples_per_second)
    return Epoch(int(epoch.epoch), *numbers, validation, bool(epoch.best))


def _evaluation(fields: dict[str, Any]) -> Evaluation:
    metrics = {str(name): _metric(str(name), figure) for name, figure in fields["metrics"].items()}
    told = fields["protocol"]
    protocol = Protocol(**told | {"ks": tuple(map(int, told["ks"]))})
    _check_protocol(protocol)
    notices = tuple(map(str, fields.get("notices", ())))
    return Evaluation(str(fields["run"]), str(fields["model"]), protocol, metrics, notices)


def _metric(name: str, fields: dict[str, Any]) -> Metric:
    if "@" in name:
        int(name.partition("@")[2])
    metric = Metric(**fields)
    low, high = (None if end is None else _figure(end) for end in (metric.low, metric.high))
    if (low is None) != (high is None):
        raise ValueError("an interval has one end")
    return Metric(_figure(metric.mean), low, high)


def _check_protocol(protocol: Protocol) -> None:
    words = (protocol.split, Split), (protocol.name, ProtocolName)
    if protocol.candidates not in ("full", "sampled") or any(word not in get_args(kind) for word, kind in words):
        raise ValueError("it is of an unknown protocol")
    optional = [count for count in (protocol.negatives, protocol.first_plays) if count is not None]
    counts = (protocol.seed, protocol.listeners, protocol.songs, *optional)
    if type(protocol.drawn) is not bool:
        raise ValueError("whether its listeners were drawn is not told")
    if not protocol.ks or min(protocol.ks) < 1 or not all(type(count) is int and count >= 0 for count in counts):
        raise ValueError("a count of its protocol is none")


def _unreadable(name: str, problem: str) -> RunCard:
    return RunCard(
        name=name, model="?", dataset="?", fingerprint="", config={}, seed=0, device="?", created=datetime.min,
        status="interrupted", epochs=0, best_epoch=0, seconds=0.0, parameters=0, metrics={}, problem=problem,
    )  # fmt: skip
