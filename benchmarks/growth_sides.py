"""What `growth.py` measures of one dataset that is imported: one process for each.

    growth_sides.py FOLDER DATASET train        one pass of NeuMF, kept as the run of the last two
    growth_sides.py FOLDER DATASET dtnmr        some seconds of a pass of DTNMR, and what a whole one would take
    growth_sides.py FOLDER DATASET evaluate     NDCG@10 of NeuMF's run by full ranking
    growth_sides.py FOLDER DATASET top          the top 10 of the catalogue for one listener after the other

Each prints one JSON line. Compiled loops are used at every size, where there is numba, and loaded before clocks run: a
small world alone would be left to torch.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from importlib.util import find_spec
from math import inf
from pathlib import Path
from statistics import median
from typing import Any

RUN, LISTENERS, ASKED = "growth-{}", 1_000, 30
OPTIONS = {"batch_size": 8192, "epochs": 1, "validation_listeners": 0, "spare_negatives": 0}
LARGE_STEPS = {"batch_size": 2048, "epochs": 1, "validation_listeners": 0}
WARM, MOST = 1.0, 4.0  # seconds of steps of DTNMR: left out, and then measured


def train(places: Any, name: str) -> dict[str, Any]:
    """Train one pass."""
    from musicrec.core.explorer import Explorer
    from musicrec.core.models.configs import config_for
    from musicrec.core.training import train as training
    from musicrec.core.watch import Watch

    began = time.monotonic()
    data, passes = Explorer.open(places, dataset=name).data(), []
    opened = time.monotonic() - began
    os.environ["MUSICREC_ENGINE"] = "numba" if find_spec("numba") else "torch"
    warm_up()
    shutil.rmtree(places.run(RUN.format(name)), ignore_errors=True)
    config = config_for("ncf", "reference", OPTIONS)
    card = training(data, "ncf", config, places, RUN.format(name), "cpu", Watch(epoch=passes.append))
    return {
        "opening": opened,
        "pass": passes[0].seconds,
        "speed": passes[0].samples_per_second,
        "plays": int((data.split == 0).sum()),
        "songs": data.song_count,
        "listeners": data.listener_count,
        "engine": card.engine,
    }


def dtnmr(places: Any, name: str) -> dict[str, Any]:
    """Train for some seconds, or a whole pass where that is less."""
    from musicrec.core.explorer import Explorer
    from musicrec.core.models.configs import config_for
    from musicrec.core.places import Places
    from musicrec.core.training import train as training
    from musicrec.core.watch import Step, Watch

    data, passes, marks = Explorer.open(places, dataset=name).data(), [], list[tuple[float, Step]]()
    warm_up()
    began = time.monotonic()

    def step(step: Step) -> None:
        marks.append((time.monotonic(), step))
        if marks[-1][0] - marks[0][0] > WARM + MOST:
            raise KeyboardInterrupt

    with tempfile.TemporaryDirectory() as runs, suppress(KeyboardInterrupt):
        config, here = config_for("dtnmr", "default", LARGE_STEPS), Places(places.data, Path(runs))
        training(data, "dtnmr", config, here, "bench", "cpu", Watch(step=step, epoch=passes.append))
    ready = (marks[0][0] if marks else time.monotonic()) - began
    if passes:
        return {"preparing": ready, "pass": passes[0].seconds, "share": 1.0}
    (start, first), (end, last) = next(mark for mark in marks if mark[0] - marks[0][0] >= WARM), marks[-1]
    speed = (last.samples - first.samples) / (end - start)
    return {"preparing": ready, "pass": last.total / speed, "share": last.samples / last.total}


def evaluate(places: Any, name: str) -> dict[str, Any]:
    """Rank for some listeners, the same number whatever the dataset."""
    import torch

    from musicrec.core.evaluation import ndcg
    from musicrec.core.explorer import Explorer
    from musicrec.core.runs import read_card
    from musicrec.core.tasks import make_task
    from musicrec.core.weights import load_model

    data, cpu = Explorer.open(places, dataset=name).data(), torch.device("cpu")
    scorer = load_model(places, read_card(places, RUN.format(name)), data, cpu).scorer(data)
    scorer.expect(inf)
    task = make_task(data, "test", most=LISTENERS)
    took, found = seconds(lambda: ndcg(scorer, task, cpu))
    return {"full": took, "ndcg": found, "judged": task.protocol.listeners}


def top(places: Any, name: str) -> dict[str, Any]:
    """Ask for recommendations as the screen does."""
    from musicrec.core.explorer import Explorer

    explorer = Explorer.open(places, dataset=name)
    loading, _ = seconds(lambda: explorer.load(RUN.format(name)))
    who = [listener.id for listener in explorer.find_listeners("", limit=ASKED + 5).items]
    took = [seconds(lambda one=one: explorer.recommend(one, RUN.format(name)))[0] for one in who]
    return {"loading": loading, "top": median(took[5:]), "asked": len(took) - 5}


def warm_up() -> None:
    """Take a first step: torch imports some seconds of code at it."""
    import torch

    layer = torch.nn.Linear(1, 1)
    layer(torch.ones(1, 1)).sum().backward()
    torch.optim.Adam(layer.parameters()).step()


def seconds(act: Callable[[], Any]) -> tuple[float, Any]:
    """Do something; return how long it took, and what came of it."""
    began = time.monotonic()
    came = act()
    return time.monotonic() - began, came


def main(folder: Path, name: str, mode: str) -> None:
    """Do what was asked; print one JSON line."""
    from musicrec.core.places import Places

    places = Places(folder / "data", folder / "checkpoints")
    said = {"train": train, "dtnmr": dtnmr, "evaluate": evaluate, "top": top}[mode](places, name)
    sys.stdout.write(f"\n{json.dumps(said)}\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], sys.argv[3])
