"""Start the program and open datasets: what a person waits for before anything else happens.

    python benchmarks/opening.py [--smoke] [--rounds 7] [--json FILE] [--folder DIR]

- `musicrec --help`, from exec to exit.
- `musicrec tui`, from exec to the first bytes that show the panel of listeners, in a pseudo-terminal of 120 by 40 cells
  (`screen_terminal.py`; benchmarks/screen.py measures what follows), on the dataset below.
- Opening a dataset of 7.4 million plays before the split and 2.3 million songs for training: from its file to tensors,
  within a process that has imported what it needs, files in the cache of the system. The imports are shown apart.

A first start of each, which compiles to bytecode and fills the cache, is thrown away.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from screen_terminal import Terminal
from turns import Report, Side, narrate, options, take_turn
from worlds import Size, command, dataset, workplace

FULL, SMOKE = Size(34_403, 2_300_000, 9_450_000), Size(300, 400, 12_000)
PANEL = "Listeners"  # the title of the panel that the first paint must hold
OPEN = """
import json, sys, time
from pathlib import Path
started = time.monotonic()
import torch
from musicrec.core.dataset import Dataset
from musicrec.core.explorer import Explorer
from musicrec.core.places import Places
imported = time.monotonic()
explorer = Explorer.open(Places(Path(sys.argv[1]), Path(sys.argv[1])), dataset=sys.argv[2])
data = explorer.data()
opened = time.monotonic()
print(json.dumps({
    "imports": imported - started, "opening": opened - imported, "plays": len(data.songs), "songs": data.song_count,
    "order": int((data.songs * torch.arange(len(data.songs))).sum())
}))
"""


def main() -> int:
    """Measure and print."""
    asked = options("Start the program and open datasets.", rounds=7)
    report = Report("Start", asked)
    with workplace(asked.folder) as folder:
        size = SMOKE if asked.smoke else FULL
        narrate(f"making {size.name} in {folder}")
        name = dataset(folder, size)
        nothing = [sys.executable, "-c", "pass"]
        bare = timed(lambda: ended(nothing), asked.rounds)
        report.row("Python that does nothing", "s", bare)
        helped = timed(lambda: ended([str(word) for word in command(folder, "--help")]), asked.rounds)
        report.row("musicrec --help", "s", helped)
        report.limit("musicrec --help", "s", helped, 0.15)
        painted = timed(lambda: first_paint(folder, name), asked.rounds)
        report.row("exec to first paint", "s", painted)
        report.limit("exec to first paint", "s", painted, 0.5)
        measure_opening(report, folder, name)
    return report.close()


def measure_opening(report: Report, folder: Path, name: str) -> None:
    """Open the dataset as training does."""
    side = Side("open", (sys.executable, "-c", OPEN, folder / "data", name))
    turns = [take_turn(side) for _ in range(report.asked.rounds + 1)][1:]
    opened = [turn.said["opening"] for turn in turns]
    report.row("imports before opening", "s", [turn.said["imports"] for turn in turns])
    report.row("opening the dataset", "s", opened)
    report.row("opening the dataset, memory of the process", "MB", [turn.peak for turn in turns])
    report.limit(f"opening {turns[0].said['plays']:,} plays", "s", opened, 2.0)
    same = len({turn.said["order"] for turn in turns}) == 1
    report.check("plays opened", same, f"{turns[0].said['plays']:,} plays of {turns[0].said['songs']:,} songs")


def timed(act: Callable[[], float], rounds: int) -> list[float]:
    """Do something once more than asked; return the seconds of all but the first."""
    return [act() for _ in range(rounds + 1)][1:]


def ended(words: list[str]) -> float:
    """Run a program; return the seconds from exec to exit."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    started = time.monotonic()
    subprocess.run(words, stdout=subprocess.DEVNULL, check=True, env=kept)
    return time.monotonic() - started


def first_paint(folder: Path, name: str) -> float:
    """Open the screen and leave it; return the seconds to its first paint."""
    terminal = Terminal(command(folder, "tui", "--dataset", name))
    painted = terminal.wait(PANEL)
    time.sleep(0.5)
    terminal.quit()
    return painted - terminal.started


if __name__ == "__main__":
    sys.exit(main())
