"""How long training takes to be as good as it gets: validation NDCG@10 by seconds, for the defaults and what is near.

    python benchmarks/quality.py [--smoke] [--minutes 8] [--models ncf,dtnmr] [--picture FILE] [--json FILE]

NCF and DTNMR on a world of the size of `musicrec demo` and on one of 2 million plays before the split. Seconds are
those of the passes alone, validation left out. Each training ends after its share of the minutes, or where its
patience does. What is compared is the time to 99 % of the best that the default reaches; a setting that does not get
there has none.
"""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from plots import Curve, Panel, picture
from turns import Report, Side, narrate, options, take_turn
from worlds import Size, dataset, workplace

SAMPLE, LARGE, SMOKE = Size(1_000, 2_000, 60_000), Size(20_000, 36_000, 2_535_000), Size(200, 300, 6_000)
SHARE = 0.99
DEFAULT = "the default"


@dataclass(frozen=True, slots=True)
class Case:
    """A model on a world, what it is trained with beside its defaults, and the seconds of passes that each may take.

    These are seconds of eight minutes in all; the rest of them goes into starting and judging.
    """

    model: str
    size: Size
    seconds: float
    variants: dict[str, dict[str, Any]]

    @property
    def title(self) -> str:
        """What the case is called."""
        return f"{self.model.upper()}, {self.size.listeners:,} listeners, {self.size.songs:,} songs"


def learning(batch: int, rate: float) -> dict[str, Any]:
    """Parameters of a batch size and a learning rate."""
    return {"batch_size": batch, "lr": rate}


def variants(*more: tuple[int, float]) -> dict[str, dict[str, Any]]:
    """Return the default and others, by their titles."""
    others: dict[str, dict[str, Any]] = {f"batch {batch:,}, {rate}": learning(batch, rate) for batch, rate in more}
    return {DEFAULT: {}} | others


CASES = (
    Case("ncf", SAMPLE, 10, variants((256, 0.001), (4096, 0.003), (4096, 0.01))),
    Case("ncf", LARGE, 40, variants((4096, 0.005), (16_384, 0.01))),
    Case("dtnmr", SAMPLE, 30, variants((128, 0.003), (2048, 0.006))),
    Case("dtnmr", LARGE, 40, variants((2048, 0.006))),
)


def main() -> int:
    """Measure and print."""
    asked = options(
        "Time to quality.",
        rounds=1,
        minutes=(8.0, "what all of it may take, about"),
        models=("ncf,dtnmr", "which models"),
        picture=("", "write the curves here, as SVG"),
    )
    report = Report("Time to quality", asked)
    cases = [case for case in CASES if case.model in asked.models.split(",")]
    if asked.smoke:
        cases = [Case(model, SMOKE, 1, dict(list(CASES[0].variants.items())[:2])) for model in ("ncf", "dtnmr")]
    with workplace(asked.folder) as folder:
        panels = [measure(report, folder, case) for case in cases]
    if asked.picture:
        Path(asked.picture).write_text(picture(panels), "utf-8")
    return report.close()


def measure(report: Report, folder: Path, case: Case) -> Panel:
    """Train every variant once; book when each is as good as the default gets."""
    name = dataset(folder, case.size)
    curves = {title: trained(folder, name, case, title, report.asked.minutes / 8) for title in case.variants}
    goal = SHARE * max(curves[DEFAULT].values)
    for title, curve in curves.items():
        reached = [at for at, value in zip(curve.at, curve.values, strict=True) if value >= goal]
        report.row(f"{case.title}, {title}: to NDCG@10 of {goal:.4f}", "s", reached[:1])
        report.row(f"{case.title}, {title}: best within {curve.at[-1]:.0f} s", "NDCG@10", [max(curve.values)])
    report.data[case.title] = {title: [list(curve.at), list(curve.values)] for title, curve in curves.items()}
    return Panel(case.title, "seconds of training", "NDCG@10", list(curves.values()), even=True)


def trained(folder: Path, name: str, case: Case, title: str, share: float) -> Curve:
    """Train one variant; return its NDCG@10 by seconds."""
    inside = Path(__file__).with_name("quality_sides.py")
    words = (case.model, json.dumps(case.variants[title]), str(case.seconds * share))
    turn = take_turn(Side(title, (sys.executable, inside, folder, name, *words)))
    at, values = zip(*turn.said["curve"], strict=True)
    narrate(f"{case.title}, {title}: {max(values):.4f} in {at[-1]:.0f} s of passes, {turn.seconds:.0f} s in all")
    return Curve(title, at, values)


if __name__ == "__main__":
    sys.exit(main())
