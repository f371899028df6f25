"""DTNMR's training, by musicrec and by the dense program: the sides that `dtnmr_training.py` runs.

    dtnmr_sides.py FOLDER DATASET steps JSON SECONDS     musicrec with these parameters over the reference's
    dtnmr_sides.py FOLDER DATASET passes JSON N          the same for N whole passes, each validated
    dtnmr_sides.py FOLDER DATASET dense SECONDS          the dense program
    dtnmr_sides.py FOLDER DATASET same                   the loss of one batch by both, with the same weights

Speeds are those of some seconds after the first: a pass of the dense program takes a quarter of an hour.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from dtnmr_dense import DenseDTNMR, Points
from torch.utils.data import DataLoader

from musicrec.core.dataset import Dataset
from musicrec.core.errors import MusicrecError
from musicrec.core.explorer import Explorer
from musicrec.core.models.configs import DTNMRConfig, config_for
from musicrec.core.models.dtnmr_features import scaled_lengths
from musicrec.core.models.registry import build
from musicrec.core.places import Places
from musicrec.core.training import train
from musicrec.core.watch import Step, Watch

BATCH, LR, SUBSET, WARM = 16, 0.1, 5, 2.0
EVERY = {  # all features that the files hold, none of them in a shared bucket
    "song_features": ("genre", "artist", "composer", "lyricist", "language"),
    "listener_features": ("age", "gender", "city"),
    "rare": 1,
}


def settings(chosen: dict[str, Any]) -> DTNMRConfig:
    """Return the parameters of the reference with `chosen` over them."""
    config = config_for("dtnmr", "reference", EVERY | chosen)
    assert isinstance(config, DTNMRConfig)
    return config


class Speed:
    """Counts samples from the first seconds on."""

    def __init__(self, seconds: float) -> None:
        self.most, self.begun, self.marks = seconds, time.monotonic(), list[tuple[float, int]]()

    def step(self, samples: int) -> None:
        """Take note; raise KeyboardInterrupt when it has been long enough."""
        now = time.monotonic()
        if now - self.begun > WARM:
            self.marks.append((now, samples))
        if now - self.begun > WARM + self.most and len(self.marks) > 1:
            raise KeyboardInterrupt

    def said(self) -> dict[str, Any]:
        """Return samples a second between the first mark and the last."""
        (start, before), (end, after) = self.marks[0], self.marks[-1]
        return {"speed": (after - before) / (end - start), "samples": after - before, "seconds": end - start}


def steps(folder: Path, data: Dataset, chosen: dict[str, Any], seconds: float) -> dict[str, Any]:
    """Train with musicrec for some seconds."""
    config, speed, at = settings(chosen | {"epochs": 1000, "validation_listeners": 0}), Speed(seconds), [0.0]

    def step(told: Step) -> None:
        at[0] = told.loss
        speed.step((told.epoch - 1) * told.total + told.samples)

    torch.manual_seed(config.seed)
    parameters = sum(each.numel() for each in build("dtnmr", config, data).parameters())
    with tempfile.TemporaryDirectory() as runs, suppress(KeyboardInterrupt):
        train(data, "dtnmr", config, Places(folder / "data", Path(runs)), "bench", "cpu", Watch(step=step))
    return speed.said() | {"parameters": parameters, "loss": at[0]}


def passes(folder: Path, data: Dataset, chosen: dict[str, Any], count: int) -> dict[str, Any]:
    """Train whole passes with musicrec."""
    config, told = settings(chosen | {"epochs": count, "patience": count}), []
    with tempfile.TemporaryDirectory() as runs:
        try:
            train(data, "dtnmr", config, Places(folder / "data", Path(runs)), "bench", "cpu", Watch(epoch=told.append))
        except MusicrecError as error:
            return {"ndcg": [0.0], "problem": str(error)}
    return {"ndcg": [each.validation for each in told], "loss": [each.loss for each in told]}


def points(data: Dataset, config: DTNMRConfig) -> Points:
    """Return the training points with their features as lists."""
    past, songs, static = data.past("validation"), data.bags(*config.song_bags), data.bags(*config.listener_bags)
    sizes = static.size, songs.size, 1 + len(data.behaviour_names)
    lists = [
        [row.tolist() for row in each.values.split(each.lengths.tolist())]
        for each in (past.songs, past.behaviours, static.bags, songs.bags)
    ]
    played = data.popularity.nonzero().squeeze(1).tolist()
    windows = (config.long_term_len, config.short_term_len)
    return Points(*lists, scaled_lengths(data.lengths), played, sizes, windows, config.subset_size)


def dense(data: Dataset, seconds: float) -> dict[str, Any]:
    """Train with the dense program for some seconds."""
    torch.manual_seed(7)
    given = points(data, settings({}))
    model = DenseDTNMR((given.static_size, given.song_size, given.behaviour_count))
    optimizer, speed, done, total = torch.optim.SGD(model.parameters(), lr=LR), Speed(seconds), 0, 0.0
    with suppress(KeyboardInterrupt):
        for batch in DataLoader(given, batch_size=BATCH, shuffle=True):
            optimizer.zero_grad()
            loss = model(batch)
            loss.backward()
            optimizer.step()
            done, total = done + 1, total + loss.item()
            speed.step(done * BATCH)
    parameters = sum(each.numel() for each in model.parameters())
    features = {"song features": given.song_size, "listener features": given.static_size + given.song_size}
    return speed.said() | {"parameters": parameters, "loss": total / done, "points": len(given)} | features


@torch.no_grad()
def same(data: Dataset) -> dict[str, Any]:
    """Compute the loss of one batch with both programs, dropout off, the dense one given musicrec's weights."""
    config = replace(settings({}), batch_size=64)
    torch.manual_seed(config.seed)
    model: Any = build("dtnmr", config, data).eval()
    model.prepare(data)
    batch = next(iter(model.batches(torch.Generator().manual_seed(7))))
    given = points(data, config)
    plain = DenseDTNMR((given.static_size, given.song_size, given.behaviour_count)).eval()
    plain.load_state_dict(translated(model))
    order = torch.randperm(model.samples(), generator=torch.Generator().manual_seed(7))[: config.batch_size]
    items = []
    for row, number in enumerate(order.tolist()):
        who, at = given.points[number]
        drawn = [int(batch.choices.true[row]), *batch.choices.others[row].tolist()]
        items.append(given.item(who, at, drawn))
    theirs = plain([torch.stack(column) for column in zip(*items, strict=True)])
    return {"musicrec": float(model.loss(batch)), "dense": float(theirs), "batch": len(items)}


