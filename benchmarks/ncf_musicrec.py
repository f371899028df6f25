"""musicrec's NeuMF on given plays: the sides that `ncf_training.py` runs, and the judge of both programs.

    ncf_musicrec.py FOLDER DATASET export WORLD             write the plays before the split as RecBole reads them
    ncf_musicrec.py FOLDER DATASET pass ENGINE BATCH        time one pass over all plays, negatives included
    ncf_musicrec.py FOLDER DATASET parity ENGINE            how far a pass of 100 steps ends from one in float64
    ncf_musicrec.py FOLDER DATASET judge FILE...            NDCG@10 of weights, as musicrec's validation has it
    ncf_musicrec.py FOLDER DATASET until GOAL EPOCHS WORDS  seconds that `musicrec train WORDS` takes to save such a run

Each prints one JSON line.
"""

from __future__ import annotations

import itertools
import json
import os
import resource
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

STEPS = 100  # of the parity
REFERENCE = {"batch_size": 1024, "epochs": 1, "validation_listeners": 0, "spare_negatives": 0}


def opened(folder: Path, name: str) -> Any:
    """Open a dataset as tensors."""
    from musicrec.core.explorer import Explorer
    from musicrec.core.places import Places

    return Explorer.open(Places(folder / "data", folder / "checkpoints"), dataset=name).data()


def export(folder: Path, name: str, world: Path) -> dict[str, Any]:
    """Write what is known in training, and what is held out for validation and test, as RecBole's files."""
    data = opened(folder, name)
    world.mkdir(parents=True, exist_ok=True)
    parts = {
        "train": data.past("validation").songs,
        "valid": data.held_out("validation"),
        "test": data.held_out("test"),
    }
    for part, rows in parts.items():
        pairs = np.stack([rows.row_ids().numpy(), rows.values.numpy()], axis=1)
        if part != "train":  # one each: RecBole only looks at these when it makes its loaders
            _, first = np.unique(pairs[:, 0], return_index=True)
            pairs = pairs[first]
        with (world / f"world.{part}.inter").open("w") as file:
            file.write("user_id:token\titem_id:token\n")
            np.savetxt(file, pairs, fmt="%d", delimiter="\t")
    plays = len(parts["train"].values)
    return {"plays": plays, "all listeners": data.listener_count, "all songs": data.song_count}


def one_pass(folder: Path, name: str, engine: str, batch: int) -> dict[str, Any]:
    """Train one pass by the reference parameters, and nothing beside it."""
    import torch

    from musicrec.core.models.configs import config_for
    from musicrec.core.places import Places
    from musicrec.core.training import train
    from musicrec.core.watch import Watch

    data, passes, steps = opened(folder, name), [], []
    config = config_for("ncf", "reference", REFERENCE | {"batch_size": batch})
    os.environ["MUSICREC_ENGINE"] = engine
    layer = torch.nn.Linear(1, 1)
    layer(torch.ones(1, 1)).sum().backward()
    torch.optim.Adam(layer.parameters()).step()  # torch imports some seconds of code at its first step
    with tempfile.TemporaryDirectory() as runs:
        watch = Watch(step=steps.append, epoch=passes.append)
        card = train(data, "ncf", config, Places(folder / "data", Path(runs)), "bench", "cpu", watch)
    return {
        "speed": passes[0].samples_per_second,
        "seconds": passes[0].seconds,
        "loss": passes[0].loss,
        "losses": [(each.samples, each.loss) for each in steps],
        "samples": round(passes[0].samples_per_second * passes[0].seconds),
        "parameters": card.parameters,
        "engine": card.engine,
        "torch": torch.__version__,
        "threads": torch.get_num_threads(),
    }


