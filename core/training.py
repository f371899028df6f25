"""Training: one loop for every model trained by gradient steps, and one call for the others."""

from __future__ import annotations

import io
import math
import platform
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from pickle import UnpicklingError  # noqa: TID251 - what torch.load raises for what it will not load
from typing import Any
from zipfile import is_zipfile

import torch
from torch import Tensor

from musicrec.core.dataset import Dataset
from musicrec.core.errors import MusicrecError, NotFound, UsageError
from musicrec.core.evaluation import Task, make_task, ndcg, protocol_negatives
from musicrec.core.models.base import FittedModel, GradientModel, Model
from musicrec.core.models.configs import Config, GradientConfig, config_of_run
from musicrec.core.models.pairs import PairModel
from musicrec.core.models.registry import build, choose_device
from musicrec.core.optimizers import learning_rate, make_optimizer, set_learning_rate
from musicrec.core.places import Places
from musicrec.core.records import RunCard
from musicrec.core.runs import (
    HISTORY,
    TRAINING,
    WEIGHTS,
    check_name,
    free_name,
    read_card,
    write_atomically,
    write_card,
    write_history,
)
from musicrec.core.watch import Epoch, Step, Watch
from musicrec.core.weights import check_dataset, save_weights

METRIC = "ndcg@10"


@dataclass(slots=True)
class Progress:
    """Where a training is: all of it that weights, optimiser and generators do not hold."""

    epochs: int = 0
    best_epoch: int = 0
    best: float = -math.inf
    seconds: float = 0.0
    history: tuple[dict[str, Any], ...] = ()


def train(
    data: Dataset,
    model_name: str,
    config: Config,
    places: Places,
    run: str | None = None,
    device: str = "auto",
    watch: Watch | None = None,
    initialise: Callable[[GradientModel], None] | None = None,
) -> RunCard:
    """Train a model and keep its best epoch as a run; `initialise` may give it other weights to start from.

    KeyboardInterrupt during training keeps the best epoch so far and returns a card with status `interrupted`. Raises
    UsageError for a name that is taken, MusicrecError where training cannot go on.
    """
    name = check_name(run) if run else free_name(places, f"{model_name}-{data.name}")
    if run and _taken(places.run(run)):
        raise UsageError(f"run {run} exists already: choose another --name, or go on with it by --resume {run}")
    if not int((data.split == 0).sum()):
        raise MusicrecError(f"dataset {data.name} has no training plays")
    torch.manual_seed(config.seed)
    where = choose_device(device)
    model = build(model_name, config, data).to(where)
    card = _card(name, model_name, config, data, model, where)
    if isinstance(model, FittedModel):
        return _fit(model, data, card, places, watch or Watch())
    assert isinstance(model, GradientModel)
    assert isinstance(config, GradientConfig)
    if initialise is not None:
        initialise(model)
    return _Training(model, config, data, card, places, where, watch or Watch()).run()


def resume(
    data: Dataset, places: Places, run: str, epochs: int | None = None, device: str = "auto", watch: Watch | None = None
) -> RunCard:
    """Go on with a run where it stopped, for up to `epochs` passes in all.

    On the CPU the weights end as if it had never stopped. Raises NotFound where there is nothing to go on from.
    """
    card = read_card(places, run)
    check_dataset(card, data.name, data.fingerprint)
    config = config_of_run(card.model, card.config | ({"epochs": epochs} if epochs else {}))
    if not isinstance(config, GradientConfig):
        raise UsageError(f"run {run}: {card.model} is computed in one go, there is nothing to resume")
    torch.manual_seed(config.seed)
    where = choose_device(device)
    model = build(card.model, config, data).to(where)
    assert isinstance(model, GradientModel)
    card = replace(card, config=asdict(config), device=str(where))
    training = _Training(model, config, data, card, places, where, watch or Watch())
    training.restore()
    return training.run()


