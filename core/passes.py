"""The passes of a training over its samples, what each is judged by, and what going on from there needs."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from hashlib import sha256
from typing import Any

import torch
from torch import Tensor

from musicrec.core import compiled_ranking, distributed
from musicrec.core.dataset import Dataset
from musicrec.core.engines import choose_engine, fused_steps
from musicrec.core.errors import MusicrecError, NotFound, UsageError, is_out_of_memory
from musicrec.core.evaluation import ndcg
from musicrec.core.models.base import GradientModel
from musicrec.core.models.batches import count_rows, pick_rows
from musicrec.core.models.configs import GradientConfig
from musicrec.core.optimizers import learning_rate, make_optimizer, set_learning_rate, take_up_state
from musicrec.core.places import Places
from musicrec.core.records import RunCard, Status
from musicrec.core.runs import TRAINING, write_atomically, write_card, write_history
from musicrec.core.tasks import Task, make_task
from musicrec.core.tensor_files import pack, unpack
from musicrec.core.watch import Epoch, Step, Watch
from musicrec.core.weights import save_weights

METRIC = "ndcg@10"


@dataclass(slots=True)
class Progress:
    """Where a training is: all of it that weights, optimiser and generators do not hold."""

    epochs: int = 0
    best_epoch: int = 0
    best: float = -math.inf
    seconds: float = 0.0
    history: tuple[dict[str, Any], ...] = ()


class Passes:
    """Trains a model, by one process or by the group that this one has joined, whose first process alone writes."""

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
        self.group = distributed.current()
        if self.group.size > 1:
            what = json.dumps([data.fingerprint, card.model, asdict(config)])
            distributed.begin_alike(model, sha256(what.encode()).digest(), device)
        self.gradients = distributed.Gradients(model)
        self.generator = torch.Generator().manual_seed(config.seed)
        self.optimizer = make_optimizer(model, config)
        self.progress = Progress()
        self.between_passes = True
        self.best_weights: dict[str, Tensor] = {}
        self.task = validation_task(data, config)
        model.prepare(data)
        engine = choose_engine(model, config, model.samples(), device, self.group.size, card.engine)
        self.card = replace(card, engine=engine)
        self.seed_apart(config.seed)

    def seed_apart(self, seed: int) -> None:
        """Let dropout differ between processes, whose batches do."""
        if self.group.rank:
            torch.manual_seed(distributed.unlike_seed(seed, self.group.rank))

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
        started, done, total_loss = time.perf_counter(), 0, torch.zeros(())
        total, epoch, size = self.model.samples(), self.progress.epochs + 1, self.config.batch_size
        steps = -(-total // size)  # of a pass
        self.between_passes = False
        self.model.train()
        told = started
        for done, total_loss in self.steps(steps):
            if (now := time.perf_counter()) - told > 0.1:
                told, samples = now, min(done * size, total)
                speed = samples / (now - started)
                with self.gradients.keeping_problems():
                    self.watch.step(Step(epoch, self.config.epochs, samples, total, float(total_loss) / done, speed))
        self.optimizer.zero_grad()  # gives back a quarter of the memory before the weights are copied
        self.gradients.fail()
        mean_loss = float(total_loss) / max(done, 1)
        if not math.isfinite(mean_loss):
            raise MusicrecError(
                f"training diverged in pass {epoch} (loss {mean_loss}): use a smaller --lr than {self.config.lr}"
            )
        seconds = time.perf_counter() - started
        self.conclude(Epoch(epoch, mean_loss, seconds, total / seconds, self.validate(), False), started)

    def steps(self, planned: int) -> Iterator[tuple[int, Tensor]]:
        """Take the `planned` steps of a pass, and yield now and then how many are taken, and their summed loss ()."""
        begun, last = self.progress.epochs * planned, self.config.epochs * planned
        if self.card.engine == "numba":
            fused = fused_steps(self.model, self.optimizer)
            yield from fused.steps(self.generator, lambda step: learning_rate(self.config, begun + step, last))
            return
        total = torch.zeros((), device=self.device)
        for done, batch in enumerate(self.model.batches(self.generator), 1):
            self.optimizer.zero_grad()
            loss = self.backward(batch)
            set_learning_rate(self.optimizer, learning_rate(self.config, begun + done - 1, last))
            self.optimizer.step()
            total += loss
            yield done, total

    def backward(self, batch: Any) -> Tensor:
        """Compute the gradients of the mean loss over a batch, each process for a part of its rows; return the loss."""
        if self.group.size == 1:
            loss = self.model.loss(batch)
            torch.autograd.backward(loss)
            return loss.detach()
        first, end = self.group.part(count_rows(batch))
        loss = torch.zeros((), device=self.device)
        with self.gradients.keeping_problems():
            if first < end:
                mine = pick_rows(batch, torch.arange(first, end, device=self.device))
                loss = self.model.loss(mine) * (self.model.weight(mine) / self.model.weight(batch))
                torch.autograd.backward(loss)
        return self.gradients.add_up(loss.detach())

    def validate(self) -> float | None:
        """Score the validation listeners."""
        self.model.eval()
        if self.task is None:
            return None
        scorer = self.model.scorer(self.data)
        scores = self.config.epochs * len(self.task.past) * self.task.protocol.songs
        # What no single pass is worth, all of them may be
        if self.device.type == "cpu" and scores >= compiled_ranking.WORTH_COMPILING:
            scorer.expect(scores)
        return distributed.of_the_first(ndcg(scorer, self.task, self.device), self.device)

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
        with distributed.failing_together():
            self.watch.epoch(epoch)

    def stale(self) -> bool:
        """Say whether patience has run out."""
        return self.task is not None and self.progress.epochs - self.progress.best_epoch >= self.config.patience

    def check_left(self) -> None:
        """Raise UsageError where a run that came to its end, or is past the last pass that is wanted, has none left."""
        at, ended = f"run {self.card.name} is trained up to pass {self.progress.epochs}", self.card.status == "finished"
        if self.progress.epochs >= self.config.epochs + (not ended):
            raise UsageError(f"{at} already: choose --epochs above {self.progress.epochs}")
        if ended and self.stale():
            raise UsageError(f"{at}, where its patience ran out: train a new run with more --patience")

    def save(self, status: Status) -> RunCard:
        """Write the run: what resuming needs first, the card last."""
        progress = self.progress
        self.card = replace(
            self.card,
            status=status,
            epochs=progress.epochs,
            best_epoch=progress.best_epoch,
            seconds=round(progress.seconds, 3),
            metrics={} if self.task is None else {METRIC: progress.best},
        )
        # A pass cut short is done over: what the last whole one left stays
        state = self.state() if self.between_passes else None
        with distributed.failing_together():
            if self.group.leads:
                if state is not None:
                    write_atomically(self.places.run(self.card.name) / TRAINING, state)
                save_weights(self.places, self.card.name, self.best_weights)
                write_history(self.places, self.card.name, progress.history)
                write_card(self.places, self.card)
            self.watch.saved(self.card)
        return self.card

    def state(self) -> list[bytes | memoryview]:
        """All that going on from here needs."""
        others = distributed.random_states(self.device)[1:] if self.group.size > 1 else []
        return pack(
            {
                "model": self.model.state_dict(),
                "best": self.best_weights,
                "optimizer": self.optimizer.state_dict(),
                "generator": self.generator.get_state(),
                "torch": torch.random.get_rng_state(),
                "cuda": [torch.cuda.get_rng_state(self.device)] if self.device.type == "cuda" else [],
                "others": others,
                "progress": asdict(self.progress),
            }
        )

    def restore(self) -> None:
        """Take up the state that `save` left."""
        path = self.places.run(self.card.name) / TRAINING
        try:
            self.take_up(unpack(path, path.parent))
        except FileNotFoundError as error:
            raise NotFound(f"run {self.card.name} has no {TRAINING}: it cannot be resumed, only used") from error
        except (OSError, RuntimeError, ValueError, TypeError, LookupError, AttributeError) as error:
            if is_out_of_memory(error):
                raise
            raise MusicrecError(f"run {self.card.name} cannot be resumed: {path} is damaged") from error

    def take_up(self, state: dict[str, Any]) -> None:
        """Take up a state."""
        self.model.load_state_dict(state["model"])
        take_up_state(self.optimizer, state["optimizer"])
        self.generator.set_state(state["generator"].cpu())
        self.take_up_random(state)
        self.best_weights = {key: value.cpu() for key, value in state["best"].items()}
        self.progress = _progress(state["progress"])

    def take_up_random(self, state: dict[str, Any]) -> None:
        """Take up torch's generators; a process that was not there before begins one."""
        others = state.get("others", [])
        if self.group.leads:
            torch.random.set_rng_state(state["torch"].cpu())
            if self.device.type == "cuda" and state["cuda"]:
                torch.cuda.set_rng_state(state["cuda"][0].cpu(), self.device)
        elif self.group.rank <= len(others):
            cpu, cuda = others[self.group.rank - 1]
            torch.random.set_rng_state(cpu.cpu())
            if self.device.type == "cuda" and len(cuda):
                torch.cuda.set_rng_state(cuda.cpu(), self.device)
        else:
            self.seed_apart(self.config.seed + state["progress"]["epochs"])


def _progress(told: dict[str, Any]) -> Progress:
    progress = Progress(**told)
    counts, numbers = (progress.epochs, progress.best_epoch), (progress.best, progress.seconds)
    whole = all(type(count) is int for count in counts)
    if not whole or not all(isinstance(number, int | float) for number in numbers):
        raise ValueError("where it was is no number")
    progress.history = tuple(asdict(Epoch(**each)) for each in progress.history)
    return progress


def validation_task(data: Dataset, config: GradientConfig) -> Task | None:
    """What each pass is judged by; None where the dataset holds nothing out for validation, or none is asked for."""
    if not config.validation_listeners:
        return None
    try:
        return make_task(data, "validation", most=config.validation_listeners, seed=config.seed)
    except MusicrecError:
        return None
