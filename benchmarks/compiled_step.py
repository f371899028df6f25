"""NCF's training step three ways: plain torch, torch.compile, and the numba kernel; samples a second.

    python benchmarks/compiled_step.py [--smoke] [--rounds 3] [--steps 1000] [--json FILE] [--folder DIR]

The world of `ncf_training.py`: 20,000 listeners, 36,000 songs, 1.98 million plays; 8 factors, 3 layers, 4 negatives,
Adam with 1e-3, batches of 1024. Both torch sides go over the same batches by `torch.optim.Adam(fused=True)`, which
moves every row at every step; one has forward and backward compiled by `torch.compile`, which needs a C++ compiler on
the user's machine and is left out, with a line, where there is none. The kernel takes a whole pass.

Drawing counts for all: on the torch sides, whose steps are a part of a pass, with that part. Compiling does not count;
how long it took is shown. The same work: the mean loss over the same batches, within 0.001 of it.
"""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path
from typing import Any

from turns import Report, Side, installed, narrate, options, take_turn, take_turns
from worlds import Size, dataset, workplace

FULL, SMOKE = Size(20_000, 36_000, 2_535_000), Size(300, 400, 12_000)
CLOSE = 1e-3


def main() -> int:
    """Measure and print."""
    asked = options("NCF's training step, compiled or not.", steps=(1000, "steps of torch that are measured"))
    report = Report("NCF's training step, three ways", asked)
    steps = 10_000 if asked.smoke else asked.steps  # a whole pass of the small world
    kinds, compiler = ["torch"], found_compiler()
    if asked.smoke:
        report.notes.append("torch.compile was left out of the smoke: it compiles for half a minute")
    elif compiler is None:
        report.notes.append("torch.compile was left out: no C++ compiler is on this machine (g++, clang++ or $CXX)")
    else:
        kinds.append("torch.compile")
    if installed("numba") is None:
        report.notes.append("the kernel was left out: numba is not installed")
    else:
        kinds.append("numba")
    with workplace(asked.folder) as folder:
        size = SMOKE if asked.smoke else FULL
        narrate(f"making {size.name} in {folder}")
        name, inside = dataset(folder, size), Path(__file__).with_name("compiled_step_sides.py")
        sides = [Side(kind, (sys.executable, inside, folder, name, kind, str(steps))) for kind in kinds]
        if "numba" in kinds:
            take_turn(sides[-1])  # leaves what it compiled where it is kept
        given = take_turns(sides, asked.rounds)
    said = {kind: [turn.said for turn in turns] for kind, turns in given.items()}
    for kind, turns in said.items():
        report.row(f"{kind}, batch 1024", "samples/s", [turn["speed"] for turn in turns])
        report.row(f"{kind}, until the first step is done", "s", [turn["ready"] for turn in turns])
    for kind in kinds[1:]:
        report.ratio(
            f"{kind} against plain torch", *([turn["speed"] for turn in said[each]] for each in (kind, "torch"))
        )
        compare(report, kind, said[kind][0], said["torch"][0])
    report.data = said
    report.notes.append(f"C++ compiler: {compiler}")
    return report.close()


def compare(report: Report, kind: str, one: dict[str, Any], plain: dict[str, Any]) -> None:
    """Check that the loss of the same batches is the same."""
    steps, loss = next(((at, loss) for at, loss in one["losses"] if at <= len(plain["losses"])), (0, 0.0))
    other = plain["losses"][steps - 1][1] if steps else float("nan")
    told = f"mean loss of the first {steps} batches {loss:.5f} and {other:.5f}"
    report.check(f"{kind} and plain torch", steps > 0 and abs(loss / other - 1) < CLOSE, told)


def found_compiler() -> str | None:
    """Return the C++ compiler that torch.compile would find."""
    return next(filter(None, map(shutil.which, filter(None, (os.environ.get("CXX"), "g++", "clang++", "c++")))), None)


if __name__ == "__main__":
    sys.exit(main())
