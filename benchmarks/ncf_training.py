"""Train NeuMF against RecBole 1.2.1, the fastest of the peers: samples a second, and seconds to its best NDCG@10.

    python benchmarks/ncf_training.py [--smoke] [--rounds 3] [--passes 2] [--json FILE] [--folder DIR] [--peers DIR]

Both train on the same plays of an invented world of 20,000 listeners and 36,000 songs (1.98 million plays before the
split): 8 factors, 3 layers, 4 uniform negatives that the listener never played, Adam with 1e-3.

- Samples a second, batch 1024: musicrec over a whole pass, its negatives drawn anew within it; RecBole, whose pass
  takes over a minute, for 300 of its steps after the first 20, its own loop and its own loader, which draws as it goes.
  The compiled engine and the plain one are measured where this musicrec has both.
- Seconds to quality: RecBole trains so many passes at batch 1024, and its clock counts the passes and their saving
  alone: neither the start of the program nor the reading of files, nor any validation. Its weights after each pass are
  judged by musicrec's own validation (all songs ranked, the same listeners): the best is what `musicrec train`, timed
  from its exec to its saved run with all of its validation, must reach.
- Parity: a world whose pass is 100 steps of about 1024, by the compiled engine and, on the same batches, by torch's
  dense Adam in float64; the largest relative distance of any table or layer is judged.
- The same work: numbers of weights and samples, the share of plays among them, the loss of the first whole pass.
"""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path
from statistics import median
from typing import Any

from turns import Report, Side, Turn, installed, narrate, options, take_turn, take_turns
from worlds import Size, dataset, workplace

FULL, SMOKE = Size(20_000, 36_000, 2_535_000), Size(300, 400, 12_000)
PARITY = Size(2_000, 4_000, 27_500)
BATCH, STEPS = 1024, 300
# The same model, loss, negatives and optimiser; the batch is free
OURS = ("--preset", "reference", "--spare-negatives", "0", "--batch-size", "4096", "--lr", "0.005", "--patience", "40")
OWN = (*OURS, "--negative-sampling", "popularity")  # drawn and corrected for as musicrec does by default
WEIGHTS_OF_A_ROW = 40  # 8 of GMF, 32 of MLP


def main() -> int:
    """Measure and print."""
    asked = options(
        "Train NeuMF against RecBole.",
        passes=(2, "passes of RecBole; 0: leave the time to quality out"),
        epochs=(40, "most passes of ours"),
        plain=(1, "0: leave plain torch out of the speeds"),
        quality_rounds=(3, "rounds of the time to quality, each of them minutes of RecBole"),
    )
    report = Report("NeuMF training against RecBole", asked)
    size = SMOKE if asked.smoke else FULL
    if asked.smoke:
        asked.passes, asked.epochs = 1, 2
    with workplace(asked.folder) as folder:
        narrate(f"making {size.name} in {folder}")
        name = dataset(folder, size)
        world = run(folder, name, "export", folder / "world")
        report.data = {"world": world}
        if asked.peer is None:
            report.notes.append(f"RecBole is absent ({asked.peers}): `make peers` installs it")
        measure_speed(report, folder, name, world)
        measure_parity(report, folder)
        if asked.peer is not None and asked.passes:
            measure_quality(report, folder, name)
            shutil.rmtree(folder / "saved", ignore_errors=True)
    return report.close()


def ours(folder: Path, name: str, *words: object) -> Side:
    """A process of musicrec."""
    inside = Path(__file__).with_name("ncf_musicrec.py")
    return Side(f"musicrec {words[0]}", (sys.executable, inside, folder, name, *map(str, words)))


def recbole(report: Report, folder: Path, mode: str, count: int) -> Side:
    """A process of RecBole."""
    inside = Path(__file__).with_name("ncf_recbole.py")
    return Side("RecBole", (report.asked.peer, inside, folder, mode, str(count), str(BATCH)))


def run(folder: Path, name: str, *words: object) -> dict[str, Any]:
    """Run a side of musicrec once and return what it said."""
    return take_turn(ours(folder, name, *words)).said


def measure_speed(report: Report, folder: Path, name: str, world: dict[str, Any]) -> None:
    """Samples a second."""
    asked = report.asked
    best = "numba" if asked.smoke and installed("numba") else "auto"  # auto leaves small worlds to torch
    found = run(folder, name, "pass", best, BATCH)["engine"]  # this leaves the compiled code where it is kept
    plain = found != "torch" and asked.plain
    fast = Side(f"musicrec, {found}", ours(folder, name, "pass", best, BATCH).command)
    slow = Side("musicrec, torch", ours(folder, name, "pass", "torch", BATCH).command)
    sides = [fast] + ([slow] if plain else [])
    steps = 10 if asked.smoke else STEPS
    sides += [recbole(report, folder, "steps", steps)] if asked.peer else []
    given = take_turns(sides, asked.rounds)
    speeds = {side: [turn.said["speed"] for turn in turns] for side, turns in given.items()}
    for side, values in speeds.items():
        report.row(f"{side}, batch {BATCH}", "samples/s", values)
        report.row(f"{side}, memory", "MB", [turn.peak for turn in given[side]])
    if asked.peer:
        report.ratio("samples/s against RecBole", speeds[fast.name], speeds["RecBole"], 15)
        if plain:
            report.ratio("samples/s of plain torch against RecBole", speeds[slow.name], speeds["RecBole"])
        check_work(report, given[fast.name][0], given["RecBole"][0], world)
    report.data["speed"] = {side: [turn.said for turn in turns] for side, turns in given.items()}


