"""Trainings by the processes of a group, for the tests: each of them runs this file with the same arguments."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from musicrec.core.explorer import Explorer

SMALL: dict[str, Any] = {"lstm_hidden": 16, "feature_hidden": (32, 16), "batch_size": 100, "patience": 100, "epochs": 2}
CASES: dict[str, tuple[str, dict[str, Any]]] = {
    "ncf": (
        "ncf",
        {"batch_size": 301, "epochs": 2, "schedule": "cosine", "warmup_steps": 5, "lr": 0.005, "spare_negatives": 0},
    ),
    "sparse": ("dtnmr", SMALL | {"optimizer": "sgd", "lr": 0.05, "l2": 0.0, "dropout": 0.0, "song_ids": True}),
    "in-batch": ("dtnmr", SMALL | {"optimizer": "adamw", "lr": 0.001, "dropout": 0.0, "sampling": "in-batch"}),
}
DROPPING = SMALL | {"optimizer": "adam", "lr": 0.005, "lstm_layers": 2, "dropout": 0.4, "epochs": 3}


def means(explorer: Explorer, runs: list[str]) -> list[dict[str, float]]:
    """Measure runs, and keep the means."""
    return [{name: figure.mean for name, figure in each.metrics.items()} for each in explorer.evaluate(runs)]


def main(data: Path, checkpoints: Path) -> None:
    """Train every case, then one that stops and goes on beside one that does not."""
    import torch

    from musicrec.core.distributed import joined
    from musicrec.core.explorer import Explorer
    from musicrec.core.models.configs import config_for
    from musicrec.core.places import Places
    from musicrec.core.training import resume, train

    torch.set_num_threads(1)
    places = Places(data, checkpoints)
    explorer = Explorer.open(places, None, "cpu")
    table = explorer.data()
    with joined("cpu") as group:
        for name, (model, settings) in CASES.items():
            card = train(table, model, config_for(model, "reference", settings), places, name, "cpu")
        for name, epochs in (("straight", 3), ("halted", 1)):
            config = config_for("dtnmr", "reference", DROPPING | {"epochs": epochs})
            train(table, "dtnmr", config, places, name, "cpu")
        figures = means(explorer, list(CASES))
        card = resume(table, places, "halted", 3, "cpu")
        sys.stdout.write(json.dumps([group.rank, group.size, card.metrics, figures]) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
