"""What a training tells while it runs. Knows nothing of torch."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from musicrec.core.records import RunCard


@dataclass(frozen=True, slots=True)
class Step:
    """How far a pass is: `samples` of `total` done, the mean loss so far."""

    epoch: int
    epochs: int
    samples: int
    total: int
    loss: float
    samples_per_second: float


@dataclass(frozen=True, slots=True)
class Epoch:
    """A finished pass. `validation` is NDCG@10 by full ranking, None where the dataset holds nothing out for it."""

    epoch: int
    loss: float
    seconds: float
    samples_per_second: float
    validation: float | None
    best: bool


@dataclass(frozen=True, slots=True)
class Watch:
    """Who is told how training goes, on its thread: `saved` each time that the run is written, last at its end."""

    step: Callable[[Step], None] = lambda step: None
    epoch: Callable[[Epoch], None] = lambda epoch: None
    saved: Callable[[RunCard], None] = lambda card: None
