"""What goes wrong in one process of a group, for the tests: each process runs this file with the same arguments."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from unittest.mock import patch


def told(action: Callable[[], object]) -> str:
    """Say what an action raises."""
    from musicrec.core.errors import MusicrecError

    try:
        action()
    except MusicrecError as error:
        return f"{error.exit_code} {error}"
    return "nothing"


def main(data: Path, checkpoints: Path) -> None:
    """Let one process fail at every place where the other waits for it; each writes what it raised, place by place."""
    import torch
    from torch import Tensor

    from musicrec.core import distributed, standings
    from musicrec.core.dataset import Dataset, Listeners
    from musicrec.core.distributed import joined
    from musicrec.core.errors import MusicrecError, UsageError
    from musicrec.core.explorer import Explorer
    from musicrec.core.held_out_ranks import rank_held_out
    from musicrec.core.models.base import Parts, Scorer
    from musicrec.core.models.configs import config_for
    from musicrec.core.models.ncf import NCF
    from musicrec.core.places import Places
    from musicrec.core.runs import read_card
    from musicrec.core.tasks import make_task
    from musicrec.core.training import resume, train
    from musicrec.core.watch import Watch

    class LastIsNoNumber(Scorer):
        def __init__(self, data: Dataset) -> None:
            self.last, self.songs = data.listener_count - 1, data.song_count

        def scores(self, listeners: Listeners) -> Tensor:
            scores = torch.zeros(len(listeners), self.songs)
            scores[listeners.ids == self.last] = torch.nan
            return scores

        def parts(self, listeners: Listeners, songs: Tensor) -> Parts:
            raise NotImplementedError

    torch.set_num_threads(1)
    places = Places(data, checkpoints)
    table = Explorer.open(places, None, "cpu").data()
    config = config_for("gmf", "reference", {"epochs": 2, "batch_size": 301, "spare_negatives": 0})

    with joined("cpu") as group:

        def fail(rank: int, error: Exception) -> None:
            if group.rank == rank:
                raise error

        def training(name: str, **watching: Callable[..., None]) -> Callable[[], object]:
            return lambda: train(table, "gmf", config, places, name, "cpu", Watch(**watching))

        def in_a_step(self: NCF, batch: object) -> Tensor:
            fail(1, RuntimeError("out of memory\nand more"))
            return loss(self, batch)

        def in_block() -> None:
            with distributed.failing_together():
                fail(1, UsageError("no such thing"))

        found = {
            "nothing": told(lambda: distributed.fail_together(None)),
            "usage": told(in_block),
            "scores": told(lambda: rank_held_out(LastIsNoNumber(table), make_task(table), torch.device("cpu"))),
            "saved": told(training("saved", saved=lambda card: fail(0, MusicrecError("no room for the tracker")))),
            "pass": told(training("pass", epoch=lambda epoch: fail(0, MusicrecError("the other end is closed")))),
        }
        loss = NCF.loss
        with patch.object(NCF, "loss", in_a_step):
            found["step"] = told(training("step"))
        train(table, "gmf", config, places, "whole", "cpu")
        here = places if group.leads else Places(data, checkpoints / "elsewhere")
        found["resume"] = told(lambda: resume(table, here, "whole", 3, "cpu"))
        card = read_card(places, "whole")
        keep, standings.keep_measurement = standings.keep_measurement, lambda *_: fail(0, OSError("no space left"))
        found["kept"] = told(lambda: standings.standings(table, places, [card]))
        standings.keep_measurement = keep
        found["whole"] = told(lambda: standings.standings(table, places, [card]))
        sys.stdout.write(json.dumps(found) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