def translated(model: Any) -> dict[str, torch.Tensor]:
    """Return musicrec's weights as the dense program's: rows of embedding bags are columns of Linear layers."""
    found, state = {}, model.state_dict()
    for part in ("mfc", "usfc"):
        mlp = getattr(model, part)
        columns = [table.weight.T for table in mlp.tables] + ([] if mlp.scalars is None else [mlp.scalars.weight])
        found |= {f"{part}.0.weight": torch.cat(columns, dim=1), f"{part}.0.bias": mlp.bias}
        for number, layer in enumerate(mlp.layers):
            found |= {f"{part}.{2 * number + 2}.weight": layer.weight, f"{part}.{2 * number + 2}.bias": layer.bias}
    return found | {name.removeprefix("udfc."): value for name, value in state.items() if name.startswith("udfc.")}


def main(folder: Path, name: str, mode: str, *words: str) -> None:
    """Do what was asked; print one JSON line."""
    data = Explorer.open(Places(folder / "data", folder / "checkpoints"), dataset=name).data()
    match mode:
        case "steps":
            said = steps(folder, data, json.loads(words[0]), float(words[1]))
        case "passes":
            said = passes(folder, data, json.loads(words[0]), int(words[1]))
        case "dense":
            said = dense(data, float(words[0]))
        case _:
            said = same(data)
    sys.stdout.write(f"\n{json.dumps(said | {'threads': torch.get_num_threads(), 'torch': torch.__version__})}\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], sys.argv[3], *sys.argv[4:])
