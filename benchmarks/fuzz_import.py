"""Hostile folders through both importers, without end: what each must keep is in tests/fuzz/accounting.py.

    python benchmarks/fuzz_import.py [--cases N] [--seed N] [--rows N] [--folder DIR]

A case is a row that was mutated, or a file that was mutated as a whole; about `--rows` rows go into each file of a
folder, and every folder is an import of its own. A broken promise is told with its seed, which with the same `--rows`
makes its folder again (`--seed N --cases 1`), and that folder is kept in `--folder`.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
import traceback
from collections import Counter
from pathlib import Path
from random import Random

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "fuzz"))

from accounting import keeps_its_promise
from hostile_files import draw


def main() -> int:
    """Run until the cases are done; returns how many promises were broken."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cases", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--rows", type=int, default=200)
    parser.add_argument("--folder", type=Path, help="where folders that break a promise are kept")
    asked = parser.parse_args()
    done, imports, seed, told = 0, 0, asked.seed, Counter[str]()
    broken: list[str] = []
    started = time.monotonic()
    while done < asked.cases:
        case = draw(Random(seed), asked.rows)
        with tempfile.TemporaryDirectory(prefix="fuzz-import-") as scratch:
            root = Path(scratch)
            try:
                line = keeps_its_promise(case, root)
            except Exception as error:  # noqa: BLE001  # whatever it is, it is a find
                line = "broken"
                where = traceback.extract_tb(error.__traceback__)[-1]
                broken.append(f"seed {seed}: {type(error).__name__}: {str(error)[:300]} ({where.name})")
                print(broken[-1], flush=True)  # noqa: T201
                if asked.folder and not (asked.folder / str(seed)).exists():
                    asked.folder.mkdir(parents=True, exist_ok=True)
                    case.write(asked.folder / str(seed))
        told["refused" if line not in ("imported", "broken") else line] += 1
        done, imports, seed = done + case.rows + 1, imports + 1, seed + 1
        if imports % 100 == 0:
            seconds = time.monotonic() - started
            print(f"{done:,} cases, {imports:,} imports, {seconds:,.0f} s: {dict(told)}", flush=True)  # noqa: T201
    seconds = time.monotonic() - started
    print(  # noqa: T201
        f"{done:,} cases in {imports:,} imports, seeds {asked.seed} to {seed - 1}, {seconds:,.0f} s "
        f"({done / seconds:,.0f} a second): {dict(told)}; promises broken: {len(broken)}"
    )
    return len(broken)


if __name__ == "__main__":
    sys.exit(min(main(), 1))
