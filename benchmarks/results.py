"""Train every model on every dataset and write the tables of docs/results.md.

    python benchmarks/results.py --folder DIR [--extracts DIR] [--seeds 3] [--datasets sample,melon] [--models ncf,mf]

Datasets: the two samples of `musicrec demo`, two worlds of other seeds that no parameter was chosen on, and, where
`--extracts` has folders `kkbox` and `melon` with the original files, those. All runs are kept in the folder; what is
there already is not done again, so that a killed script goes on where it stopped. Tables come in Markdown.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import mean, stdev
from typing import Any

METRICS = ("ndcg@10", "hr@10", "recall@10", "mrr@10", "auc", "catalogue_coverage@10", "novelty@10")
HEADS = ("NDCG@10", "HR@10", "Recall@10", "MRR@10", "AUC", "catalogue coverage@10", "novelty@10")


@dataclass(frozen=True)
class Source:
    """Where a dataset comes from: a world to be invented, or a folder of files."""

    title: str
    format: str
    invent: tuple[str, ...] | None = None
    options: tuple[str, ...] = ()
    passes: tuple[str, ...] = ()  # for models trained by passes


@dataclass(frozen=True)
class Entry:
    """A line of the tables: a model and how it is trained: whether chance plays a part, and whether by passes."""

    title: str
    model: str
    options: tuple[str, ...] = ()
    seeds: bool = True
    passes: bool = False


SOURCES = {
    "sample": Source("Sample in KKBOX's format", "kkbox", ("--seed", "7")),
    "world-11": Source("Another world, seed 11", "kkbox", ("--seed", "11")),
    "world-12": Source("Another world, seed 12", "kkbox", ("--seed", "12")),
    "melon-last": Source("Sample in Melon's format, last song held out", "melon", ("--seed", "7"), ("--split", "last")),
    "melon-issue": Source(
        "Sample in Melon's format, latest issue date held out", "melon", ("--seed", "7"), ("--split", "latest-issue")
    ),
    "kkbox": Source("KKBOX, the real head of the files", "kkbox"),
    "melon": Source("Melon, the real test set", "melon", passes=("--validation-listeners", "1000")),
}
ENTRIES = {
    "popularity": Entry("popularity", "popularity", seeds=False),
    "recent": Entry("recent popularity", "recent", seeds=False),
    "itemknn": Entry("item-kNN", "itemknn", seeds=False),
    "ease": Entry("EASE", "ease", seeds=False),
    "als": Entry("ALS", "als"),
    "bpr": Entry("BPR", "bpr"),
    "mf": Entry("MF", "mf", passes=True),
    "ncf-reference": Entry("NCF, reference", "ncf", ("--preset", "reference"), passes=True),
    "ncf": Entry("NCF", "ncf", passes=True),
    "dtnmr": Entry("DTNMR", "dtnmr", passes=True),
    "dtnmr-quick": Entry("DTNMR, `quick`", "dtnmr", ("--preset", "quick"), passes=True),
    "sasrec": Entry("SASRec", "sasrec", passes=True),
}


class Bench:
    """Runs musicrec in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.places = ("--data", str(folder / "data"), "--checkpoints", str(folder / "checkpoints"))

    def musicrec(self, *words: str) -> str:
        """Run a command; return what it prints. Raises CalledProcessError with the narration shown."""
        command = [sys.executable, "-m", "musicrec.cli", *self.places, *words]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode:
            _tell(done.stderr[-2000:])
        done.check_returncode()
        return done.stdout

    def make(self, name: str, source: Source, extracts: Path | None) -> bool:
        """Have a dataset; say whether it is there."""
        if (self.folder / "data" / f"{name}.duckdb").is_file():
            return True
        if source.invent is not None:
            files = self.folder / "files" / name
            self.musicrec("sample", source.format, str(files), *source.invent)
        elif extracts is not None and (extracts / source.format).is_dir():
            files = extracts / source.format
        else:
            return False
        self.musicrec("import", source.format, str(files), "--name", name, *source.options)
        return True

    def card(self, run: str) -> dict[str, Any] | None:
        """Read the card of a finished run."""
        path = self.folder / "checkpoints" / run / "run.json"
        card: dict[str, Any] | None = json.loads(path.read_text("utf-8")) if path.is_file() else None
        return card if card is not None and card["status"] == "finished" else None

    def train(self, dataset: str, key: str, entry: Entry, seeds: Sequence[int]) -> Iterator[str]:
        """Train one model with every seed; yield the names of the runs."""
        for seed in seeds if entry.seeds else seeds[:1]:
            run = f"{dataset}.{key}.s{seed}"
            if self.card(run) is None:
                started = time.monotonic()
                if (self.folder / "checkpoints" / run / "run.json").is_file():
                    self.musicrec("train", "--resume", run)
                else:
                    options = ("--dataset", dataset, "--name", run, "--seed", str(seed))
                    options += SOURCES[dataset].passes if entry.passes else ()
                    self.musicrec("train", entry.model, *options, *entry.options)
                _tell(f"{run}: {time.monotonic() - started:.0f} s")
            yield run

    def table(self, dataset: str, runs: dict[str, list[str]], split: str) -> Iterator[str]:
        """Yield the lines of one table."""
        names = [run for of_entry in runs.values() for run in of_entry]
        found = json.loads(self.musicrec("evaluate", *names, "--dataset", dataset, "--split", split, "--json"))
        results = {each["run"]: each for each in found}
        protocol = next(iter(results.values()))["protocol"]
        yield f"{split} split, all {protocol['songs']:,} songs, {protocol['listeners']:,} listeners"
        yield ""
        yield "| | " + " | ".join(HEADS) + " | seconds |"
        yield "|---" * (len(HEADS) + 2) + "|"
        for key, of_entry in runs.items():
            cells = [_cell([results[run]["metrics"][metric] for run in of_entry]) for metric in METRICS]
            seconds = mean(card["seconds"] for run in of_entry if (card := self.card(run)))
            yield f"| {ENTRIES[key].title} | " + " | ".join(cells) + f" | {seconds:.0f} |"


def _tell(line: str) -> None:
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()


def _cell(figures: Sequence[dict[str, float | None]]) -> str:
    means = [figure["mean"] for figure in figures]
    low, high = figures[0].get("low"), figures[0].get("high")
    known = [each for each in means if each is not None]
    text = f"{mean(known):.4f}"
    if low is not None and high is not None:
        text += f" ±{(high - low) / 2:.4f}"
    return text + (f" (sd {stdev(known):.4f})" if len(known) > 1 else "")


def main() -> None:
    """Do what was asked, and print the tables."""
    parser = argparse.ArgumentParser(description="Train every model on every dataset and write the tables.")
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--extracts", type=Path)
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--datasets", default=",".join(SOURCES))
    parser.add_argument("--models", default=",".join(ENTRIES))
    parser.add_argument("--splits", default="test")
    asked = parser.parse_args()
    bench, seeds = Bench(asked.folder), range(7, 7 + asked.seeds)
    for dataset in asked.datasets.split(","):
        source = SOURCES[dataset]
        if not bench.make(dataset, source, asked.extracts):
            _tell(f"{dataset}: no files, left out")
            continue
        runs = {key: list(bench.train(dataset, key, ENTRIES[key], seeds)) for key in asked.models.split(",")}
        for split in asked.splits.split(","):
            sys.stdout.write("\n".join([f"## {source.title}\n", *bench.table(dataset, runs, split), "", ""]))
            sys.stdout.flush()


if __name__ == "__main__":
    main()