def measure_parity(report: Report, folder: Path) -> None:
    """How far from exact Adam each engine ends."""
    name = dataset(folder, PARITY)
    engines = [engine for engine in ("numba", "torch") if engine == "torch" or installed("numba")]
    for engine in engines[:1] if report.asked.smoke else engines:
        said = run(folder, name, "parity", engine)
        title = f"distance from float64 Adam after {said['steps']} steps of {said['batch']:,}, {said['engine']}"
        if said["engine"] == "torch":
            report.row(title, "relative", [said["worst"]])
        else:
            report.limit(title, "", [said["worst"]], 1e-4)
        report.data.setdefault("parity", []).append(said)


def check_work(report: Report, mine: Turn, theirs: Turn, world: dict[str, Any]) -> None:
    """Compare weights, and what a step consists of."""
    one, other = mine.said, theirs.said
    # RecBole has one more row in each of its four tables, for padding, and none for songs that stand in no file
    known = other["parameters"] - 2 * WEIGHTS_OF_A_ROW + WEIGHTS_OF_A_ROW * (world["all songs"] - other["songs"])
    known += WEIGHTS_OF_A_ROW * (world["all listeners"] - other["listeners"])
    told = f"{one['parameters']:,} and {other['parameters']:,}, less padding, with rows of songs in no file: {known:,}"
    report.check("weights", one["parameters"] == known, told)
    report.check(
        "plays of a pass",
        world["plays"] == other["plays"] == one["samples"] // 5,
        f"{other['plays']:,} and 4 negatives each",
    )
    share = other["positives"] / other["samples"]
    report.check("share of plays", abs(share - 0.2) < 1e-9, f"{share:.3f} of RecBole's samples, 1 in 5 of ours")
    if one["engine"] == "torch":
        report.notes.append("no compiled engine was chosen: the ratio is that of plain torch")


def measure_quality(report: Report, folder: Path, name: str) -> None:
    """Seconds until a run as good as RecBole's best is saved."""
    asked, theirs, mine, own, goals, losses = report.asked, [], [], [], [], []
    for number in range(min(asked.quality_rounds, asked.rounds)):
        passes = take_turn(recbole(report, folder, "passes", asked.passes)).said["passes"]
        judged = run(folder, name, "judge", *(each["weights"] for each in passes))["ndcg"]
        best = max(range(len(judged)), key=judged.__getitem__)
        side = ours(folder, name, "until", judged[best], asked.epochs, *OURS)
        said = take_turn(side).said
        other = take_turn(ours(folder, name, "until", judged[best], asked.epochs, *OWN)).said
        own.append(other["seconds"])
        theirs.append(passes[best]["seconds"])
        mine.append(said["seconds"])
        goals.append(judged[best])
        losses.append(passes[0]["loss"])
        narrate(f"round {number + 1}: RecBole {judged} in {theirs[-1]:.1f} s; musicrec {json.dumps(said)}")
        report.data.setdefault("quality", []).append(
            {"recbole": passes, "judged": judged, "musicrec": said, "own": other}
        )
    reached = [each for each in mine if each is not None]
    report.row("RecBole's best NDCG@10", "all songs", goals)
    report.row(f"RecBole to that, within {asked.passes} passes", "s", theirs)
    report.row("musicrec to that or better: " + " ".join(OURS), "s", reached)
    if len(reached) == len(mine):
        report.ratio("time to RecBole's best NDCG@10", theirs, reached, 12)
    own = [each for each in own if each is not None]
    report.row("the same by negatives in proportion to popularity, corrected for", "s", own)
    if len(own) == len(mine):
        report.ratio("time to it by negatives in proportion to popularity", theirs, own, 12)
    if asked.smoke:
        return
    told = f"{len(reached)} of {len(mine)} times"
    report.check("musicrec reaches RecBole's NDCG@10", len(reached) == len(mine), told)
    mean = next(iter(report.data["speed"].values()))[0]["loss"]
    told = f"{mean:.4f} and {median(losses):.4f} at batch {BATCH}"
    report.check("mean loss of the first pass", abs(mean / median(losses) - 1) < 0.05, told)


if __name__ == "__main__":
    sys.exit(main())
