"""The sides of `topk.py` that are NeuMF: `topk_musicrec.py musicrec|plain SONGS QUERIES`; prints one JSON line."""

from __future__ import annotations

import json
import math
import sys
import time
from collections.abc import Callable

import torch
from plain_scores import card_of

from musicrec.core import compiled_ranking
from musicrec.core.dataset import Dataset
from musicrec.core.models.configs import config_for
from musicrec.core.models.ncf import NCF
from musicrec.core.models.registry import build
from musicrec.core.ragged import offsets_of
from musicrec.core.ranking import Ranking

HEARD, CHUNK, WARM = 50, 8192, 5
Answer = tuple[list[int], list[float]]


def world(songs: int, listeners: int) -> Dataset:
    """Return a dataset of plays drawn evenly, all of them before the split."""
    draw = torch.Generator().manual_seed(7)
    played = torch.randint(songs, (listeners * HEARD,), generator=draw)
    return Dataset(
        name="invented",
        fingerprint="0" * 32,
        listener_count=listeners,
        song_count=songs,
        offsets=offsets_of(torch.full((listeners,), HEARD)),
        songs=played,
        behaviours=torch.zeros_like(played),
        split=torch.zeros(len(played), dtype=torch.uint8),
        behaviour_names=(),
        popularity=torch.bincount(played, minlength=songs).float(),
        lengths=torch.zeros(songs),
    )


def main(side: str, songs: int, queries: int) -> None:
    """Answer every query and print what it took."""
    data = world(songs, queries + WARM)
    torch.manual_seed(7)
    model = build("ncf", config_for("ncf", "reference"), data)
    assert isinstance(model, NCF)
    with torch.no_grad():
        for each in model.parameters():
            each.normal_(std=0.3)
    model.eval()
    catalogue = torch.arange(songs)
    ranking = Ranking(card_of("ncf", "invented", data, model), model, data, torch.device("cpu"))
    ranking.scorer.expect(math.inf if side == "musicrec" else 0)

    @torch.no_grad()
    def plainly(listener: int) -> torch.Tensor:
        number = torch.tensor(listener)
        return torch.cat([model(number.expand(len(part)), part) for part in catalogue.split(CHUNK)])

    @torch.no_grad()
    def plain(listener: int) -> tuple[list[int], list[float]]:
        scores = plainly(listener)
        scores[data.songs[listener * HEARD : (listener + 1) * HEARD]] = -torch.inf
        best = scores.topk(10)
        return best.indices.tolist(), best.values.tolist()

    def mine(listener: int) -> tuple[list[int], list[float]]:
        best = ranking.order(listener).top(10)
        return best.songs.tolist(), best.scores.tolist()

    answer = mine if side == "musicrec" else plain
    answers, times = timed(answer, queries)
    engine = "torch" if compiled_ranking.loops() is None else "numba"
    said = {"p50": times[len(times) // 2], "p95": times[int(len(times) * 0.95)]}
    said |= {"top": [songs for songs, _ in answers], "scores": [each for _, scores in answers for each in scores]}
    sys.stdout.write(json.dumps(said | {"engine": engine, "threads": torch.get_num_threads()}) + "\n")


def timed(answer: Callable[[int], Answer], queries: int) -> tuple[list[Answer], list[float]]:
    """Return the lists, and the milliseconds that they took, rising."""
    answers, times = [], []
    for listener in range(queries + WARM):
        started = time.perf_counter()
        found = answer(listener)
        if listener >= WARM:
            times.append((time.perf_counter() - started) * 1000)
            answers.append(found)
    return answers, sorted(times)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