class _Training:
    def __init__(
        self,
        model: GradientModel,
        config: GradientConfig,
        data: Dataset,
        card: RunCard,
        places: Places,
        device: torch.device,
        watch: Watch,
    ) -> None:
        self.model, self.config, self.data, self.card = model, config, data, card
        self.places, self.device, self.watch = places, device, watch
        self.generator = torch.Generator().manual_seed(config.seed)
        self.optimizer = make_optimizer(model, config)
        self.progress = Progress()
        self.between_passes = True
        self.best_weights: dict[str, Tensor] = {}
        self.task = validation_task(data, config)
        spare_negatives(model, data)
        model.prepare(data)

    def run(self) -> RunCard:
        """Run the passes that are left."""
        try:
            while self.progress.epochs < self.config.epochs and not self.stale():
                self.one_pass()
                self.save("training")
        except KeyboardInterrupt:
            if not self.best_weights:
                raise
            return self.save("interrupted")
        except MusicrecError:
            if self.best_weights:
                self.save("interrupted")
            raise
        return self.save("finished")

    def one_pass(self) -> None:
        """Train on every sample once, then validate."""
        started, done, total_loss = time.perf_counter(), 0, torch.zeros((), device=self.device)
        total, epoch, size = self.model.samples(), self.progress.epochs + 1, self.config.batch_size
        steps = -(-total // size)  # of a pass
        self.between_passes = False
        self.model.train()
        told = started
        for batch in self.model.batches(self.generator):
            loss = self.model.loss(batch)
            self.optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            step = self.progress.epochs * steps + done
            set_learning_rate(self.optimizer, learning_rate(self.config, step, self.config.epochs * steps))
            self.optimizer.step()
            total_loss += loss.detach()
            done += 1
            if (now := time.perf_counter()) - told > 0.1:
                told, samples = now, min(done * size, total)
                speed = samples / (now - started)
                self.watch.step(Step(epoch, self.config.epochs, samples, total, float(total_loss) / done, speed))
        mean_loss = float(total_loss) / max(done, 1)
        if not math.isfinite(mean_loss):
            raise MusicrecError(
                f"training diverged in pass {epoch} (loss {mean_loss}): use a smaller --lr than {self.config.lr}"
            )
        seconds = time.perf_counter() - started
        self.conclude(Epoch(epoch, mean_loss, seconds, total / seconds, self.validate(), False), started)

    def validate(self) -> float | None:
        """Score the validation listeners."""
        self.model.eval()
        return None if self.task is None else ndcg(self.model.scorer(self.data), self.task, self.device)

    def conclude(self, epoch: Epoch, started: float) -> None:
        """Book a pass, and keep its weights where they are the best so far (or where nothing can tell)."""
        progress = self.progress
        if epoch.validation is None or epoch.validation > progress.best:
            epoch = replace(epoch, best=True)
            progress.best, progress.best_epoch = epoch.validation or 0.0, epoch.epoch
            self.best_weights = {key: value.detach().cpu().clone() for key, value in self.model.state_dict().items()}
        progress.epochs = epoch.epoch
        progress.seconds += time.perf_counter() - started
        progress.history = (*progress.history, asdict(epoch))
        self.between_passes = True
        self.watch.epoch(epoch)

    def stale(self) -> bool:
        """Say whether patience has run out."""
        return self.task is not None and self.progress.epochs - self.progress.best_epoch >= self.config.patience

    def save(self, status: str) -> RunCard:
        """Write the run: what resuming needs first, the card last."""
        progress = self.progress
        if self.between_passes:  # a pass cut short is done over: what the last whole one left stays
            self.save_state()
        save_weights(self.places, self.card.name, self.best_weights)
        write_history(self.places, self.card.name, progress.history)
        self.card = replace(
            self.card,
            status=status,  # type: ignore[arg-type]
            epochs=progress.epochs,
            best_epoch=progress.best_epoch,
            seconds=round(progress.seconds, 3),
            metrics={} if self.task is None else {METRIC: progress.best},
        )
        write_card(self.places, self.card)
        self.watch.saved(self.card)
        return self.card

    def save_state(self) -> None:
        """Write all that going on from here needs."""
        buffer = io.BytesIO()
        torch.save(
            {
                "model": self.model.state_dict(),
                "best": self.best_weights,
                "optimizer": self.optimizer.state_dict(),
                "generator": self.generator.get_state(),
                "torch": torch.random.get_rng_state(),
                "cuda": torch.cuda.get_rng_state_all() if self.device.type == "cuda" else [],
                "progress": asdict(self.progress),
            },
            buffer,
        )
        write_atomically(self.places.run(self.card.name) / TRAINING, buffer.getvalue())

    def restore(self) -> None:
        """Take up the state that `save` left."""
        path = self.places.run(self.card.name) / TRAINING
        try:
            if not is_zipfile(path) and path.stat():
                raise ValueError(f"{path} is no archive of torch")
            self.take_up(torch.load(path, map_location=self.device, weights_only=True))
        except FileNotFoundError as error:
            raise NotFound(f"run {self.card.name} has no {TRAINING}: it cannot be resumed, only used") from error
        except (OSError, EOFError, UnpicklingError, RuntimeError, ValueError, TypeError, LookupError) as error:
            raise MusicrecError(f"run {self.card.name} cannot be resumed: {path} is damaged") from error

    def take_up(self, state: dict[str, Any]) -> None:
        """Take up a state."""
        self.model.load_state_dict(state["model"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.generator.set_state(state["generator"].cpu())
        torch.random.set_rng_state(state["torch"].cpu())
        if self.device.type == "cuda" and state["cuda"]:
            torch.cuda.set_rng_state_all([each.cpu() for each in state["cuda"]])
        self.best_weights = {key: value.cpu() for key, value in state["best"].items()}
        self.progress = Progress(**state["progress"])
        self.progress.history = tuple(self.progress.history)


def spare_negatives(model: GradientModel, data: Dataset) -> None:
    """Keep the songs of the sampled protocol out of the negatives of `model`, where it is told to.

    Raises UsageError where the protocol cannot be drawn.
    """
    count = model.config.spare_negatives if isinstance(model, PairModel) else 0
    if not count or not len(data.held_out("test").values):
        return
    assert isinstance(model, PairModel)
    try:
        model.spare(*protocol_negatives(data, "test", count))
    except MusicrecError as error:
        problem = f"the {count} songs of the sampled protocol cannot be kept out of training ({error})"
        raise UsageError(f"{problem}: choose --spare-negatives 0") from error


def validation_task(data: Dataset, config: GradientConfig) -> Task | None:
    """What each pass is judged by; None where the dataset holds nothing out for validation."""
    try:
        return make_task(data, "validation", most=config.validation_listeners, seed=config.seed)
    except MusicrecError:
        return None


def _fit(model: FittedModel, data: Dataset, card: RunCard, places: Places, watch: Watch) -> RunCard:
    started = time.perf_counter()
    model.fit(data)
    task = validation_task(data, GradientConfig(seed=card.seed))
    device = torch.device(card.device)
    best = {} if task is None else {METRIC: ndcg(model.eval().scorer(data), task, device)}
    save_weights(places, card.name, model.state_dict())
    seconds = round(time.perf_counter() - started, 3)
    card = replace(card, status="finished", epochs=1, best_epoch=1, seconds=seconds, metrics=best)
    write_card(places, card)
    watch.saved(card)
    return card


def _taken(folder: Path) -> bool:
    # What a training that was killed while it first saved has left is no run, and in nobody's way
    left = {TRAINING, WEIGHTS, HISTORY}
    return folder.exists() and not (folder.is_dir() and {path.name for path in folder.glob("[!.]*")} <= left)


def _card(name: str, model_name: str, config: Config, data: Dataset, model: Model, device: torch.device) -> RunCard:
    return RunCard(
        name=name,
        model=model_name,
        dataset=data.name,
        fingerprint=data.fingerprint,
        config=asdict(config),
        seed=config.seed,
        device=str(device),
        created=datetime.now(),
        status="training",
        epochs=0,
        best_epoch=0,
        seconds=0.0,
        parameters=sum(each.numel() for each in model.parameters()),
        metrics={},
        versions={"musicrec": version("musicrec"), "torch": torch.__version__, "python": platform.python_version()},
    )
