"""Rank the whole catalogue for every test listener at the size of KKBOX: NCF, MF and DTNMR; seconds and memory.

    python benchmarks/full_ranking.py [--smoke] [--rounds 1] [--models ncf,mf,dtnmr] [--json FILE] [--folder DIR]

An invented world of 34,403 listeners, 420,000 songs and 3 million plays. Each model is evaluated as `musicrec evaluate`
does it, all metrics and their intervals included, by weights that were drawn: ranking takes no account of what they
are. NCF has 8 factors and 3 layers, MF and DTNMR are those that are trained by default. Reading the dataset is left
out; folding or embedding the songs, and loading what was compiled before, are counted.

The same work: ranks of held-out songs of some listeners must be those that the plain model gives in float32, but for
songs whose scores lie within rounding of theirs.
"""

from __future__ import annotations

import sys
from pathlib import Path

from turns import Report, Side, narrate, options, take_turns
from worlds import KKBOX, Size, dataset, workplace

SMOKE = Size(200, 3_000, 8_000)
GOAL = 60.0  # seconds


def main() -> int:
    """Measure and print."""
    asked = options("Rank all songs for all test listeners.", rounds=1, models=("ncf,mf,dtnmr", "which models"))
    report = Report("Full ranking of every test listener", asked)
    with workplace(asked.folder) as folder:
        size = SMOKE if asked.smoke else KKBOX
        narrate(f"making {size.name} in {folder}")
        name, inside = dataset(folder, size), Path(__file__).with_name("full_ranking_sides.py")
        for model in asked.models.split(","):
            turns = take_turns([Side(model, (sys.executable, inside, folder, name, model))], asked.rounds)[model]
            told = turns[0].said
            what = f"{model}, {told['listeners']:,} listeners × {told['songs']:,} songs"
            seconds = [turn.said["seconds"] for turn in turns]
            report.row(f"{what}: ready to rank", "s", [turn.said["ready"] for turn in turns])
            report.row(f"{what}: processor time", "s", [turn.said["processor"] for turn in turns])
            report.row(f"{what}: memory", "MB", [turn.peak for turn in turns])
            if asked.smoke:
                report.row(what, "s", seconds)
            else:
                report.limit(what, "s", seconds, GOAL)
            same = f"{told['checked']} held-out songs, {told['equal']} at the very rank, the others among near ties"
            report.check(f"ranks of {model}", told["within"] == told["checked"] > 0, same)
            report.notes.append(f"{model}: {told['held']:,} held-out songs, ranked by {told['engine']}")
            report.data[model] = [turn.said for turn in turns]
    return report.close()


if __name__ == "__main__":
    sys.exit(main())
