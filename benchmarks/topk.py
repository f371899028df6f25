"""The ten best songs of a whole catalogue for one listener: NeuMF, 8 factors and 3 layers, and two simpler models.

    python benchmarks/topk.py [--smoke] [--rounds 3] [--queries 60] [--json FILE] [--peers DIR]

Catalogues of 36,000, 360,000 and 2,300,000 songs; weights and 50 heard songs a listener are drawn by one seed. A query
is one listener, never the same twice, from its number to ten songs that were not heard; queries before the clock runs
load what is compiled.

- musicrec: what its explorer asks of a run, the top of the order for a listener, by the compiled loops.
- plain: the same model, every pair through its forward pass in chunks of 8192 songs, then torch.topk.
- faiss: a flat inner product of 64 floats a song; implicit: its own `recommend` with 64 factors. Both are simpler
  models, and neither is asked to work out a hidden layer.

The same work: musicrec and plain must give every listener the same ten scores, within 1e-5.
"""

from __future__ import annotations

import sys
from pathlib import Path

from turns import Report, Side, Turn, options, take_turns

SIZES = {36_000: 10, 360_000: 10, 2_300_000: 8}  # and how many times faster than plain


def main() -> int:
    """Measure and print."""
    asked = options("Rank whole catalogues for one listener.", queries=(60, "queries of each process"))
    report = Report("Top-10 of the whole catalogue", asked)
    goals = {2_000: None} if asked.smoke else SIZES
    asked.queries = 3 if asked.smoke else asked.queries
    if asked.peer is None:
        report.notes.append(f"faiss and implicit are absent ({asked.peers}): `make peers` installs them")
    for songs, goal in goals.items():
        given = take_turns(sides(report, songs), asked.rounds)
        for name, turns in given.items():
            for figure in ("p50", "p95"):
                report.row(f"{name}, {songs:,} songs, {figure}", "ms", spent(turns, figure))
        mine = spent(given["musicrec"], "p50")
        report.ratio(f"plain against musicrec, {songs:,} songs", spent(given["plain"], "p50"), mine, goal)
        for name in ("faiss", "implicit"):
            if name in given:
                least = 1 if name == "faiss" and not asked.smoke else None
                report.ratio(f"{name} against musicrec, {songs:,} songs", spent(given[name], "p50"), mine, least)
        apart = [
            max(abs(a - b) for a, b in zip(one.said["scores"], other.said["scores"], strict=True))
            for one, other in zip(given["musicrec"], given["plain"], strict=True)
        ]
        alike = [
            one.said["top"] == other.said["top"] for one, other in zip(given["musicrec"], given["plain"], strict=True)
        ]
        told = (
            f"lists alike in {sum(alike)} of {len(alike)} rounds, scores place by place {max(apart):.1e} apart at most"
        )
        report.check(f"the ten best of {songs:,} songs", max(apart) < 1e-5, told)
        report.data[str(songs)] = {name: [turn.said for turn in turns] for name, turns in given.items()}
        report.notes.append(f"{songs:,} songs: musicrec ranked by {given['musicrec'][0].said['engine']}")
    return report.close()


def sides(report: Report, songs: int) -> list[Side]:
    """The programs that rank `songs` songs."""
    here, asked = Path(__file__).parent, report.asked
    numbers = (str(songs), str(asked.queries))
    found = [Side(name, (sys.executable, here / "topk_musicrec.py", name, *numbers)) for name in ("musicrec", "plain")]
    if asked.peer is not None:
        found += [Side(name, (asked.peer, here / "topk_peers.py", name, *numbers)) for name in ("faiss", "implicit")]
    return found


def spent(turns: list[Turn], figure: str) -> list[float]:
    """One figure of every round."""
    return [turn.said[figure] for turn in turns]


if __name__ == "__main__":
    sys.exit(main())
