"""A training that the screen started: what it was told to do, how far it is, how it ended."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Protocol

from musicrec.core.jobs import Failed, Finished
from musicrec.core.models.configs import GradientConfig
from musicrec.core.models.written import config_from_words
from musicrec.core.watch import Epoch, Step

Event = Step | Epoch | Finished | Failed


class Job(Protocol):
    """What the screen needs of a training process; `core.jobs.TrainingJob` is one."""

    @property
    def running(self) -> bool:
        """Whether the process is there."""

    def events(self) -> Iterator[Event]:
        """What happens, as it happens; blocks meanwhile."""

    def cancel(self) -> None:
        """End the training and keep its best pass; a second call kills it."""


@dataclass(frozen=True, slots=True)
class Order:
    """What to train: `name` is empty for any free one, `parameters` are as typed."""

    model: str
    preset: str
    name: str
    parameters: Mapping[str, str]

    @property
    def label(self) -> str:
        """The run's name, or what it will be a run of."""
        return self.name or f"new {self.model} run"

    @property
    def passes(self) -> int:
        """Passes that it takes at most; a model that is computed in one go takes one."""
        config = config_from_words(self.model, self.preset, self.parameters)
        return config.epochs if isinstance(config, GradientConfig) else 1


Start = Callable[[Order], Job]


@dataclass(frozen=True, slots=True)
class Training:
    """The state of a training between two events."""

    order: Order
    epochs: tuple[Epoch, ...] = ()
    step: Step | None = None
    cancelled: bool = False
    problem: str | None = None  # why it failed, where it did

    def after(self, event: Step | Epoch) -> Training:
        """Take in what happened."""
        if isinstance(event, Step):
            return replace(self, step=event)
        return replace(self, epochs=(*self.epochs, event))

    @property
    def passes(self) -> int:
        """Passes that it will take at most."""
        return self.step.epochs if self.step else self.order.passes

    @property
    def now(self) -> Step | Epoch | None:
        """The latest that is known of its loss and speed; passes may be too short for steps."""
        last = self.epochs[-1] if self.epochs else None
        return self.step if last is None or (self.step and self.step.epoch > last.epoch) else last

    @property
    def share(self) -> float:
        """How much of all passes is done."""
        done = float(len(self.epochs))
        if isinstance(self.now, Step):
            done = self.now.epoch - 1 + self.now.samples / max(self.now.total, 1)
        return min(done / max(self.passes, 1), 1.0)

    @property
    def seconds_left(self) -> float | None:
        """How long it goes on if it uses all its passes; None where that cannot be told yet."""
        if self.epochs:
            each = sum(epoch.seconds for epoch in self.epochs) / len(self.epochs)
        elif self.step and self.step.samples_per_second > 0:
            each = self.step.total / self.step.samples_per_second
        else:
            return None
        return (1.0 - self.share) * self.passes * each

    @property
    def best(self) -> Epoch | None:
        """The best pass so far."""
        return next((epoch for epoch in reversed(self.epochs) if epoch.best), None)

    @property
    def words(self) -> tuple[str, ...]:
        """How far it is, a few words each, what matters most first."""
        if self.problem is not None:
            return (f"failed: {self.problem}",)
        if self.cancelled:
            return ("stopping, the best pass is kept",)
        if self.now is None:
            return ("starting …",)
        best = f"NDCG@10 {self.best.validation:.4f}" if self.best and self.best.validation is not None else ""
        left = self.seconds_left
        words = (
            f"pass {self.now.epoch} of {self.passes}",
            f"loss {self.now.loss:.4f}",
            best,
            f"{_span(left)} left" if left is not None else "",
            f"{self.now.samples_per_second:,.0f} samples/s",
        )
        return tuple(word for word in words if word)


def _span(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