def parity(folder: Path, name: str, engine: str) -> dict[str, Any]:
    """Train 100 steps, and the same batches in double precision by torch's own dense Adam; compare the weights."""
    import torch
    from safetensors.torch import load_file

    from musicrec.core.models.configs import config_for
    from musicrec.core.models.registry import build
    from musicrec.core.places import Places
    from musicrec.core.runs import WEIGHTS
    from musicrec.core.training import train

    data: Any = opened(folder, name)
    samples = 5 * int((data.split == 0).sum())
    config: Any = config_for("ncf", "reference", REFERENCE | {"batch_size": -(-samples // STEPS)})
    os.environ["MUSICREC_ENGINE"] = engine
    with tempfile.TemporaryDirectory() as runs:
        card = train(data, "ncf", config, Places(folder / "data", Path(runs)), "bench", "cpu")
        ours = load_file(Path(runs) / "bench" / WEIGHTS)
    torch.manual_seed(config.seed)  # as train does
    model: Any = build("ncf", config, data)
    model.prepare(data)
    batches = list(model.batches(torch.Generator().manual_seed(config.seed)))
    before = {key: value.clone().double() for key, value in model.state_dict().items()}
    model.double()
    optimizer = torch.optim.Adam(model.parameters(), lr=config.lr)
    for batch in batches:
        optimizer.zero_grad()
        logits = model(batch.listeners, batch.songs)
        torch.nn.functional.binary_cross_entropy_with_logits(logits, batch.played.double()).backward()
        optimizer.step()
    exact = {key: value.detach() for key, value in model.state_dict().items()}
    off = {key: float((ours[key].double() - exact[key]).norm() / exact[key].norm()) for key in exact}
    moved = {key: float((exact[key] - before[key]).norm() / exact[key].norm()) for key in exact}
    return {
        "steps": len(batches),
        "batch": config.batch_size,
        "engine": card.engine,
        "worst": max(off.values()),
        "off": off,
        "moved": moved,
    }


def judge(folder: Path, name: str, files: Sequence[str]) -> dict[str, Any]:
    """Rank the whole catalogue for musicrec's validation listeners with weights from elsewhere."""
    import torch

    from musicrec.core.evaluation import ndcg
    from musicrec.core.models.configs import config_for
    from musicrec.core.models.registry import build
    from musicrec.core.passes import validation_task

    data, found = opened(folder, name), []
    config: Any = config_for("ncf", "reference", {})
    model: Any = build("ncf", config, data)
    for file in files:
        weights = np.load(file)
        state = model.state_dict()
        for table in ("listener", "song"):
            rows = torch.zeros_like(state[f"{table}_table.weight"])
            rows[torch.from_numpy(weights[f"{table}_ids"])] = torch.from_numpy(weights[f"{table}_table"])
            state[f"{table}_table.weight"] = rows
        for part in state:
            if part in weights:
                state[part] = torch.from_numpy(weights[part])
        model.load_state_dict(state)
        task = validation_task(data, config)
        assert task is not None
        found.append(ndcg(model.eval().scorer(data), task, torch.device("cpu")))
    return {"ndcg": found, "listeners": task.protocol.listeners, "songs": task.protocol.songs}


def until(folder: Path, name: str, goal: float, epochs: int, words: Sequence[str]) -> dict[str, Any]:
    """Run `musicrec train` from the command line until it has saved a run at least as good as `goal`; then stop it."""
    program, run = Path(sys.executable).with_name("musicrec"), "bench"
    with tempfile.TemporaryDirectory() as runs:
        places = ("--data", folder / "data", "--checkpoints", Path(runs))
        asked = ("train", "ncf", "--dataset", name, "--name", run, "--epochs", str(epochs), "--json", *words)
        started = time.monotonic()
        process = subprocess.Popen(
            [program, *places, *asked], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        assert process.stdout is not None
        passes: list[dict[str, Any]] = []
        seconds = None
        for line in process.stdout:
            told = json.loads(line)
            if "epoch" not in told or not isinstance(told["epoch"], dict):
                continue
            passes.append(told["epoch"])
            if seconds is None and passes[-1]["validation"] >= goal:
                seconds = saved(Path(runs) / run / "run.json", passes[-1]["epoch"]) - started
                process.send_signal(signal.SIGINT)
        process.wait()
    return {
        "seconds": seconds,
        "passes": [{key: each[key] for key in ("loss", "validation", "seconds")} for each in passes],
        "best": max((each["validation"] for each in passes), default=None),
    }


def saved(card: Path, epoch: int) -> float:
    """Wait until a run is on the disk with what its pass `epoch` left; return when."""
    for _ in itertools.count():
        if card.is_file() and json.loads(card.read_text("utf-8"))["best_epoch"] >= epoch:
            return time.monotonic()
        time.sleep(0.002)
    raise AssertionError


def main(folder: Path, name: str, mode: str, *words: str) -> None:
    """Do what was asked; print one JSON line."""
    match mode:
        case "export":
            said = export(folder, name, Path(words[0]))
        case "pass":
            said = one_pass(folder, name, words[0], int(words[1]))
        case "parity":
            said = parity(folder, name, words[0])
        case "judge":
            said = judge(folder, name, words)
        case _:
            said = until(folder, name, float(words[0]), int(words[1]), words[2:])
    said["peak"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    said["alive"] = time.monotonic() - float(os.environ.get("BENCH_STARTED", "nan"))
    sys.stdout.write(f"\n{json.dumps(said)}\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], sys.argv[3], *sys.argv[4:])
