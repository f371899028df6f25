"""What was measured: figures of a side, ratios of two, limits and checks."""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True, slots=True)
class Row:
    """One figure of one side, measured several times."""

    name: str
    unit: str
    values: tuple[float, ...]

    @property
    def median(self) -> float:
        """The middle one."""
        return median(self.values)


@dataclass(frozen=True, slots=True)
class Ratio:
    """How many times better one side is than another, round by round; `goal` is the least that is wanted."""

    name: str
    values: tuple[float, ...]
    goal: float | None = None

    @property
    def reached(self) -> bool | None:
        """Whether the median is at least the goal; None where there is none."""
        return None if self.goal is None else median(self.values) >= self.goal


@dataclass(frozen=True, slots=True)
class Limit:
    """A figure that must not exceed a goal: the median of its values is judged."""

    name: str
    unit: str
    values: tuple[float, ...]
    goal: float

    @property
    def reached(self) -> bool:
        """Whether the median is within the goal."""
        return median(self.values) <= self.goal


@dataclass(frozen=True, slots=True)
class Check:
    """Whether the sides did the same work, and what says so."""

    name: str
    passed: bool
    told: str


def told(value: float) -> str:
    """Write a figure with three digits that count."""
    if math.isnan(value):
        return "—"
    if 0 < abs(value) < 0.001:
        return f"{value:.2e}"
    digits = max(0, 2 - math.floor(math.log10(abs(value)))) if value else 0
    return f"{value:,.{digits}f}"
