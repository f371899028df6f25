"""Damages runs in every way and has them loaded: `python benchmarks/mutate_runs.py --cases 10000 --seed 7`.

Each case changes one file of a run of NCF or DTNMR (bits, lengths, shapes, types, kinds of JSON, numbers that are none,
headers of 2^63 bytes, links, pipes and devices in place of files), then reads the card, the history and the figures,
writes them as tables, loads the weights and takes up the training. Each must come back as it is read, or be refused in
one line that names the run; memory must stay within twice the size of the file, and the constant that reading any run
takes.
"""

from __future__ import annotations

import argparse
import json
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
from cases import try_cases
from mutations import (
    Change,
    change_header,
    change_json,
    cut,
    flip_bits,
    lengthen_header,
    link_away,
    replace,
    spoil_weights,
)

from musicrec.core.dataset import Dataset
from musicrec.core.errors import MusicrecError
from musicrec.core.figures import shown_cell
from musicrec.core.models.base import GradientModel
from musicrec.core.models.configs import GradientConfig, config_for, config_of_run
from musicrec.core.models.registry import build
from musicrec.core.passes import Passes
from musicrec.core.places import Places
from musicrec.core.runs import CARD, HISTORY, TRAINING, WEIGHTS, list_runs, read_card, read_run
from musicrec.core.sheets.runs import epochs_sheet, run_sheet, runs_sheet
from musicrec.core.sheets.standings import standings_sheets
from musicrec.core.tabular import to_json
from musicrec.core.training import train
from musicrec.core.watch import Watch
from musicrec.core.weights import load_model

ALLOWANCE = 32 << 20  # bytes that loading the smallest run takes, and more
SETTINGS: dict[str, dict[str, Any]] = {
    "ncf": {"epochs": 1, "factors": 4},
    "dtnmr": {"epochs": 1, "lstm_hidden": 8, "embedding_size": 8, "batch_size": 256},
}


@dataclass
class Findings:
    """What was seen: how often each kind of change was loaded or refused, and what went wrong."""

    loaded: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    problems: list[str] = field(default_factory=list)
    highest: int = 0


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
        """Read, write out and load all of a run, as commands do; what going on needs only where it `resumes`."""
        page = read_run(self.places, run)
        sheets = [runs_sheet(list_runs(self.places)), run_sheet(page), epochs_sheet(page)]
        for sheet in (*sheets, *(sheet for each in page.evaluations for sheet in standings_sheets([each]))):
            _ = [
                shown_cell(cell, column) for row in sheet.rows for cell, column in zip(row, sheet.columns, strict=True)
            ]
        to_json(page)
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
    try_cases(cases, lambda number: one_case(bench, chance, found, number), found.problems, tell, "cases", 1_000)
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
