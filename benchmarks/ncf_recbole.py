"""RecBole's NeuMF on given plays: the side that `ncf_training.py` runs with the Python of the peers.

    ncf_recbole.py FOLDER steps N BATCH       time N gradient steps, negatives drawn by RecBole's own loader as it goes
    ncf_recbole.py FOLDER passes N BATCH      train N whole passes; keep the weights after each

FOLDER holds `world/world.{train,valid,test}.inter`. RecBole trains by its own `_train_epoch`, untouched; to stop after
N steps it is handed a loader that yields N batches of RecBole's own. Timing starts after the first batches, so that
what happens once a pass (shuffling) is not charged to a few steps.
"""

from __future__ import annotations

import json
import logging
import os
import resource
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch

WARM = 20  # steps before the clock starts

# What RecBole 1.2.1 still calls and NumPy has dropped
for _name, _kind in (("float", float), ("int", int), ("bool", bool), ("object", object), ("long", int)):
    if _name not in np.__dict__:
        setattr(np, _name, _kind)


class Some:
    """The first batches of a loader, and when they were asked for."""

    def __init__(self, loader: Any, steps: int) -> None:
        self.loader, self.steps = loader, steps
        self.samples, self.positives, self.started, self.ended = 0, 0.0, 0.0, 0.0

    def __len__(self) -> int:
        return self.steps

    def __iter__(self) -> Iterator[Any]:
        for number, batch in enumerate(self.loader):
            if number == WARM:
                self.started = time.monotonic()
            if number == WARM + self.steps:
                self.ended = time.monotonic()
                return
            if number >= WARM:
                self.samples += len(batch)
                self.positives += float(batch["label"].sum())
            yield batch
        self.ended = time.monotonic()


def settings(folder: Path, batch: int) -> dict[str, Any]:
    """Return the configuration: NeuMF with 8 factors and 3 layers, 4 uniform negatives, Adam 1e-3."""
    return {
        "data_path": str(folder), "checkpoint_dir": str(folder / "saved"),
        "benchmark_filename": ["train", "valid", "test"],
        "USER_ID_FIELD": "user_id", "ITEM_ID_FIELD": "item_id", "load_col": {"inter": ["user_id", "item_id"]},
        "mf_embedding_size": 8, "mlp_embedding_size": 32, "mlp_hidden_size": [32, 16, 8], "dropout_prob": 0.0,
        "learner": "adam", "learning_rate": 1e-3, "weight_decay": 0.0, "train_batch_size": batch, "epochs": 1,
        "train_neg_sample_args": {
            "distribution": "uniform", "sample_num": 4, "alpha": 1.0, "dynamic": False, "candidate_num": 0
        },
        "use_gpu": False, "show_progress": False, "seed": 7, "reproducibility": False, "state": "ERROR",
        "eval_args": {"split": {"RS": [0.8, 0.1, 0.1]}, "group_by": "user", "order": "RO", "mode": "full"},
    }  # fmt: skip


def make(folder: Path, batch: int) -> tuple[Any, Any, Any]:
    """Read the plays; make and return trainer, loader and dataset as recbole.quick_start does."""
    from recbole.config import Config
    from recbole.data import create_dataset, data_preparation
    from recbole.utils import get_model, get_trainer, init_seed

    sys.argv = sys.argv[:1]
    config = Config(model="NeuMF", dataset="world", config_dict=settings(folder, batch))
    init_seed(config["seed"], config["reproducibility"])
    logging.disable(logging.CRITICAL)
    dataset = create_dataset(config)
    train, _, _ = data_preparation(config, dataset)
    model = get_model("NeuMF")(config, train.dataset)
    return get_trainer(config["MODEL_TYPE"], "NeuMF")(config, model), train, dataset


def weights(model: Any, dataset: Any) -> dict[str, Any]:
    """Return the weights by musicrec's names, rows by the ids of the files; rows of unknown ids are zero."""
    state = {name: value.detach().numpy() for name, value in model.state_dict().items()}
    found: dict[str, Any] = {}
    for ours, theirs, field in (("listener", "user", "user_id"), ("song", "item", "item_id")):
        table = np.concatenate([state[f"{theirs}_mf_embedding.weight"], state[f"{theirs}_mlp_embedding.weight"]], 1)
        ids = dataset.field2id_token[field]
        found[f"{ours}_ids"] = np.array([int(each) for each in ids[1:]])
        found[f"{ours}_table"] = table[1:]
    layers = sorted({int(name.split(".")[2]) for name in state if name.startswith("mlp_layers.mlp_layers.")})
    for number, layer in enumerate(layers):
        for part in ("weight", "bias"):
            found[f"hidden.{number}.{part}"] = state[f"mlp_layers.mlp_layers.{layer}.{part}"]
    for part in ("weight", "bias"):
        found[f"head.{part}"] = state[f"predict_layer.{part}"]
    return found


def warm() -> None:
    """Take one step on nothing: torch imports some seconds of code at its first."""
    layer = torch.nn.Linear(1, 1)
    layer(torch.ones(1, 1)).sum().backward()
    torch.optim.Adam(layer.parameters()).step()


def main(folder: Path, mode: str, count: int, batch: int) -> None:
    """Do what was asked; print one JSON line."""
    started, folder = time.monotonic(), folder.resolve()
    os.chdir(folder)  # RecBole leaves logs where it stands
    trainer, loader, dataset = make(folder, batch)
    ready = time.monotonic()
    warm()
    said: dict[str, Any] = {
        "reading": ready - started,
        "parameters": sum(each.numel() for each in trainer.model.parameters()),
        "listeners": int(dataset.user_num) - 1,
        "songs": int(dataset.item_num) - 1,
        "plays": len(loader.dataset),
        "torch": torch.__version__,
        "threads": torch.get_num_threads(),
    }
    if mode == "steps":
        some = Some(loader, count)
        trainer._train_epoch(some, 0)
        seconds = some.ended - some.started
        said |= {"samples": some.samples, "positives": some.positives, "seconds": seconds}
        said["speed"] = some.samples / seconds
    else:
        said["passes"], clock = [], 0.0
        for number in range(count):
            began = time.monotonic()
            loss = trainer._train_epoch(loader, number)
            trainer._save_checkpoint(number, verbose=False)
            clock += time.monotonic() - began
            path = folder / f"pass-{number + 1}.npz"
            np.savez(path, **weights(trainer.model, dataset))
            said["passes"].append({"seconds": clock, "loss": loss / len(loader), "weights": str(path)})
    said["peak"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    sys.stdout.write(f"\n{json.dumps(said)}\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
