"""The sides of `changed_playlist.py`.

    changed_playlist_sides.py FOLDER DATASET prepare 0        keep a run of DTNMR with weights that were drawn
    changed_playlist_sides.py FOLDER DATASET musicrec COUNT   ask the explorer after so many changes
    changed_playlist_sides.py FOLDER DATASET plain COUNT      work out every thirtieth of them anew

Each prints one JSON line.
"""

from __future__ import annotations

import json
import random
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

if sys.argv[3:4] != ["plain"]:
    import musicrec.core  # noqa: F401  before torch, as the program does: it says how many threads torch takes

import torch
from plain_scores import card_of, plain_dtnmr, plain_vectors, untrained

from musicrec.core import compiled_ranking
from musicrec.core.drafts import Draft
from musicrec.core.explorer import Explorer
from musicrec.core.models.dtnmr import DTNMR
from musicrec.core.places import Places
from musicrec.core.runs import read_card, write_card
from musicrec.core.weights import load_model, save_weights

RUN, K, EACH, CHECKED = "untrained-{}", 10, 10, 30


def prepare(places: Places, name: str) -> dict[str, Any]:
    """Keep the run, if it is not there, and compile what an evaluation would leave compiled."""
    compiled_ranking.prepare(compiled_ranking.WORTH_COMPILING)
    run = RUN.format(name)
    if not (places.run(run) / "run.json").exists():
        data = Explorer.open(places, dataset=name).data()
        model = untrained("dtnmr", data)
        save_weights(places, run, model.state_dict())
        write_card(places, card_of("dtnmr", run, data, model))
    return {"run": run}


def changed(explorer: Explorer, count: int) -> Iterator[tuple[Draft, bool]]:
    """Yield drafts, one change further each, and whether one is a listener's first, which has no change yet."""
    chance, done = random.Random(7), 0
    songs = explorer.find_songs("", limit=500).items
    asked, listeners = -(-count // EACH), explorer.dataset.listeners
    for number in range(asked):  # evenly from the one who played most to the one who played least
        (who,) = explorer.find_listeners("", limit=1, offset=number * listeners // asked).items
        draft = explorer.draft(who.id)
        yield draft, True
        for _ in range(min(EACH, count - done)):
            at, kind = chance.randrange(len(draft.plays) or 1), chance.choice(("remove", "move", "add"))
            if kind == "remove" and len(draft.plays) > 1:
                draft = draft.without(at)
            elif kind == "move" and len(draft.plays) > 1:
                draft = draft.moved(at, len(draft.plays) - 1)
            else:
                draft = draft.with_song(chance.choice(songs))
            yield draft, False
            done += 1


def ask(places: Places, name: str, count: int) -> dict[str, Any]:
    """Ask the explorer as the screen does, which loads what was compiled before while it is used."""
    explorer, run = Explorer.open(places, dataset=name), RUN.format(name)
    explorer.load(run)
    for thread in threading.enumerate():
        if thread.name == "hasten":  # loads what was compiled before
            thread.join()
    answers, lists, top = [], [], []
    for draft, first in changed(explorer, count):
        began = time.perf_counter()
        answer = explorer.what_if(draft, run, K)
        took = (time.perf_counter() - began) * 1000
        if first:
            continue
        if len(answers) % CHECKED == 0:
            items = answer.after.items
            top.append({"songs": [item.song.song for item in items], "scores": [item.score for item in items]})
        answers.append(took)
        lists.append(answer.after.milliseconds)
    engine = "torch" if compiled_ranking.loops() is None else "numba"
    songs = explorer.dataset.songs
    return {"answers": spread(answers), "lists": spread(lists), "top": top, "engine": engine, "songs": songs}


@torch.no_grad()
def plainly(places: Places, name: str, count: int) -> dict[str, Any]:
    """Work out some of the same lists with nothing kept from one to the next."""
    explorer, run = Explorer.open(places, dataset=name), RUN.format(name)
    data = explorer.data()
    model = load_model(places, read_card(places, run), data, torch.device("cpu"))
    assert isinstance(model, DTNMR)
    model.attach(data)
    codes = {behaviour: code for code, behaviour in enumerate(data.behaviour_names, start=1)}
    drafts = [draft for draft, first in changed(explorer, count) if not first][::CHECKED]
    times, top = [], []
    for draft in [drafts[0], *drafts]:  # once before the clock counts
        songs = [play.song.song for play in draft.plays]
        behaviours = [codes.get(play.behaviour or "", 0) for play in draft.plays]
        assert draft.origin is not None
        began = time.perf_counter()
        scores = plain_dtnmr(model, plain_vectors(model), draft.origin.listener, songs, behaviours)
        scores[songs] = -torch.inf
        best = scores.topk(K)
        times.append((time.perf_counter() - began) * 1000)
        top.append({"songs": best.indices.tolist(), "scores": best.values.tolist()})
    return {"lists": spread(times[1:]), "top": top[1:]}


def spread(times: list[float]) -> dict[str, float]:
    """Return the median, the 95th percentile and the worst of some times."""
    rising = sorted(times)
    return {"p50": rising[len(rising) // 2], "p95": rising[int(len(rising) * 0.95)], "worst": rising[-1]}


def main(folder: Path, name: str, mode: str, count: int) -> None:
    """Do what was asked; print one JSON line."""
    places = Places(folder / "data", folder / "checkpoints")
    match mode:
        case "prepare":
            said = prepare(places, name)
        case "musicrec":
            said = ask(places, name, count)
        case _:
            said = plainly(places, name, count)
    sys.stdout.write(f"\n{json.dumps(said)}\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], sys.argv[3], int(sys.argv[4]))
