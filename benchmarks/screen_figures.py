"""What was measured, against its goal: the table, the JSON, and the machine that it was measured on."""

from __future__ import annotations

import math
import os
import platform
import re
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

BUSY = 0.15  # share of the cores in use by others from which times are not to be trusted


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured thing. `judged` is what is compared with `goal`: below it, the goal is reached."""

    name: str
    unit: str
    count: int
    p50: float
    p95: float
    worst: float
    judged: float
    goal: float | None = None
    note: str = ""

    @property
    def reached(self) -> bool | None:
        """Whether the goal is reached; None where there is no goal."""
        return None if self.goal is None else self.judged < self.goal


def of_times(
    name: str, seconds: Sequence[float], goal: float | None = None, unit: str = "ms", note: str = ""
) -> Figure:
    """Sum up times, judged by their 95th percentile."""
    scaled = [each * (1000 if unit == "ms" else 1) for each in seconds]
    p95 = percentile(scaled, 0.95)
    return Figure(name, unit, len(scaled), percentile(scaled, 0.5), p95, max(scaled, default=math.nan), p95, goal, note)


def of_stalls(name: str, late: Sequence[float], goal: float | None = None) -> Figure:
    """Sum up how late an event loop was, judged by the worst."""
    scaled = [each * 1000 for each in late]
    worst = max(scaled, default=math.nan)
    above = sum(each > 50 for each in scaled)
    p50, p95 = percentile(scaled, 0.5), percentile(scaled, 0.95)
    return Figure(name, "ms", len(scaled), p50, p95, worst, worst, goal, f"{above} above 50 ms")


def of_one(name: str, unit: str, value: float, goal: float | None = None, note: str = "") -> Figure:
    """Take a single value as it is."""
    return Figure(name, unit, 1, value, value, value, value, goal, note)


def percentile(values: Sequence[float], share: float) -> float:
    """Return the value that `share` of the values do not exceed."""
    ordered = sorted(values)
    return ordered[max(math.ceil(share * len(ordered)) - 1, 0)] if ordered else math.nan


def machine() -> dict[str, Any]:
    """Return what the figures depend on."""
    names = ("textual", "rich", "torch", "duckdb")
    return {
        "cores": os.cpu_count(),
        "processor": processor(),
        "python": platform.python_version(),
        **{name: version(name) for name in names},
        "load": [round(each, 2) for each in os.getloadavg()],
        "in use": round(in_use(), 2),
    }


def in_use(seconds: float = 1.0) -> float:
    """Look for so long what share of the cores is in use; by the load, which remembers a minute, where none can tell.

    Not for while this process, or one that it started, is at work itself.
    """
    before = _jiffies()
    time.sleep(seconds)
    after = _jiffies()
    if before is None or after is None:
        return os.getloadavg()[0] / (os.cpu_count() or 1)
    (idle, total), (idle_then, total_then) = after, before
    return 1 - (idle - idle_then) / max(total - total_then, 1)


def _jiffies() -> tuple[int, int] | None:
    # Idle and all, summed over the cores (Linux only)
    try:
        fields = [int(each) for each in Path("/proc/stat").read_text("ascii").splitlines()[0].split()[1:9]]
    except (OSError, ValueError):
        return None
    return fields[3] + fields[4], sum(fields)


def processor() -> str:
    """Return the name of the processor."""
    described = Path("/proc/cpuinfo")
    found = re.search(r"model name\s*:\s*(.+)", described.read_text("utf-8")) if described.exists() else None
    return found[1] if found else platform.processor() or platform.machine()


def is_busy(here: dict[str, Any]) -> bool:
    """Say whether others used the machine when the measuring began: times would be longer than they should."""
    return bool(here["in use"] > BUSY)


def show(console: Console, figures: Sequence[Figure], here: dict[str, Any], world: dict[str, Any]) -> None:
    """Print one table."""
    sizes = ", ".join(f"{world[name]:,} {name}" for name in ("listeners", "songs", "plays"))
    table = Table(title=f"The screen on {sizes}")
    for name in ("measured", "n", "p50", "p95", "worst", "goal", "reached", ""):
        table.add_column(name, justify="right" if name in {"n", "p50", "p95", "worst", "goal"} else "left")
    for figure in figures:
        table.add_row(*_cells(figure))
    console.print(table)
    console.print(", ".join(f"{name} {value}" for name, value in here.items()), markup=False, highlight=False)


def document(figures: Sequence[Figure], here: dict[str, Any], world: dict[str, Any]) -> dict[str, Any]:
    """Return the same as one JSON document."""
    return {"machine": here, "world": world, "figures": [asdict(each) | {"reached": each.reached} for each in figures]}


def _cells(figure: Figure) -> tuple[str, ...]:
    values = (
        f"{value:,.2f}" if figure.unit == "s" else f"{value:,.0f}" for value in (figure.p50, figure.p95, figure.worst)
    )
    goal = "" if figure.goal is None else f"< {figure.goal:g} {figure.unit}"
    reached = {True: "yes", False: "NO", None: ""}[figure.reached]
    return f"{figure.name}, {figure.unit}", str(figure.count), *values, goal, reached, figure.note
