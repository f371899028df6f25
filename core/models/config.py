"""What every model and its training can be told. Nothing here imports torch."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, fields
from typing import Any, ClassVar, Literal, get_args

from musicrec.core.errors import UsageError

Optimizer = Literal["adam", "adamw", "sgd", "adagrad"]
Schedule = Literal["constant", "linear", "cosine"]
LARGEST = 2**63  # no whole number is as large: none of torch's are
_BITS = {"seed": 63}  # of whole numbers; others count and size what a memory holds, products of several included
_COUNT_BITS = 31


def option(default: Any, help: str) -> Any:
    """Return a field of a configuration: the command line and the screen offer it with this help."""
    return field(default=default, metadata={"help": help})


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """What every model takes."""

    seed: int = option(7, "Seed of initial weights, shuffling, sampling and dropout.")

    ZERO_IS_FINE: ClassVar[frozenset[str]] = frozenset({"seed"})  # all other numbers are at least 1

    def check(self, model: str) -> None:
        """Raise UsageError, naming `model`, the parameter and what it takes, where a value is out of range."""
        for each in fields(self):
            found, least = getattr(self, each.name), 0 if each.name in self.ZERO_IS_FINE else 1
            bits = _BITS.get(each.name, _COUNT_BITS)
            for value in found if isinstance(found, tuple) else (found,):
                if not isinstance(value, int | float) or isinstance(value, bool):
                    continue
                if isinstance(value, int) and value >= 2**bits:
                    raise UsageError(f"{model}: {each.name} must be below 2^{bits}, not {value}")
                if not math.isfinite(value):
                    raise UsageError(f"{model}: {each.name} must be a finite number, not {value}")
                if value < least:
                    raise UsageError(f"{model}: {each.name} must be at least {least}, not {value}")


def check_choice(what: str, value: str, choices: tuple[str, ...]) -> None:
    """Raise UsageError unless `value` is one of `choices`."""
    if value not in choices:
        raise UsageError(f"no {what} is called {value!r}: choose one of {', '.join(choices)}")


@dataclass(frozen=True, slots=True, kw_only=True)
class GradientConfig(Config):
    """What every model trained by gradient steps takes."""

    epochs: int = option(20, "Most passes over the training plays.")
    batch_size: int = option(1024, "Samples in a gradient step.")
    optimizer: Optimizer = option("adam", "adam, adamw, sgd or adagrad.")
    lr: float = option(1e-3, "Learning rate.")
    warmup_steps: int = option(0, "Steps over which the learning rate rises to lr.")
    schedule: Schedule = option("constant", "Learning rate after that: constant, linear or cosine (to zero).")
    l2: float = option(0.0, "L2 penalty on the weights (decoupled for adamw).")
    patience: int = option(5, "Stop after this many passes without a better validation NDCG@10.")
    validation_listeners: int = option(4_000, "Validate on at most this many listeners, drawn once; 0: on none.")

    ZERO_IS_FINE: ClassVar[frozenset[str]] = Config.ZERO_IS_FINE | {"l2", "lr", "warmup_steps", "validation_listeners"}

    def check(self, model: str) -> None:
        """Raise UsageError where a value is out of range."""
        Config.check(self, model)
        check_choice("optimizer", self.optimizer, get_args(Optimizer))
        check_choice("schedule", self.schedule, get_args(Schedule))
