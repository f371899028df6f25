"""Evaluate NeuMF, 8 factors and 3 layers: 20,000 listeners, each with 1 held-out song among 99 that were drawn.

    python benchmarks/evaluation.py [--smoke] [--rounds 3] [--json FILE] [--peers DIR]

- musicrec: from the scorer and the task to HR@10 and NDCG@10, by its own ranking of held-out songs.
- melon: what the Melon reference program does, written plainly, as it cannot be installed: a DataLoader of single
  (listener, song) items in batches of 100, one batch a listener; for each the model's forward pass, torch.topk, and
  both metrics of the list in Python.

Each process evaluates once before the clock runs, then three times; the median counts. The catalogue has 36,000 songs.
The same work: the two must find the same HR@10 and NDCG@10, within 1e-4.
"""

from __future__ import annotations

import sys
from pathlib import Path

from turns import Report, Side, options, take_turns

LISTENERS, SONGS, GOAL = 20_000, 36_000, 80


def main() -> int:
    """Measure and print."""
    asked = options("Evaluate 1 + 99 songs a listener.")
    report = Report("Evaluation, 1 + 99", asked)
    sizes = ("200", "2000") if asked.smoke else (str(LISTENERS), str(SONGS))
    inside = Path(__file__).with_name("evaluation_sides.py")
    given = take_turns(
        [Side(name, (sys.executable, inside, name, *sizes)) for name in ("musicrec", "melon")], asked.rounds
    )
    for name, turns in given.items():
        report.row(f"{name}, {int(sizes[0]):,} listeners", "s", [turn.said["seconds"] for turn in turns])
    mine, plain = ([turn.said["seconds"] for turn in given[name]] for name in ("musicrec", "melon"))
    report.ratio("time of the Melon reference's algorithm", plain, mine, None if asked.smoke else GOAL)
    for metric in ("hr", "ndcg"):
        one, other = (given[name][0].said[metric] for name in ("musicrec", "melon"))
        report.check(f"{metric}@10", abs(one - other) < 1e-4, f"{one:.5f} and {other:.5f}")
    report.notes.append(f"musicrec ranked by {given['musicrec'][0].said['engine']}")
    return report.close()


if __name__ == "__main__":
    sys.exit(main())
