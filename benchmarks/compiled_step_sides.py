"""A side of `compiled_step.py`: `compiled_step_sides.py FOLDER DATASET torch|torch.compile|numba STEPS`.

Prints one JSON line: samples a second, seconds until the first step was done, and the mean loss after so many batches.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

if sys.argv[3:4] == ["numba"]:
    import musicrec.core  # noqa: F401  before torch, as the program does: it says how many threads torch takes

import torch
from torch.nn import functional as F

from musicrec.core.dataset import Dataset
from musicrec.core.explorer import Explorer
from musicrec.core.models.configs import config_for
from musicrec.core.models.ncf import NCF
from musicrec.core.models.registry import build
from musicrec.core.places import Places
from musicrec.core.training import train
from musicrec.core.watch import Step, Watch

OPTIONS = {"batch_size": 1024, "epochs": 1, "validation_listeners": 0, "spare_negatives": 0}
WARM = 20  # steps that are not measured


def by_torch(data: Dataset, compiled: bool, most: int) -> dict[str, Any]:
    """Take steps over the first batches of a pass."""
    config: Any = config_for("ncf", "reference", OPTIONS)
    torch.manual_seed(config.seed)  # as `train` does: weights and batches are the same
    model = build("ncf", config, data)
    assert isinstance(model, NCF)
    model.prepare(data)
    optimizer = torch.optim.Adam(model.parameters(), lr=config.lr, fused=True)

    def loss_of(listeners: torch.Tensor, songs: torch.Tensor, played: torch.Tensor) -> torch.Tensor:
        return F.binary_cross_entropy_with_logits(model(listeners, songs), played)

    step: Any = torch.compile(loss_of) if compiled else loss_of
    began = time.perf_counter()
    drawing, marks, losses, total, plan = 0.0, [], list[tuple[int, float]](), 0.0, -(-model.samples() // 1024)
    for done, batch in enumerate(model.batches(torch.Generator().manual_seed(config.seed)), 1):
        drawing = drawing or time.perf_counter() - began
        optimizer.zero_grad()
        loss = step(batch.listeners, batch.songs, batch.played)
        loss.backward()
        optimizer.step()
        total += float(loss.detach())
        losses.append((done, total / done))
        marks.append(time.perf_counter())
        if done == WARM + most:
            break
    # The last batch of a small world may be smaller than the others: it is left out, and no graph is made for it
    count = len(marks) - WARM
    spent = marks[-1] - marks[WARM - 1] + drawing * count / plan
    return {"speed": count * 1024 / spent, "ready": marks[0] - began - drawing, "losses": losses}


def by_kernel(folder: Path, data: Dataset) -> dict[str, Any]:
    """Train a pass."""
    os.environ["MUSICREC_ENGINE"] = "numba"
    layer = torch.nn.Linear(1, 1)
    layer(torch.ones(1, 1)).sum().backward()
    torch.optim.Adam(layer.parameters()).step()  # torch imports some seconds of code at its first step
    passes, steps, began = [], list[Step](), time.perf_counter()
    first: list[float] = []

    def told(step: Step) -> None:
        steps.append(step)
        first.append(time.perf_counter() - began)

    with tempfile.TemporaryDirectory() as runs:
        config = config_for("ncf", "reference", OPTIONS)
        watch = Watch(step=told, epoch=passes.append)
        train(data, "ncf", config, Places(folder / "data", Path(runs)), "bench", "cpu", watch)
    losses = [(each.samples // 1024, each.loss) for each in steps if each.samples % 1024 == 0]
    losses.append((-(-5 * int((data.split == 0).sum()) // 1024), passes[0].loss))
    ready = first[0] if first else time.perf_counter() - began
    return {"speed": passes[0].samples_per_second, "ready": ready, "losses": losses}


def main(folder: Path, name: str, kind: str, steps: int) -> None:
    """Do what was asked; print one JSON line."""
    data = Explorer.open(Places(folder / "data", folder / "checkpoints"), dataset=name).data()
    said = by_kernel(folder, data) if kind == "numba" else by_torch(data, kind == "torch.compile", steps)
    sys.stdout.write(f"\n{json.dumps(said)}\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], sys.argv[3], int(sys.argv[4]))
