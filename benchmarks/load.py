"""The full shape of KKBOX from files to the screen, and the peak of memory of each step: `python benchmarks/load.py`.

The files are imported (once more with `--memory-limit 1GB`), every model is trained for one epoch (NCF and MF with one
row for all songs that nobody played; EASE on 15,000 songs; SASRec with 1,024 negatives; DTNMR in batches of 4096, with
weights of their own for songs of three plays and more), all that were trained are evaluated together on 2,000
listeners, and the screen is opened on each until it recommends; each step is a process of its own, whose peak the
system tells.

A model that says in a line that it cannot have a catalogue this large is listed with its line. The command ends with 1
where a step takes more than 4 GiB, or fails otherwise.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

LISTENERS, SONGS, PLAYS = 34_403, 2_300_000, 7_400_000
EVALUATED = 2_000  # listeners: they are ranked 14 at a time, so that more of them take time and no memory
MOST = 4 << 30  # bytes
CLI = [sys.executable, "-m", "musicrec.cli"]


@dataclass(frozen=True)
class Step:
    """What was done, how it ended, how long it took, its peak of memory in bytes, and the last line that it said."""

    name: str
    status: int
    seconds: float
    peak: int
    said: str

    @property
    def refused(self) -> bool:
        """Whether a model said that it cannot be trained on this."""
        return self.name.startswith("train ") and self.status in (1, 2) and self.said.startswith("musicrec: ")


def measured(name: str, command: list[str]) -> Step:
    """Run a command to its end."""
    with tempfile.TemporaryFile() as said:
        started = time.monotonic()
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=said)
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        seconds = time.monotonic() - started
        said.seek(0)
        lines = said.read().decode("utf-8", "replace").strip().splitlines()
    return Step(name, process.returncode, seconds, used.ru_maxrss * 1024, lines[-1] if lines else "")


def shortened(model: str) -> list[str]:
    """Options for one epoch, where a model has epochs, and for one of DTNMR and SASRec that ends within the hour."""
    from musicrec.core.models.configs import CONFIGS, GradientConfig
    from musicrec.core.models.pair_config import PairConfig

    config = CONFIGS[model]
    once = ["--epochs", "1"] if issubclass(config, GradientConfig) else []
    if model == "dtnmr":
        return [*once, "--batch-size", "4096", "--song-id-plays", "3"]
    if model == "sasrec":
        return [*once, "--negatives", "1024"]
    if model == "ease":
        return ["--most-songs", "15000"]
    return [*once, "--song-id-plays", "1"] if issubclass(config, PairConfig) else once


def open_screen(data: str, checkpoints: str, run: str) -> None:
    """Open the screen without a terminal until it recommends by `run`."""
    from musicrec.core.explorer import Explorer
    from musicrec.core.places import Places
    from musicrec.tui.app import MusicrecApp
    from musicrec.tui.ranking import Ranking

    explorer = Explorer(Places(Path(data), Path(checkpoints)), "load")
    app = MusicrecApp(explorer, run=run)

    async def look() -> None:
        async with app.run_test(size=(120, 40)) as pilot:
            while not (app.screen.query(Ranking) and app.screen.query_one(Ranking).count()):
                if app.view.problem is not None:
                    raise SystemExit(f"musicrec: {app.view.problem}")
                await pilot.pause(0.05)

    asyncio.run(look())
    explorer.close()


def main() -> int:
    """Run from the command line."""
    from musicrec.core.models.configs import CONFIGS

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=Path, help="files of KKBOX to import, in place of a sample")
    parser.add_argument("--scale", type=float, default=1.0, help="of the sample; 0.001 for a smoke test")
    parser.add_argument("--models", nargs="*", default=list(CONFIGS))
    parser.add_argument("--screen", nargs=3, metavar=("DATA", "CHECKPOINTS", "RUN"), help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.screen:
        open_screen(*given.screen)
        return 0
    root = Path(tempfile.mkdtemp(prefix="musicrec-load-"))
    data, checkpoints, steps = root / "data", root / "checkpoints", []
    musicrec = [*CLI, "--data", str(data), "--checkpoints", str(checkpoints)]

    def step(name: str, *command: str) -> Step:
        done = measured(name, list(command))
        steps.append(done)
        told = "" if done.status == 0 else f"  {'refused' if done.refused else f'failed ({done.status})'}: {done.said}"
        print(f"{name:24}{done.seconds:9.1f} s{done.peak / 1e6:9,.0f} MB{told}", flush=True)  # noqa: T201
        return done

    try:
        files = str(given.files or root / "files")
        if given.files is None:
            sizes = zip(("--listeners", "--songs", "--plays"), (LISTENERS, SONGS, PLAYS), strict=True)
            counted = [word for name, size in sizes for word in (name, str(max(40, round(size * given.scale))))]
            step("sample", *CLI, "sample", "kkbox", files, *counted)
        step("import", *musicrec, "import", "kkbox", files, "--name", "load")
        step("import in 1 GB", *musicrec, "import", "kkbox", files, "--name", "small", "--memory-limit", "1GB")
        (data / "small.duckdb").unlink(missing_ok=True)
        for model in given.models:
            step(f"train {model}", *musicrec, "train", model, "--dataset", "load", "--name", model, *shortened(model))
        trained = [model for model in given.models if (checkpoints / model / "run.json").is_file()]
        if trained:
            step("evaluate", *musicrec, "evaluate", *trained, "--dataset", "load", "--listeners", str(EVALUATED))
        for run in trained:
            step(f"screen {run}", sys.executable, __file__, "--screen", str(data), str(checkpoints), run)
    finally:
        shutil.rmtree(root)
    most = max(steps, key=lambda each: each.peak)
    failed = [each.name for each in steps if each.status != 0 and not each.refused]
    large = [each.name for each in steps if each.peak > MOST]
    print(f"most memory: {most.peak / 1e6:,.0f} MB in {most.name}; failed: {failed or 'none'}")  # noqa: T201
    print(f"above {MOST / 1e6:,.0f} MB: {large or 'none'}")  # noqa: T201
    return 1 if failed or large else 0


if __name__ == "__main__":
    sys.exit(main())
