"""One training of `quality.py`: `quality_sides.py FOLDER DATASET MODEL JSON SECONDS`; prints one JSON line.

MODEL is trained by its defaults with the parameters of JSON over them, until its passes have taken so many seconds or
its patience is at an end. Validation does not count. Where a tenth of the time ends within a pass that torch takes step
by step, which is DTNMR's, the model is judged there, too.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

if "torch" not in sys.modules:
    import musicrec.core  # noqa: F401  before torch, as the program does: it says how many threads torch takes

import torch

from musicrec.core.dataset import Dataset
from musicrec.core.evaluation import ndcg
from musicrec.core.explorer import Explorer
from musicrec.core.models.base import GradientModel
from musicrec.core.models.configs import GradientConfig, config_for
from musicrec.core.passes import validation_task
from musicrec.core.places import Places
from musicrec.core.training import train
from musicrec.core.watch import Epoch, Step, Watch


class Clock:
    """Books NDCG@10 by the seconds that passes took, and ends the training after `most` of them."""

    def __init__(self, data: Dataset, kind: str, config: GradientConfig, most: float) -> None:
        self.data, self.kind, self.most = data, kind, most
        self.task = validation_task(data, config)
        self.curve: list[tuple[float, float]] = []
        self.before = self.paused = self.told = 0.0
        self.model: GradientModel | None = None

    def begin(self, model: GradientModel) -> None:
        """Take the model that will be trained."""
        self.model = model

    def step(self, step: Step) -> None:
        """Judge within a pass, if it is time to."""
        spent = self.before + step.samples / step.samples_per_second - self.paused
        if self.kind == "dtnmr" and spent - self.told > self.most / 10 and self.model is not None and self.task:
            began, device = time.perf_counter(), torch.device("cpu")
            self.book(spent, ndcg(self.model.eval().scorer(self.data), self.task, device))
            self.model.train()
            self.paused += time.perf_counter() - began

    def epoch(self, epoch: Epoch) -> None:
        """Book a pass."""
        self.before, self.paused = self.before + epoch.seconds - self.paused, 0.0
        self.book(self.before, epoch.validation or 0.0)

    def book(self, spent: float, value: float) -> None:
        """Book a point. Raises KeyboardInterrupt where it was long enough."""
        self.told = spent
        self.curve.append((spent, value))
        if spent > self.most:
            raise KeyboardInterrupt


def main(folder: Path, name: str, kind: str, chosen: dict[str, Any], most: float) -> None:
    """Train, and print the curve."""
    data = Explorer.open(Places(folder / "data", folder / "checkpoints"), dataset=name).data()
    config = config_for(kind, "default", chosen)
    assert isinstance(config, GradientConfig)
    clock = Clock(data, kind, config, most)
    layer = torch.nn.Linear(1, 1)
    layer(torch.ones(1, 1)).sum().backward()
    torch.optim.Adam(layer.parameters()).step()  # torch imports some seconds of code at its first step
    with tempfile.TemporaryDirectory() as runs, suppress(KeyboardInterrupt):
        watch = Watch(step=clock.step, epoch=clock.epoch)
        train(data, kind, config, Places(folder / "data", Path(runs)), "bench", "cpu", watch, clock.begin)
    sys.stdout.write(f"\n{json.dumps({'curve': clock.curve})}\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], sys.argv[3], json.loads(sys.argv[4]), float(sys.argv[5]))
