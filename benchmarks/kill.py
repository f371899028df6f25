"""Kills musicrec at random moments and looks at what is left: `python benchmarks/kill.py --kills 200 --seed 7`.

One process imports what musicrec imports and is forked for each command, which is killed by SIGKILL: half of the times
by the clock, half of the times just before one of its steps on the disk (a file opened for writing, renamed, linked or
removed). Afterwards every dataset and every run must be whole or absent, the next command must work and end as if
nothing had happened (the same dataset, the same weights bit for bit, the same figures), and nothing must be left over.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path

from cases import try_cases
from forks import Ended, forked
from kill_commands import BY_NAME, COMMANDS

os.environ["OMP_NUM_THREADS"] = "1"  # the same sums in the same order, and no threads that a fork would lose

IMPORTED = (
    *("duckdb", "optuna.storages.journal", "sqlalchemy", "torch", "musicrec.cli"),
    *(f"musicrec.core.{name}" for name in ("doctor", "explorer", "exporting", "measurements", "pretraining")),
    *("musicrec.core.sweeping.running", "musicrec.core.sweeping.working", "musicrec.core.tables.importing"),
    *("musicrec.core.tables.sample", "musicrec.tui.console"),
)
SIZES = ["--listeners", "40", "--songs", "120", "--plays", "700"]


@dataclass
class Findings:
    """What was seen."""

    kills: Counter[str] = field(default_factory=Counter)
    ended_before: int = 0
    problems: list[str] = field(default_factory=list)


def musicrec(*arguments: str) -> Callable[[], int]:
    """The command line, to be called in a forked process."""

    def call() -> int:
        import torch

        from musicrec.commands.app import app

        torch.set_num_threads(1)
        try:
            app(list(arguments), prog_name="musicrec")
        except SystemExit as end:
            return end.code if isinstance(end.code, int) else 1 if end.code else 0
        return 0

    return call


def state(root: Path) -> dict[str, object]:
    """All that commands have made, in a form that is the same where they made the same."""
    made: dict[str, object] = {}
    for path in sorted((root / "data").glob("*.duckdb")) if (root / "data").is_dir() else ():
        made[f"dataset {path.stem}"] = _fingerprint(path)
    for path in sorted((root / "checkpoints").rglob("*")) if (root / "checkpoints").is_dir() else ():
        name = str(path.relative_to(root / "checkpoints"))
        if path.name == "model.safetensors":
            made[name] = path.read_bytes().hex()
        elif path.name == "run.json":
            card = json.loads(path.read_text())
            made[name] = {key: card[key] for key in ("model", "config", "status", "epochs", "best_epoch", "metrics")}
        elif path.name == "history.jsonl":
            made[name] = [[line["loss"], line["validation"]] for line in map(json.loads, path.read_text().splitlines())]
        elif path.suffix == ".json" and path.parent.name == "metrics":
            made[name] = json.loads(path.read_text()).get("metrics")
        elif path.name == "results.csv":
            made[name] = [line.split(",")[:7] for line in path.read_text().splitlines()]
    for path in sorted((root / "out").rglob("*")) if (root / "out").is_dir() else ():
        if path.is_file():
            made[f"out {path.name}"] = path.read_bytes().hex() if path.suffix == ".parquet" else path.name
    return made


def _fingerprint(path: Path) -> str:
    from musicrec.core.records import DatasetCard
    from musicrec.core.tables.cards import card_of

    card = card_of(path)
    return card.fingerprint if isinstance(card, DatasetCard) else f"broken: {card.problem}"


def check(root: Path, fingerprints: set[str]) -> Callable[[], int]:
    """Look at datasets and runs: each is whole or absent. Prints what is wrong."""

    def look() -> int:
        import torch

        from musicrec.core.dataset import Dataset
        from musicrec.core.places import Places
        from musicrec.core.runs import list_runs, mismatch
        from musicrec.core.tables.cards import card_of
        from musicrec.core.weights import load_model

        torch.set_num_threads(1)
        places, problems = Places(root / "data", root / "checkpoints"), []
        for path in places.data.glob("*.duckdb"):
            if (found := _fingerprint(path)) not in fingerprints:
                problems.append(f"{path.name} is {found}")
        if not problems and places.dataset("kkbox").is_file():
            card = card_of(places.dataset("kkbox"))
            data = Dataset.load(places.dataset("kkbox"), card)
            for run in list_runs(places):
                if run.problem:
                    problems.append(run.problem)
                elif mismatch(run, data.name, data.fingerprint) is None:
                    load_model(places, run, data, torch.device("cpu"))
        if (root / "out" / "protocol.json").is_file():
            told = json.loads((root / "out" / "protocol.json").read_text())
            sizes = {each["name"]: each["bytes"] for each in told["files"]}
            problems += [f"out/{name}" for name, size in sizes.items() if (root / "out" / name).stat().st_size != size]
        print("\n".join(problems))  # noqa: T201
        return 1 if problems else 0

    return look


class Scenes:
    """What each command begins with and ends with, made once without any kill."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.before: dict[str, Path] = {}
        self.after: dict[str, dict[str, object]] = {}
        self.usual: dict[str, Ended] = {}
        self.fingerprints: set[str] = set()

    def prepare(self, names: Sequence[str]) -> None:
        """Run each command to its end."""
        start = self.root / "start"
        start.mkdir(parents=True)
        ended = forked(start, musicrec("sample", "kkbox", "raw", *SIZES))
        assert ended.status == 0, ended.said
        for name in names:
            before = self.folder(BY_NAME[name].needs, start)
            self.before[name] = before
            scene = self.root / f"after-{name}"
            shutil.copytree(before, scene)
            ended = forked(scene, musicrec(*BY_NAME[name].arguments))
            assert ended.status == 0, f"{name}: {ended.said}"
            self.usual[name], self.after[name] = ended, self.state_of(scene)

    def folder(self, needs: Sequence[str], start: Path) -> Path:
        """A folder in which these commands have run."""
        if not needs:
            return start
        folder = self.root / f"before-{'-'.join(needs)}"
        if not folder.exists():
            shutil.copytree(self.folder(needs[:-1], start), folder)
            ended = forked(folder, musicrec(*BY_NAME[needs[-1]].arguments))
            assert ended.status == 0, f"{needs[-1]}: {ended.said}"
        return folder

    def state_of(self, scene: Path) -> dict[str, object]:
        """The state of a scene, read in a process of its own."""

        def tell() -> int:
            made = state(scene)
            (scene / ".state").write_text(json.dumps(made))
            return 0

        ended = forked(scene, tell)
        assert ended.status == 0, ended.said
        made: dict[str, object] = json.loads((scene / ".state").read_text())
        self.fingerprints |= {str(value) for name, value in made.items() if name.startswith("dataset ")}
        (scene / ".state").unlink()
        return made


