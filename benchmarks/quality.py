"""How long training takes to be as good as it gets: validation NDCG@10 by seconds, for the defaults and what is near.

    python benchmarks/quality.py [--smoke] [--only ncf,dtnmr] [--picture FILE] [--json FILE] [--folder DIR]

NCF on a world of the size of `musicrec demo` and on one of 2 million plays, DTNMR on the first. Seconds are those of
the passes alone, validation left out, summed up to the pass that is meant. What is compared is the time to 99 % of the
best that the default reaches; a variant that never gets there has none.
"""

from __future__ import annotations

import json
import shutil
import sys
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path

from plots import Curve, Panel, picture
from turns import Report, narrate, options
from worlds import Size, dataset, musicrec, workplace

SAMPLE, LARGE, SMOKE = Size(1_000, 2_000, 60_000), Size(20_000, 36_000, 2_535_000), Size(200, 300, 6_000)
SHARE = 0.99
DEFAULT = "the default"


@dataclass(frozen=True, slots=True)
class Case:
    """A model on a world, and what it is trained with beside its defaults."""

    model: str
    size: Size
    variants: dict[str, tuple[str, ...]]

    @property
    def title(self) -> str:
        """What the case is called."""
        return f"{self.model} on {self.size.plays:,} plays"


def learning(batch: int, rate: float, schedule: str = "constant") -> tuple[str, ...]:
    """Options of a batch size, a learning rate and its schedule."""
    return ("--batch-size", str(batch), "--lr", str(rate), "--schedule", schedule)


OF_NCF = {
    DEFAULT: (),
    "batch 1024, 0.001": learning(1024, 0.001),
    "batch 256, 0.001": learning(256, 0.001),
    "batch 4096, 0.003": learning(4096, 0.003),
    "batch 4096, 0.01": learning(4096, 0.01),
}
OF_MANY = {
    DEFAULT: (),
    "batch 4096, 0.003": learning(4096, 0.003),
    "batch 16384, 0.01": learning(16_384, 0.01),
}
OF_DTNMR = {
    DEFAULT: (),
    "batch 128, 0.003": learning(128, 0.003),
    "batch 2048, 0.006": learning(2048, 0.006),
}


def main() -> int:
    """Measure and print."""
    asked = options(
        "Time to quality.", rounds=1, only=("ncf,dtnmr", "which models"), picture=("", "write the curves here, as SVG")
    )
    report = Report("Time to quality", asked)
    cases = [Case("ncf", SAMPLE, OF_NCF), Case("ncf", LARGE, OF_MANY), Case("dtnmr", SAMPLE, OF_DTNMR)]
    if asked.smoke:
        cases = [Case("ncf", SMOKE, dict(list(OF_NCF.items())[:2]))]
    with workplace(asked.folder) as folder:
        panels = [measure(report, folder, case) for case in cases if asked.smoke or case.model in asked.only.split(",")]
    if asked.picture:
        Path(asked.picture).write_text(picture(panels), "utf-8")
    return report.close()


def measure(report: Report, folder: Path, case: Case) -> Panel:
    """Train every variant once; book when each is as good as the default gets."""
    name = dataset(folder, case.size)
    curves = {title: trained(folder, name, case, title) for title in case.variants}
    goal = SHARE * max(curves[DEFAULT].values)
    for title, curve in curves.items():
        reached = [at for at, value in zip(curve.at, curve.values, strict=True) if value >= goal]
        report.row(f"{case.title}, {title}: to NDCG@10 of {goal:.4f}", "s", reached[:1])
        report.row(f"{case.title}, {title}: best", "NDCG@10", [max(curve.values)])
    report.data[case.title] = {title: [list(curve.at), list(curve.values)] for title, curve in curves.items()}
    return Panel(case.title, "seconds of training", "NDCG@10", list(curves.values()), even=True)


def trained(folder: Path, name: str, case: Case, title: str) -> Curve:
    """Train one variant; return its NDCG@10 by seconds."""
    run = f"quality-{case.model}-{name}-{list(case.variants).index(title)}"
    history = folder / "checkpoints" / run / "history.jsonl"
    if not is_finished(history.with_name("run.json")):
        shutil.rmtree(history.parent, ignore_errors=True)
        few = ("--epochs", "2") if case.size == SMOKE else ()
        musicrec(folder, "train", case.model, "--dataset", name, "--name", run, *few, *case.variants[title])
    passes = [json.loads(line) for line in history.read_text("utf-8").splitlines()]
    narrate(f"{case.title}, {title}: {max(each['validation'] for each in passes):.4f} in {len(passes)} passes")
    seconds = accumulate(each["seconds"] for each in passes)
    return Curve(title, list(seconds), [each["validation"] for each in passes])


def is_finished(card: Path) -> bool:
    """Whether a run came to its end."""
    return card.exists() and json.loads(card.read_text("utf-8"))["status"] == "finished"


if __name__ == "__main__":
    sys.exit(main())
