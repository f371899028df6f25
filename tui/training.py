"""A training that the screen started: what it was told to do, how far it is, how it ended."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Protocol

from musicrec.core.jobs import Failed, Finished
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
        """Passes that it will take at most; 0 where it has not told yet."""
        return self.step.epochs if self.step else 0

    @property
    def share(self) -> float:
        """How much of all passes is done."""
        if self.step is None or not self.step.epochs:
            return 0.0
        done = (self.step.epoch - 1) * self.step.total + self.step.samples
        done = max(done, len(self.epochs) * self.step.total)
        return done / max(self.step.epochs * self.step.total, 1)

    @property
    def seconds_left(self) -> float | None:
        """How long it goes on if it uses all its passes."""
        step = self.step
        if step is None or step.samples_per_second <= 0:
            return None
        return (1.0 - self.share) * step.epochs * step.total / step.samples_per_second

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
        if self.step is None:
            return ("starting …",)
        best = f"NDCG@10 {self.best.validation:.4f}" if self.best and self.best.validation is not None else ""
        left = self.seconds_left
        words = (
            f"pass {self.step.epoch} of {self.step.epochs}",
            f"loss {self.step.loss:.4f}",
            best,
            f"{_span(left)} left" if left is not None else "",
            f"{self.step.samples_per_second:,.0f} samples/s",
        )
        return tuple(word for word in words if word)


def _span(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
