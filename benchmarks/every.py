"""Run every benchmark, one after the other: `make bench`, or with `--smoke` `make bench-smoke`.

    python benchmarks/every.py [--smoke] [--into DIR] [--only NAME,NAME] [--peers DIR]

Tables go to stdout as each is ready, in Markdown; with `--into` the JSON of each script and plots are kept. All of it
takes under 40 minutes on two cores with nothing beside it; `BENCHES` says what each script is given of them. Ends with
status 1 where a script did.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Bench:
    """A script, what it is given beside its defaults, and the minutes that it takes on two quiet cores.

    Those that are `sharing` a folder for what they invent make large worlds once; some are `drawing` a plot.
    """

    name: str
    minutes: float
    words: tuple[str, ...] = ()
    sharing: bool = True
    drawing: bool = False


BENCHES = (
    Bench("importing", 9.9),
    Bench("opening", 0.8, ("--rounds", "5")),
    Bench("ncf_training", 4.8, ("--quality-rounds", "1", "--plain", "0")),
    Bench("compiled_step", 1.7, ("--steps", "500")),
    Bench("dtnmr_training", 5.5, ("--seconds", "4", "--passes", "1")),
    Bench("topk", 1.6, ("--queries", "40"), sharing=False),
    Bench("evaluation", 1.8, sharing=False),
    Bench("full_ranking", 3.0),
    Bench("changed_playlist", 1.2),
    Bench("growth", 6.5, drawing=True),
    Bench("quality", 2.7, ("--minutes", "2"), drawing=True),
)


def main() -> int:
    """Run what was asked for."""
    known = {bench.name: bench for bench in BENCHES}
    parser = argparse.ArgumentParser(description="Run every benchmark.")
    parser.add_argument("--smoke", action="store_true", help="tiny sizes: do the scripts work?")
    parser.add_argument("--into", type=Path, help="keep the JSON of each script in this folder")
    parser.add_argument("--only", default=",".join(known), help="which, by name")
    parser.add_argument("--peers", type=Path, default=Path(__file__).with_name(".peers"))
    asked = parser.parse_args()
    if unknown := [name for name in asked.only.split(",") if name not in known]:
        parser.error(f"no benchmark is called {unknown[0]!r}: there are {', '.join(known)}")
    if asked.into:
        asked.into.mkdir(parents=True, exist_ok=True)
    started, failed, took = time.monotonic(), [], []
    with tempfile.TemporaryDirectory(prefix="musicrec-bench-") as folder:
        for name in asked.only.split(","):
            begun = time.monotonic()
            if subprocess.run(words(known[name], asked, folder)).returncode:
                failed.append(name)
            took.append(f"| {name} | {(time.monotonic() - begun) / 60:.1f} | {known[name].minutes} |")
    lines = ["| script | minutes | planned |", "|---|---|---|", *took, ""]
    lines.append(f"{(time.monotonic() - started) / 60:.1f} minutes in all")
    lines += [f"FAILED: {', '.join(failed)}"] if failed else []
    sys.stdout.write("\n".join(lines) + "\n")
    return int(bool(failed))


def words(bench: Bench, asked: argparse.Namespace, folder: str) -> list[str | Path]:
    """Return the command line of a benchmark."""
    found: list[str | Path] = [sys.executable, Path(__file__).with_name(f"{bench.name}.py"), "--peers", asked.peers]
    found += ["--smoke"] if asked.smoke else bench.words
    found += ["--json", asked.into / f"{bench.name}.json"] if asked.into else []
    found += ["--picture", asked.into / f"{bench.name}.svg"] if asked.into and bench.drawing else []
    return [*found, "--folder", folder] if bench.sharing else found


if __name__ == "__main__":
    sys.exit(main())
