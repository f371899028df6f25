"""Train DTNMR against the algorithm of the KKBOX reference program: samples a second.

    python benchmarks/dtnmr_training.py [--smoke] [--rounds 3] [--seconds 8] [--passes 2] [--json FILE] [--folder DIR]

The reference program cannot be installed: `dtnmr_dense.py` is what it does, written plainly. An invented world of 1,000
listeners and 3,000 songs with about 9,200 song features; windows of 20 and 10 plays, the true song and 4 others, an
LSTM of 2 layers of 256, SGD. Both draw the other songs as they go.

- Speed: some seconds of training each, after the first two, from all of the loop: drawing, collation, steps.
- Quality: some whole passes of musicrec with the reference's batch of 16 and with the smaller of the larger ones, its
  learning rate scaled with the root of the batch up to what SGD bears, by NDCG@10 over all songs. The dense program is
  too slow for whole passes; that it would learn the same follows from its loss.
- The same work: numbers of weights, and the loss of one batch by both with the same weights.
"""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from turns import Report, Side, narrate, options, take_turn, take_turns
from worlds import Size, files, musicrec, workplace

FULL, SMOKE = Size(1_000, 3_000, 60_000), Size(60, 300, 3_000)
LR, MOST, BATCHES = 0.1, 0.4, (256, 2048)  # above it SGD diverges, whatever the batch
POOLS = (190, 2000, 1000, 10)  # genres, artists, shared composers, languages


def main() -> int:
    """Measure and print."""
    asked = options(
        "Train DTNMR against the reference's algorithm.",
        seconds=(8.0, "seconds of training for each speed"),
        passes=(2, "passes by which quality is judged; 0: leave it out"),
    )
    asked.batches = BATCHES
    report = Report("DTNMR training against the reference's algorithm", asked)
    if asked.smoke:
        asked.seconds, asked.passes, asked.batches = 1.0, 0, BATCHES[:1]
    with workplace(asked.folder) as folder:
        name = world(folder, SMOKE if asked.smoke else FULL)
        same = run(folder, name, "same").said
        close = abs(same["musicrec"] / same["dense"] - 1) < 1e-4
        told = f"{same['musicrec']:.6f} and {same['dense']:.6f} over {same['batch']} samples"
        report.check("loss with the same weights", close, told)
        measure_speed(report, folder, name)
        if asked.passes:
            measure_quality(report, folder, name)
    return report.close()


def variants(batches: Sequence[int]) -> dict[str, dict[str, Any]]:
    """Return what is measured of musicrec: the reference's parameters, and what differs from them."""
    found: dict[str, dict[str, Any]] = {"batch 16": {}}
    for batch in batches:
        found[f"batch {batch}"] = {"batch_size": batch, "lr": min(LR * (batch / 16) ** 0.5, MOST)}
    return found | {f"{key}, bf16": value | {"precision": "bf16"} for key, value in list(found.items())[1:]}


def side(folder: Path, name: str, title: str, *words: object) -> Side:
    """A process."""
    inside = Path(__file__).with_name("dtnmr_sides.py")
    return Side(title, (sys.executable, inside, folder, name, *map(str, words)))


def run(folder: Path, name: str, *words: object) -> Any:
    """Run a process once."""
    return take_turn(side(folder, name, str(words[0]), *words))


def measure_speed(report: Report, folder: Path, name: str) -> None:
    """Samples a second."""
    asked, known = report.asked, variants(report.asked.batches)
    sides = [side(folder, name, "dense, batch 16", "dense", asked.seconds)]
    sides += [side(folder, name, key, "steps", json.dumps(value), asked.seconds) for key, value in known.items()]
    given = take_turns(sides, asked.rounds)
    speeds = {key: [turn.said["speed"] for turn in turns] for key, turns in given.items()}
    for key, turns in given.items():
        report.row(key if "dense" in key else f"musicrec, {key}", "samples/s", speeds[key])
        report.row(f"{key}, memory", "MB", [turn.peak for turn in turns])
    for key in known:
        report.ratio(f"{key} against the reference's way", speeds[key], speeds["dense, batch 16"])
    for kind, goal in ((False, 15), (True, 30)):
        best = max((key for key in known if ("bf16" in key) == kind), key=lambda key: sum(speeds[key]))
        title = f"{'bf16' if kind else 'float32'}, fastest ({best})"
        report.ratio(title, speeds[best], speeds["dense, batch 16"], goal)
    theirs, mine = given["dense, batch 16"][0].said, given["batch 16"][0].said
    report.check(
        "weights", mine["parameters"] == theirs["parameters"], f"{mine['parameters']:,} and {theirs['parameters']:,}"
    )
    report.data["speed"] = {key: [turn.said for turn in turns] for key, turns in given.items()}
    report.notes.append(f"{theirs['song features']:,} song and {theirs['listener features']:,} listener features")


def measure_quality(report: Report, folder: Path, name: str) -> None:
    """NDCG@10 after whole passes."""
    found = {}
    for key, value in variants(report.asked.batches[:1]).items():
        narrate(f"{report.asked.passes} passes, {key}")
        found[key] = run(folder, name, "passes", json.dumps(value), report.asked.passes).said
        report.row(f"musicrec, {key}, after {report.asked.passes} passes", "NDCG@10", [max(found[key]["ndcg"])])
    report.data["quality"] = found


def world(folder: Path, size: Size) -> str:
    """Have the dataset: plays and listeners of a sample, songs with as many features as the reference met."""
    name = f"dtnmr-{size.name}"
    if (folder / "data" / f"{name}.duckdb").exists():
        return name
    source = files(folder, size)
    with (source / "songs.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    genres, artists, composers, languages = POOLS
    with (source / "songs.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0].keys())
        writer.writeheader()
        for number, row in enumerate(rows):
            names = {"artist_name": f"artist {number % artists}", "lyricist": f"lyricist {number}"}
            shared = f"composer {number}|writer {number % composers}"
            more = {"composer": shared, "genre_ids": str(1 + number % genres), "language": f"{number % languages}.0"}
            writer.writerow(row | names | more)
    musicrec(folder, "import", "kkbox", source, "--name", name)
    return name


if __name__ == "__main__":
    sys.exit(main())
