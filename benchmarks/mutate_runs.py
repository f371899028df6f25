"""Damages runs in every way and has them loaded: `python benchmarks/mutate_runs.py --cases 10000 --seed 7`.

Each case changes one file of a run of NCF or DTNMR (bits, lengths, shapes, types, kinds of JSON, numbers that are none,
headers of 2^63 bytes, links, pipes and devices in place of files), then reads the card, the history and the figures,
loads the weights and takes up the training. Each must come back as it is read, or be refused in one line that names the
run; memory must stay within twice the size of the file, and the constant that reading any run takes.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import math
import os
import random
import shutil
import sys
import tempfile
import time
import tracemalloc
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")

import torch

from musicrec.core.dataset import Dataset
from musicrec.core.errors import MusicrecError
from musicrec.core.models.base import GradientModel
from musicrec.core.models.configs import GradientConfig, config_for, config_of_run
from musicrec.core.models.registry import build
from musicrec.core.passes import Passes
from musicrec.core.places import Places
from musicrec.core.runs import CARD, HISTORY, TRAINING, WEIGHTS, list_runs, read_card, read_run
from musicrec.core.training import train
from musicrec.core.watch import Watch
from musicrec.core.weights import load_model

ALLOWANCE = 32 << 20  # bytes that loading the smallest run takes, and more
SETTINGS: dict[str, dict[str, Any]] = {
    "ncf": {"epochs": 1, "factors": 4},
    "dtnmr": {"epochs": 1, "lstm_hidden": 8, "embedding_size": 8, "batch_size": 256},
}
ODD: tuple[Any, ...] = (
    None, True, 0, -1, 2**31, 2**63, 2**64, 10**400, 0.5, 1e308, math.nan, math.inf, -math.inf, "", "x", "NaN",
    "\ud800", "../../x", [], [[]], {}, {"a": 1}, [1, "x"], "0" * 10_000,
)  # fmt: skip
Change = Callable[[Path, random.Random], str]


@dataclass
class Findings:
    """What was seen: how often each kind of change was loaded or refused, and what went wrong."""

    loaded: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    problems: list[str] = field(default_factory=list)
    highest: int = 0


def flip_bits(path: Path, chance: random.Random) -> str:
    """Flip one to eight bits, half of the times near the beginning."""
    content = bytearray(path.read_bytes())
    for _ in range(chance.randint(1, 8)):
        content[chance.randrange(min(len(content), chance.choice([64, 1024, len(content)])))] ^= 1 << chance.randrange(
            8
        )
    path.write_bytes(content)
    return "bits"


def cut(path: Path, chance: random.Random) -> str:
    """Cut the file off, or lengthen it."""
    content = path.read_bytes()
    more = chance.choice([b"", b"\0", b"junk" * 100, content])
    path.write_bytes((content if more else content[: chance.randrange(len(content))]) + more)
    return "length"


def replace(path: Path, chance: random.Random) -> str:
    """Put something else there."""
    junk = [b"", b"\0" * 100, b"\x80\x04K\x01.", b"{}", b"[]", b"null", b"[" * 100_000, b'{"a":' * 50_000]
    junk += [b"PK\3\4" + bytes(100), (2**63).to_bytes(8, "little") + bytes(64), b"\xff" * 64, b"1" * 5_000]
    path.write_bytes(chance.choice(junk))
    return "junk"


def lengthen_header(path: Path, chance: random.Random) -> str:
    """Have the header say another length."""
    content = path.read_bytes()
    length = chance.choice([0, 1, 7, 2**31, 2**32, 2**62, 2**63, 2**64 - 1, len(content), len(content) - 8, 1 << 20])
    path.write_bytes(length.to_bytes(8, "little") + content[8:])
    return "header length"


def change_header(path: Path, chance: random.Random) -> str:
    """Change a shape, a type, a place or a name in the header."""
    content = path.read_bytes()
    length = int.from_bytes(content[:8], "little")
    header = json.loads(content[8 : 8 + length])
    name = chance.choice(sorted(header))
    kind = chance.choice(["dtype", "shape", "data_offsets", "name", "odd", "swap", "drop"])
    if kind == "name" or name == "__metadata__":
        header[name + "x"] = header.pop(name)
    elif kind == "drop":
        del header[name]
    elif kind == "odd":
        header[name] = chance.choice(ODD)
    elif kind == "swap":
        other = chance.choice([each for each in sorted(header) if each != "__metadata__"])
        header[name], header[other] = header[other], header[name]
    elif kind == "dtype":
        header[name]["dtype"] = chance.choice(
            ["F64", "F32", "F16", "BF16", "I64", "I32", "I8", "U8", "BOOL", "F8_E5M2", 1]
        )
    else:
        values = header[name][kind]
        if values and chance.random() < 0.7:
            values[chance.randrange(len(values))] = chance.choice([0, 1, -1, 2**31, 2**40, 2**63, 1.5, "1", None])
        else:
            header[name][kind] = chance.choice([[], [0], [2**62, 4], [1] * 100, None, 3])
    told = json.dumps(header).encode()
    told += b" " * (-len(told) % 8)
    path.write_bytes(len(told).to_bytes(8, "little") + told + content[8 + length :])
    return f"header {kind}"


def spoil_weights(path: Path, chance: random.Random) -> str:
    """Write what is no number among the weights."""
    content = bytearray(path.read_bytes())
    start = 8 + int.from_bytes(content[:8], "little")
    for _ in range(chance.randint(1, 5)):
        place = start + 4 * chance.randrange((len(content) - start) // 4)
        content[place : place + 4] = chance.choice([b"\0\0\xc0\x7f", b"\0\0\x80\x7f", b"\xff" * 4])
    path.write_bytes(content)
    return "no numbers"


def change_json(path: Path, chance: random.Random) -> str:
    """Put an odd value somewhere into the JSON."""
    lines = path.read_text("utf-8").splitlines() if path.suffix == ".jsonl" else [path.read_text("utf-8")]
    number = chance.randrange(len(lines))
    tree = json.loads(lines[number])
    place, keys = tree, list(tree)
    while True:
        key = chance.choice(keys)
        inner = place[key]
        if not isinstance(inner, dict | list) or not inner or chance.random() < 0.3:
            break
        place, keys = inner, list(inner) if isinstance(inner, dict) else list(range(len(inner)))
    if isinstance(place, dict) and chance.random() < 0.2:
        del place[key]
    else:
        place[key] = chance.choice(ODD)
    with contextlib.suppress(ValueError):  # a whole number of too many digits cannot be written
        lines[number] = json.dumps(tree)
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return "JSON"


def link_away(path: Path, chance: random.Random) -> str:
    """Put a link, a pipe or a folder in the place of the file."""
    outside = path.parent.parent.parent / f"outside-{path.name}"
    if not outside.exists():
        shutil.copyfile(path, outside)
    path.unlink()
    kind = chance.choice(["file", "device", "endless", "loop", "nowhere", "pipe", "folder"])
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "folder":
        path.mkdir()
    else:
        targets = {
            "file": outside,
            "device": "/dev/null",
            "endless": "/dev/zero",
            "loop": path,
            "nowhere": "/nowhere/x",
        }
        path.symlink_to(targets[kind])
    return f"link {kind}"


WAYS: dict[str, tuple[Change, ...]] = {
    WEIGHTS: (flip_bits, cut, replace, lengthen_header, change_header, change_header, spoil_weights, link_away),
    TRAINING: (flip_bits, cut, replace, lengthen_header, change_header, link_away),
    CARD: (flip_bits, cut, replace, change_json, change_json, change_json, link_away),
    HISTORY: (flip_bits, cut, replace, change_json, link_away),
    "metrics/test-full.json": (flip_bits, cut, replace, change_json, link_away),
}


class Bench:
    """A dataset with a run of each model, and copies of these runs to damage."""

    def __init__(self, root: Path, data: Dataset) -> None:
        self.data, self.whole, self.places = (
            data,
            Places(root / "data", root / "whole"),
            Places(root / "data", root / "runs"),
        )
        for model, settings in SETTINGS.items():
            train(data, model, config_for(model, chosen=settings), self.whole, model, "cpu")
            metrics = self.whole.run(model) / "metrics" / "test-full.json"
            metrics.parent.mkdir()
            metrics.write_text(json.dumps(_figures(model)))

    def load(self, run: str, resumes: bool = True) -> None:
        """Read and load all of a run, as commands do; what going on needs only where it `resumes`."""
        list_runs(self.places)
        read_run(self.places, run)
        card = read_card(self.places, run)
        load_model(self.places, card, self.data, torch.device("cpu"))
        if not resumes:
            return
        config = config_of_run(card.model, card.config)
        model = build(card.model, config, self.data)
        if isinstance(model, GradientModel) and isinstance(config, GradientConfig):
            Passes(model, config, self.data, card, self.places, torch.device("cpu"), Watch()).restore()


def one_case(bench: Bench, chance: random.Random, found: Findings, number: int) -> None:
    """Damage one file and load the run."""
    run, file = chance.choice(list(SETTINGS)), chance.choice(list(WAYS))
    shutil.rmtree(bench.places.run(run), ignore_errors=True)
    shutil.copytree(bench.whole.run(run), bench.places.run(run))
    path = bench.places.run(run) / file
    way = chance.choice(WAYS[file])
    kind = f"{file}: {way(path, chance)}"
    size = path.stat().st_size if path.is_file() else 0
    where = f"case {number}, {run}, {kind}"
    traced = number % 10 == 0  # which makes all that Python does slower
    if traced:
        tracemalloc.start()
    before, started = _resident(), time.monotonic()
    try:
        bench.load(run, file in (TRAINING, CARD))
        found.loaded[kind] += 1
    except MusicrecError as error:
        found.refused[kind] += 1
        if "\n" in str(error) or run not in str(error):
            found.problems.append(f"{where}: is refused with {str(error)[:300]!r}")
    except Exception as error:  # noqa: BLE001 - that none comes is what is tried
        found.problems.append(f"{where}: {type(error).__name__}: {str(error)[:300]}")
    taken = max(tracemalloc.get_traced_memory()[1] if traced else 0, _resident() - before)
    tracemalloc.stop()
    found.highest = max(found.highest, taken)
    if taken > 2 * size + ALLOWANCE:
        found.problems.append(f"{where}: took {taken:,} bytes for a file of {size:,}")
    if (seconds := time.monotonic() - started) > 10:
        found.problems.append(f"{where}: took {seconds:.1f} s")


def run(
    cases: int, seed: int, root: Path, data: Dataset, tell: Callable[[str], object] = lambda line: None
) -> Findings:
    """Try `cases` changes in `root`."""
    torch.set_num_threads(1)
    bench, found, chance = Bench(root, data), Findings(), random.Random(seed)
    for name in SETTINGS:
        shutil.copytree(bench.whole.run(name), bench.places.run(name))
        bench.load(name)  # and all that is done once
    told = 0
    for number in range(cases):
        one_case(bench, chance, found, number)
        for problem in found.problems[told:]:
            tell(problem)
        told = len(found.problems)
        if (number + 1) % 1000 == 0:
            tell(f"{number + 1:,} cases, {len(found.problems)} problems")
    return found


def _figures(run: str) -> dict[str, object]:
    metric = {"mean": 0.5, "low": 0.4, "high": 0.6}
    protocol = {
        "name": "full",
        "candidates": "full",
        "split": "test",
        "ks": [5, 10],
        "listeners": 3,
        "songs": 9,
        "negatives": None,
        "seed": 7,
    }
    return {"run": run, "model": run, "protocol": protocol, "metrics": {"ndcg@10": metric}, "notices": ["a"]}


def _resident() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def main() -> int:
    """Run from the command line."""
    from musicrec.core.tables.importing import import_dataset
    from musicrec.core.tables.options import options_for
    from musicrec.core.tables.sample import write_sample

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=7)
    given = parser.parse_args()
    root = Path(tempfile.mkdtemp(prefix="musicrec-mutate-"))
    write_sample("kkbox", root / "raw", listeners=40, songs=120, plays=900, seed=5)
    places, started = Places(root / "data", root / "runs"), time.monotonic()
    report = import_dataset("kkbox", root / "raw", places.dataset("kkbox"), "kkbox", options_for("kkbox", "all"))
    data = Dataset.load(places.dataset("kkbox"), report.card)
    found = run(given.cases, given.seed, root, data, lambda line: print(line, flush=True))  # noqa: T201
    for kind in sorted({*found.loaded, *found.refused}):
        print(f"{kind:45} loaded {found.loaded[kind]:6,} refused {found.refused[kind]:6,}")  # noqa: T201
    print(  # noqa: T201
        f"{given.cases:,} cases with seed {given.seed}: {found.loaded.total():,} loaded, "
        f"{found.refused.total():,} refused, {len(found.problems)} problems; "
        f"at most {found.highest / 1e6:.1f} MB; {time.monotonic() - started:.0f} s"
    )
    shutil.rmtree(root)
    return 1 if found.problems else 0


if __name__ == "__main__":
    sys.exit(main())