def one_kill(scenes: Scenes, name: str, chance: random.Random, found: Findings, number: int) -> None:
    """Kill one command once, and look."""
    command, usual = BY_NAME[name], scenes.usual[name]
    scene = scenes.root / f"kill-{number}"
    shutil.copytree(scenes.before[name], scene)
    by_clock = chance.random() < 0.5 or not usual.steps
    at, step = chance.uniform(0, usual.seconds), chance.randint(1, max(usual.steps, 1))
    killed = forked(scene, musicrec(*command.arguments), at if by_clock else None, None if by_clock else step)
    where = f"kill {number}, {name} " + (
        f"after {at:.3f} of {usual.seconds:.3f} s" if by_clock else f"before step {step}"
    )
    found.kills[name] += 1
    found.ended_before += killed.status != -signal.SIGKILL
    try:
        looked = forked(scene, check(scene, scenes.fingerprints))
        _require(looked.status == 0, f"{where}: {looked.said.strip()}")
        again = command.again(scene) if command.again else command.arguments
        if name == "popularity" and (scene / "checkpoints" / "p" / "run.json").is_file():
            again = ["runs"]
        next_one = forked(scene, musicrec(*again))
        _require(
            next_one.status == 0, f"{where}: {' '.join(again)} ended with {next_one.status}: {next_one.said[-600:]}"
        )
        fixed = forked(scene, musicrec("doctor", "--fix"))
        _require(fixed.status == 0, f"{where}: doctor: {fixed.said[-600:]}")
        if litter := _litter(scene):
            raise AssertionError(f"{where}: left over: {litter}")
        ended = scenes.state_of(scene)
        unlike = [key for key in {**ended, **scenes.after[name]} if ended.get(key) != scenes.after[name].get(key)]
        _require(not unlike, f"{where}: ended otherwise: {unlike}")
    except AssertionError as problem:
        found.problems.append(str(problem))
        return
    shutil.rmtree(scene)


def _require(true: bool, otherwise: str) -> None:
    if not true:
        raise AssertionError(otherwise)


def _litter(scene: Path) -> list[str]:
    known = {".said", ".steps", ".study.lock", ".results.lock"}
    hidden = [path for path in scene.rglob(".*") if path.name not in known and path.parent.name != "workers"]
    empty = [path for path in (scene / "checkpoints").glob("*") if path.is_dir() and not any(path.iterdir())]
    return [str(path.relative_to(scene)) for path in (*hidden, *empty)]


def warm_up() -> None:
    """Import what commands import, so that a fork need not."""
    for name in IMPORTED:
        import_module(name)


def run(kills: int, seed: int, root: Path, names: Sequence[str], tell: Callable[[str], object]) -> Findings:
    """Kill `kills` commands, each of `names` in turn."""
    warm_up()
    scenes, found, chance = Scenes(root), Findings(), random.Random(seed)
    scenes.prepare(names)
    usual = ", ".join(f"{name} {each.seconds:.2f} s and {each.steps} steps" for name, each in scenes.usual.items())
    tell(f"without a kill: {usual}")

    def one(number: int) -> None:
        one_kill(scenes, names[number % len(names)], chance, found, number)

    try_cases(kills, one, found.problems, tell, "kills", 20)
    return found


def main() -> int:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--only", nargs="*", default=[command.name for command in COMMANDS])
    parser.add_argument("--keep", action="store_true", help="keep the folders of what went wrong")
    given = parser.parse_args()
    root = Path(tempfile.mkdtemp(prefix="musicrec-kill-"))
    started = time.monotonic()
    found = run(given.kills, given.seed, root, given.only, lambda line: print(line, flush=True))  # noqa: T201
    kills = ", ".join(f"{name} {count}" for name, count in found.kills.items())
    print(  # noqa: T201
        f"{sum(found.kills.values())} kills with seed {given.seed} ({kills}), {found.ended_before} of them too late; "
        f"{len(found.problems)} problems in {time.monotonic() - started:.0f} s"
    )
    if not given.keep:
        shutil.rmtree(root)
    return 1 if found.problems else 0


if __name__ == "__main__":
    sys.exit(main())
