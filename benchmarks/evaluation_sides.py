"""The sides of `evaluation.py`: `evaluation_sides.py musicrec|melon LISTENERS SONGS`; prints one JSON line."""

from __future__ import annotations

import json
import math
import sys
import time
from collections.abc import Callable
from statistics import median

if sys.argv[1:2] == ["musicrec"]:
    import musicrec.core  # noqa: F401  before torch, as the program does: it says how many threads torch and numpy take

import torch
from torch.utils.data import DataLoader, TensorDataset

from musicrec.core import compiled_ranking, metrics
from musicrec.core.dataset import Dataset
from musicrec.core.held_out_ranks import rank_held_out
from musicrec.core.models.configs import config_for
from musicrec.core.models.registry import build
from musicrec.core.ragged import offsets_of
from musicrec.core.tasks import Task, make_task

PLAYS, K = 12, 10


def world(listeners: int, songs: int) -> Dataset:
    """Return a dataset whose listeners each play distinct songs, the last of them held out."""
    draw = torch.Generator().manual_seed(7)
    first = torch.randint(songs, (listeners, 1), generator=draw)
    played = ((first + torch.arange(PLAYS) * (songs // PLAYS)) % songs).flatten()
    split = torch.zeros(listeners, PLAYS, dtype=torch.uint8)
    split[:, -1] = 2
    return Dataset(
        name="invented",
        fingerprint="0" * 32,
        listener_count=listeners,
        song_count=songs,
        offsets=offsets_of(torch.full((listeners,), PLAYS)),
        songs=played,
        behaviours=torch.zeros_like(played),
        split=split.flatten(),
        behaviour_names=(),
        popularity=torch.bincount(played[split.flatten() == 0], minlength=songs).float(),
        lengths=torch.zeros(songs),
    )


def main(side: str, listeners: int, songs: int) -> None:
    """Evaluate and print what it took."""
    data = world(listeners, songs)
    torch.manual_seed(7)
    model = build("ncf", config_for("ncf", "reference"), data).eval()
    with torch.no_grad():
        for each in model.parameters():
            each.normal_(std=0.3)
    task = make_task(data, "test", (K,), 99)
    if side == "musicrec":
        scorer, device = model.scorer(data), torch.device("cpu")
        scorer.expect(math.inf)

        def evaluate() -> dict[str, float]:
            ranks = rank_held_out(scorer, task, device)
            rank = metrics.tied_ranks(ranks.owner, ranks.higher, ranks.tied)
            found = metrics.at_k(ranks.owner, rank, listeners, K)
            return {name: float(found[name].mean()) for name in ("hr", "ndcg")}
    else:
        loader = as_loader(task)

        def evaluate() -> dict[str, float]:
            return one_by_one(model, loader)

    found, seconds = timed(evaluate)
    engine = "torch" if compiled_ranking.loops() is None else "numba"
    sys.stdout.write(json.dumps({**found, "seconds": seconds, "engine": engine}) + "\n")


def as_loader(task: Task) -> DataLoader[tuple[torch.Tensor, ...]]:
    """Lay out pairs as the reference does: the held-out song of a listener first, then the 99."""
    assert task.negatives is not None
    songs = torch.cat([task.held.values[:, None], task.negatives], dim=1)
    pairs = TensorDataset(task.past.ids.repeat_interleave(songs.shape[1]), songs.flatten())
    return DataLoader(pairs, batch_size=songs.shape[1], shuffle=False)


@torch.no_grad()
def one_by_one(model: Callable[..., torch.Tensor], loader: DataLoader[tuple[torch.Tensor, ...]]) -> dict[str, float]:
    """Evaluate listener by listener."""
    hits, gains = [], []
    for listeners, songs in loader:
        best = torch.topk(model(listeners, songs), K).indices
        recommended, wanted = torch.take(songs, best).tolist(), songs[0].item()
        hits.append(int(wanted in recommended))
        gains.append(1 / math.log2(recommended.index(wanted) + 2) if wanted in recommended else 0.0)
    return {"hr": sum(hits) / len(hits), "ndcg": sum(gains) / len(gains)}


def timed(evaluate: Callable[[], dict[str, float]]) -> tuple[dict[str, float], float]:
    """Return what was found, and the median of three times after a first."""
    found, times = evaluate(), []
    for _ in range(3):
        started = time.perf_counter()
        evaluate()
        times.append(time.perf_counter() - started)
    return found, median(times)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
