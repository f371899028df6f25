"""How cost grows with plays and with songs: import, training, evaluation, top-10; seconds and memory, as JSON and plot.

    python benchmarks/growth.py [--smoke] [--json FILE] [--picture FILE] [--folder DIR]

Invented worlds of 10⁵, 10⁶ and 10⁷ plays over 36,000 songs, of 100 plays a listener, and of 10⁴, 10⁵, 10⁶ and 2.3·10⁶
songs with 10⁶ plays of 10,000 listeners. For each: `musicrec import` from exec to exit; one pass of NeuMF at batch
8192; a pass of DTNMR at batch 2048, worked out from 4 seconds of it where it takes longer; NDCG@10 of the first run for
1,000 listeners by full ranking; the median of 30 recommendations by the explorer. One process for each; memory is the
most that it held, imports of libraries included.

The slope of a curve in doubly logarithmic scale is told between its last two sizes: 1 is linear, 0 is flat.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from math import log
from pathlib import Path
from typing import Any

from plots import Curve, Panel, picture
from turns import Report, Side, narrate, options, take_turn, told
from worlds import Size, command, files, workplace

PLAYS = (Size(1_000, 36_000, 100_000), Size(10_000, 36_000, 1_000_000), Size(100_000, 36_000, 10_000_000))
SONGS = tuple(Size(10_000, songs, 1_000_000) for songs in (10_000, 100_000, 1_000_000, 2_300_000))
SMOKE = (
    (Size(100, 1_000, 4_000), Size(200, 3_000, 8_000)),
    (Size(100, 1_000, 4_000), Size(200, 3_000, 8_000)),
)
# What is measured: its name, the process, and the field of what that says (None: the whole process)
MEASURED = (
    ("import", "import", None),
    ("opening for training", "train", "opening"),
    ("NCF, training pass", "train", "pass"),
    ("DTNMR, training pass", "dtnmr", "pass"),
    ("full ranking of 1,000 listeners", "evaluate", "full"),
    ("top 10 of one listener", "top", "top"),
)
# What its processes are called where memory is told
PROCESSES = {
    "import": "import",
    "train": "NCF, training",
    "dtnmr": "DTNMR, training",
    "evaluate": "full ranking",
    "top": "recommending",
}
# The largest slopes that pass for linear and for flat: caches and constants bend curves a little
JUDGED = {"import": 1.15, "NCF, training pass": 1.15, "DTNMR, training pass": 1.15, "import: memory": 0.25}


@dataclass(frozen=True, slots=True)
class Point:
    """One size: what a dataset has, seconds of each measured thing, and megabytes of each process."""

    has: dict[str, int]
    seconds: dict[str, float]
    peaks: dict[str, float]


def main() -> int:
    """Measure, print and draw."""
    asked = options("How cost grows with plays and songs.", rounds=1, picture=("", "write the plot here, as SVG"))
    report = Report("Growth", asked)
    by_plays, by_songs = SMOKE if asked.smoke else (PLAYS, SONGS)
    with workplace(asked.folder) as folder:
        points = {size: measure(folder, size) for size in dict.fromkeys((*by_plays, *by_songs))}
    panels = []
    for axis, sizes in (("plays", by_plays), ("songs", by_songs)):
        line = [points[size] for size in sizes]
        at = [point.has[axis] for point in line]
        report.data[axis] = [{"has": each.has, "seconds": each.seconds, "peaks": each.peaks} for each in line]
        tell(report, axis, at, line)
        panels += drawn(axis, at, line)
    if asked.picture:
        Path(asked.picture).write_text(picture(panels), "utf-8")
    return report.close()


def measure(folder: Path, size: Size) -> Point:
    """Take all measurements of one size; leave nothing but its files."""
    narrate(f"making {size.name}")
    source = files(folder, size)
    words = ("import", "kkbox", source, "--name", size.name, "--replace")
    turns = {"import": take_turn(Side("import", command(folder, *words)))}
    inside = Path(__file__).with_name("growth_sides.py")
    if not (folder / "checkpoints").exists():  # a first pass, thrown away, leaves compiled loops behind
        take_turn(Side("train", (sys.executable, inside, folder, size.name, "train")))
    for mode in list(PROCESSES)[1:]:
        turns[mode] = take_turn(Side(mode, (sys.executable, inside, folder, size.name, mode)))
        narrate(f"{size.name}: {mode}: {turns[mode].seconds:.1f} s, {turns[mode].peak:,.0f} MB, {turns[mode].said}")
    (folder / "data" / f"{size.name}.duckdb").unlink()
    trained = turns["train"].said
    seconds = {name: turns[mode].said[key] if key else turns[mode].seconds for name, mode, key in MEASURED}
    has: dict[str, Any] = {"plays": trained["plays"], "songs": trained["songs"], "listeners": trained["listeners"]}
    return Point(has, seconds, {mode: turn.peak for mode, turn in turns.items()})


def tell(report: Report, axis: str, at: list[int], line: list[Point]) -> None:
    """Print figures and slopes, and judge those that there are goals for."""
    rows = [(name, "s", [point.seconds[name] for point in line]) for name, _, _ in MEASURED]
    rows += [(f"{name}: memory", "MB", [point.peaks[mode] for point in line]) for mode, name in PROCESSES.items()]
    heads = [f"by {axis}", *(f"{count:,}" for count in at), "slope"]
    report.table(heads, [[f"{name}, {unit}", *map(told, some), f"{slope(at, some):.2f}"] for name, unit, some in rows])
    if axis == "plays" and not report.asked.smoke:
        for name, _, some in rows:
            if name in JUDGED:
                report.limit(f"slope in plays: {name}", "", [slope(at, some)], JUDGED[name])


def slope(at: list[int], values: list[float]) -> float:
    """Return the slope between the last two points in doubly logarithmic scale."""
    return log(values[-1] / values[-2]) / log(at[-1] / at[-2])


def drawn(axis: str, at: list[int], line: list[Point]) -> tuple[Panel, Panel]:
    """Return the plots of seconds and of memory."""
    seconds = [Curve(name, at, [point.seconds[name] for point in line]) for name, _, _ in MEASURED]
    peaks = [Curve(name, at, [point.peaks[mode] for point in line]) for mode, name in PROCESSES.items()]
    return Panel(f"seconds by {axis}", axis, "s", seconds), Panel(f"memory by {axis}", axis, "MB", peaks)


if __name__ == "__main__":
    sys.exit(main())
