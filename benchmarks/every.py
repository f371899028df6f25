"""Run every benchmark, one after the other: `make bench`, or with `--smoke` `make bench-smoke`.

    python benchmarks/every.py [--smoke] [--into DIR] [--only NAME,NAME] [--peers DIR]

Tables go to stdout as each is ready, in Markdown; with `--into` the JSON of each script and plots are kept. Ends with
status 1 where a script did.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path

# These share a folder for what they invent, so that the largest world is made once
SHARING = ("ncf_training", "dtnmr_training", "quality", "importing", "opening", "growth")
DRAWING = ("quality", "growth")
SCRIPTS = ("ncf_training", "dtnmr_training", "quality", "topk", "evaluation", "importing", "opening", "growth")


def main() -> int:
    """Run what was asked for."""
    parser = argparse.ArgumentParser(description="Run every benchmark.")
    parser.add_argument("--smoke", action="store_true", help="tiny sizes: do the scripts work?")
    parser.add_argument("--into", type=Path, help="keep the JSON of each script in this folder")
    parser.add_argument("--only", default=",".join(SCRIPTS), help="which, by name")
    parser.add_argument("--peers", type=Path, default=Path(__file__).with_name(".peers"))
    asked = parser.parse_args()
    if asked.into:
        asked.into.mkdir(parents=True, exist_ok=True)
    started, failed = time.monotonic(), []
    with tempfile.TemporaryDirectory(prefix="musicrec-bench-") as folder:
        for name in asked.only.split(","):
            script = Path(__file__).with_name(f"{name}.py")
            words = [sys.executable, script, "--peers", asked.peers, *(["--smoke"] if asked.smoke else [])]
            words += ["--json", asked.into / f"{name}.json"] if asked.into else []
            words += ["--picture", asked.into / f"{name}.svg"] if asked.into and name in DRAWING else []
            words += ["--folder", folder] if name in SHARING else []
            if script.exists() and subprocess.run(words).returncode:
                failed.append(name)
    took = f"{(time.monotonic() - started) / 60:.1f} minutes in all"
    sys.stdout.write(f"{took}{': FAILED: ' + ', '.join(failed) if failed else ''}\n")
    return int(bool(failed))


if __name__ == "__main__":
    sys.exit(main())
