"""Trainings told to programs that keep experiments: Weights & Biases and TensorBoard, both optional."""

from __future__ import annotations

import hashlib
import os
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from musicrec.core.errors import MusicrecError, UsageError
from musicrec.core.places import Places
from musicrec.core.watch import Epoch, Watch

if TYPE_CHECKING:
    from musicrec.core.records import RunCard

_FACTS = ("model", "dataset", "fingerprint", "seed", "device", "parameters")  # of a card, beside its configuration


class Tracker(ABC):
    """Keeps one run after another, each in the run's folder."""

    def __init__(self, places: Places) -> None:
        self.places = places

    @abstractmethod
    def begin(self, card: RunCard, passes: int) -> None:
        """Begin a run, or go on with it after `passes` passes."""

    @abstractmethod
    def log(self, step: int, values: dict[str, float]) -> None:
        """Keep the figures of a pass."""

    @abstractmethod
    def end(self, card: RunCard) -> None:
        """Keep the best figures, and end the run."""


class WandbTracker(Tracker):
    """Weights & Biases; it sends nothing unless WANDB_MODE says `online`.

    What is kept lies in RUN/wandb, from where `wandb sync` sends it. A run that goes on keeps its id.
    """

    def __init__(self, places: Places, project: str | None = None) -> None:
        super().__init__(places)
        os.environ.setdefault("WANDB_ERROR_REPORTING", "false")  # it tells its makers of its own errors otherwise
        self.project = project or os.environ.get("WANDB_PROJECT") or "musicrec"
        self._run: Any = None

    def begin(self, card: RunCard, passes: int) -> None:
        wandb: Any = import_module("wandb")
        mode: Any = os.environ.get("WANDB_MODE") or "offline"
        try:
            self._run = wandb.init(
                project=self.project,
                name=card.name,
                id=hashlib.sha256(f"{card.name} {card.created.isoformat()}".encode()).hexdigest()[:16],
                config=card.config | {name: getattr(card, name) for name in _FACTS},
                dir=self.places.run(card.name),
                mode=mode,
                resume="allow" if mode == "online" else None,
                settings=wandb.Settings(console="off", disable_git=True, silent=mode != "online"),
            )
        except wandb.Error as error:
            first = str(error).partition("\n")[0]
            raise MusicrecError(f"wandb cannot keep run {card.name}: {first}") from error

    def log(self, step: int, values: dict[str, float]) -> None:
        self._run.log(values, step=step)

    def end(self, card: RunCard) -> None:
        self._run.summary.update(_best(card) | {"status": card.status})
        self._run.finish(exit_code=0 if card.status == "finished" else 130)


class TensorboardTracker(Tracker):
    """TensorBoard's event files in RUN/tensorboard: `tensorboard --logdir checkpoints` shows all runs."""

    _writer: Any = None

    def begin(self, card: RunCard, passes: int) -> None:
        from torch.utils.tensorboard import SummaryWriter

        folder = str(self.places.run(card.name) / "tensorboard")
        self._writer = SummaryWriter(folder, purge_step=passes + 1 if passes else None)
        told = {name: getattr(card, name) for name in _FACTS} | card.config
        rows = "".join(f"| {name} | {value} |\n" for name, value in told.items())
        self._writer.add_text("configuration", f"| what | value |\n|---|---|\n{rows}")

    def log(self, step: int, values: dict[str, float]) -> None:
        for name, value in values.items():
            self._writer.add_scalar(name, value, step)

    def end(self, card: RunCard) -> None:
        for name, value in _best(card).items():
            self._writer.add_scalar(name, value, card.epochs)
        self._writer.close()


TRACKERS: dict[str, Callable[[Places, str | None], Tracker]] = {
    "wandb": WandbTracker,
    "tensorboard": lambda places, project: TensorboardTracker(places),
}


def make_trackers(names: Sequence[str], places: Places, project: str | None = None) -> list[Tracker]:
    """Make the trackers called `names`. Raises UsageError for names that do not exist and packages not installed."""
    for name in names:
        if name not in TRACKERS:
            raise UsageError(f"--track {name}: choose one of {', '.join(TRACKERS)}")
        if find_spec(name) is None:
            raise UsageError(f"--track {name} needs the package {name}: pip install 'musicrec[{name}]'")
    if project is not None and "wandb" not in names:
        raise UsageError("--track-project names a project of wandb: add --track wandb")
    return [TRACKERS[name](places, project) for name in dict.fromkeys(names)]


def tracked(watch: Watch, trackers: Sequence[Tracker]) -> Watch:
    """Make a watch that also tells the trackers: of a pass when it is saved, of a run when it ends."""
    passes: list[Epoch] = []
    running: list[str] = []

    def epoch(at: Epoch) -> None:
        passes.append(at)
        watch.epoch(at)

    def saved(card: RunCard) -> None:
        for tracker in trackers:
            if card.name not in running:
                tracker.begin(card, passes[0].epoch - 1 if passes else card.epochs)
            for at in passes:
                tracker.log(at.epoch, _figures(at))
            if card.status != "training":
                tracker.end(card)
        running[:] = [] if card.status != "training" else [card.name]
        passes.clear()
        watch.saved(card)

    return replace(watch, epoch=epoch, saved=saved) if trackers else watch


def _figures(epoch: Epoch) -> dict[str, float]:
    told = asdict(epoch)
    names = {"loss": "loss", "validation/ndcg@10": "validation", "samples_per_second": "samples_per_second"}
    return {shown: told[name] for shown, name in names.items() if told[name] is not None}


def _best(card: RunCard) -> dict[str, float]:
    return {f"best/{name}": value for name, value in card.metrics.items()} | {"best/pass": float(card.best_epoch)}
