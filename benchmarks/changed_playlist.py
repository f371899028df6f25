"""DTNMR: from a changed playlist to its new top 10 among 420,000 songs, as the screen's What if asks for it.

    python benchmarks/changed_playlist.py [--smoke] [--rounds 3] [--changes 300] [--json FILE] [--folder DIR]

An invented world of 34,403 listeners, 420,000 songs and 3 million plays, and a run of DTNMR of default size by weights
that were drawn. Listeners are taken up one by one; ten times each a play is removed, moved or added.

- musicrec: the explorer's answer to each change, one after the other: the new list, how it differs from the list before
  the changes, and where each of their songs stands in both orders of the catalogue.
- plain: for every thirtieth of the same changes the new list alone, everything anew by torch: each song embedded by its
  features, both playlists read, every song multiplied, `torch.topk`.

The same work: both must give the same ten scores, within 1e-5 of the largest.
"""

from __future__ import annotations

import sys
from pathlib import Path

from turns import Report, Side, narrate, options, take_turn, take_turns
from worlds import KKBOX, Size, dataset, workplace

SMOKE = Size(200, 3_000, 8_000)
GOAL = 25.0  # milliseconds, 95th percentile


def main() -> int:
    """Measure and print."""
    asked = options("A changed playlist to its new list.", changes=(300, "changes that each process is asked for"))
    report = Report("A changed playlist to its new top 10", asked)
    changes = 30 if asked.smoke else asked.changes
    with workplace(asked.folder) as folder:
        size = SMOKE if asked.smoke else KKBOX
        narrate(f"making {size.name} in {folder}")
        name, inside = dataset(folder, size), Path(__file__).with_name("changed_playlist_sides.py")
        words = (sys.executable, inside, folder, name)
        take_turn(Side("prepare", (*words, "prepare", "0")))
        sides = [Side(side, (*words, side, str(changes))) for side in ("musicrec", "plain")]
        given = take_turns(sides, asked.rounds)
    mine, plain = ([turn.said for turn in given[side]] for side in ("musicrec", "plain"))
    for figure, title in (("p50", "median"), ("p95", "95th percentile"), ("worst", "worst")):
        report.row(f"the whole answer, {title}", "ms", [said["answers"][figure] for said in mine])
        report.row(f"of it the new list, {title}", "ms", [said["lists"][figure] for said in mine])
        report.row(f"plain, the new list, {title}", "ms", [said["lists"][figure] for said in plain])
    for side, turns in given.items():
        report.row(f"{side}, memory", "MB", [turn.peak for turn in turns])
    lists = [[said["lists"]["p50"] for said in side] for side in (plain, mine)]
    report.ratio("plain against musicrec, the new list", *lists)
    if not asked.smoke:
        songs = f"a change among {mine[0]['songs']:,} songs"
        report.limit(
            f"{songs}, the whole answer, 95th percentile", "ms", [said["answers"]["p95"] for said in mine], GOAL
        )
        report.limit(f"{songs}, the new list, 95th percentile", "ms", [said["lists"]["p95"] for said in mine], GOAL)
    pairs = list(zip(mine[0]["top"], plain[0]["top"], strict=True))
    apart = max(abs(a - b) for one, other in pairs for a, b in zip(one["scores"], other["scores"], strict=True))
    largest = max(abs(score) for _, other in pairs for score in other["scores"])
    alike = sum(one["songs"] == other["songs"] for one, other in pairs)
    told = f"{alike} of {len(pairs)} lists alike, scores place by place {apart:.1e} apart at most, of {largest:.2f}"
    report.check("the new lists", apart < 1e-5 * max(largest, 1.0), told)
    report.data = {side: [turn.said for turn in turns] for side, turns in given.items()}
    report.notes.append(f"musicrec ranked by {mine[0]['engine']}")
    return report.close()


if __name__ == "__main__":
    sys.exit(main())
