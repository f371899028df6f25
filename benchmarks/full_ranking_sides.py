"""One model of `full_ranking.py`: `full_ranking_sides.py FOLDER DATASET MODEL`; prints one JSON line."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

if "torch" not in sys.modules:
    import musicrec.core  # noqa: F401  before torch, as the program does: it says how many threads torch takes

import torch
from plain_scores import plain_dtnmr, plain_pairs, plain_vectors, row, untrained

from musicrec.core import compiled_ranking
from musicrec.core.dataset import Dataset
from musicrec.core.evaluation import Measurement, measure
from musicrec.core.explorer import Explorer
from musicrec.core.models.base import Model
from musicrec.core.models.dtnmr import DTNMR
from musicrec.core.places import Places
from musicrec.core.tasks import Task, make_task

CHECKED = 20  # listeners
ROUNDING = 1e-5  # of the spread of a listener's scores


def main(folder: Path, name: str, kind: str) -> None:
    """Evaluate, check, and print what it took."""
    data = Explorer.open(Places(folder / "data", folder / "checkpoints"), dataset=name).data()
    model, device = untrained(kind, data), torch.device("cpu")
    began, spent = time.monotonic(), time.process_time()
    scorer, task = model.scorer(data), make_task(data, "test")
    ready = time.monotonic()
    found = measure(scorer, data, task, "untrained", kind, device)
    ended, used = time.monotonic(), time.process_time()
    said = {
        "seconds": ended - began,
        "ready": ready - began,
        "processor": used - spent,
        "listeners": task.protocol.listeners,
        "songs": task.protocol.songs,
        "held": len(task.held.values),
        "engine": "torch" if compiled_ranking.loops() is None else "numba",
        "threads": torch.get_num_threads(),
        "metrics": {key: figure.mean for key, figure in found.evaluation.metrics.items()},
    }
    sys.stdout.write(f"\n{json.dumps(said | compared(model, data, task, found))}\n")


def compared(model: Model, data: Dataset, task: Task, found: Measurement) -> dict[str, Any]:
    """Count the ranks of some listeners that are the plain model's, and those that are so within rounding."""
    checked = equal = within = 0
    vectors = plain_vectors(model) if isinstance(model, DTNMR) else None
    for at in torch.linspace(0, len(task.past) - 1, CHECKED).long().unique().tolist():
        songs, behaviours, listener = row(task.past.songs, at), row(task.past.behaviours, at), int(task.past.ids[at])
        if isinstance(model, DTNMR) and vectors is not None:
            scores = plain_dtnmr(model, vectors, listener, songs, behaviours)
        else:
            scores = plain_pairs(model, data, listener)
        rounding = ROUNDING * float(scores.std())
        scores[songs] = -torch.inf
        for song, rank in zip(row(task.held, at), found.ranks[found.owner == at].tolist(), strict=True):
            own = scores[song]
            above, alike = int((scores > own).sum()), int((scores == own).sum())
            plain = above - (-(alike + 1) // 2)  # in the middle of those that score the same
            least, most = 1 + int((scores > own + rounding).sum()), int((scores >= own - rounding).sum())
            checked, equal, within = checked + 1, equal + (rank == plain), within + (least <= rank <= most)
    return {"checked": checked, "equal": equal, "within": within}


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], sys.argv[3])
