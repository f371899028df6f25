"""Programs that take turns on one machine: what each gave, what the ratio of two is, and whether they did the same.

A side is a process that prints one JSON object as its last line. The sides of a comparison run in turn, A B A B, so
that what else the machine does meets both. Figures are medians with their range; a ratio is the median of the ratios of
the rounds, each of two processes that ran one after the other. Nothing here imports musicrec.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from statistics import median
from typing import Any

from measured import Check, Limit, Ratio, Row
from measured import told as told
from screen_figures import in_use, is_busy, processor

PEERS = Path(__file__).with_name(".peers")
PACKAGES = ("musicrec", "torch", "numpy", "duckdb", "numba", "textual")


@dataclass(frozen=True, slots=True)
class Side:
    """A program that takes part: what it is called, and its command line."""

    name: str
    command: tuple[str | Path, ...]


@dataclass(frozen=True, slots=True)
class Turn:
    """What one process gave: seconds from its start to its end, the most memory it held in MB, and what it said."""

    seconds: float
    peak: float
    said: dict[str, Any]


@dataclass
class Report:
    """The outcome of one script."""

    title: str
    asked: argparse.Namespace
    rows: list[Row] = field(default_factory=list)
    ratios: list[Ratio] = field(default_factory=list)
    limits: list[Limit] = field(default_factory=list)
    checks: list[Check] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    tables: list[str] = field(default_factory=list)
    data: dict[str, Any] = field(default_factory=dict)
    started: float = field(default_factory=time.monotonic)
    before: dict[str, Any] = field(default_factory=lambda: machine())

    def row(self, name: str, unit: str, values: Sequence[float]) -> None:
        """Book a figure."""
        if values:
            self.rows.append(Row(name, unit, tuple(values)))

    def ratio(self, name: str, better: Sequence[float], worse: Sequence[float], goal: float | None = None) -> None:
        """Book how many times `better` is `worse`, round by round."""
        if better and worse:
            self.ratios.append(Ratio(name, tuple(a / b for a, b in zip(better, worse, strict=True)), goal))

    def limit(self, name: str, unit: str, values: Sequence[float], goal: float) -> None:
        """Book a figure that must not exceed a goal."""
        self.limits.append(Limit(name, unit, tuple(values), goal))

    def check(self, name: str, passed: bool, told: str) -> None:
        """Book a check."""
        self.checks.append(Check(name, passed, told))

    def table(self, heads: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        """Print a table of its own, before the others."""
        lines = [heads, ["---"] * len(heads), *rows]
        self.tables.append("\n".join(f"| {' | '.join(line)} |" for line in lines))

    def close(self) -> int:
        """Print the tables, write the JSON that was asked for, and return the exit status: 1 where a check failed."""
        sys.stdout.write("\n".join(self._lines()) + "\n")
        sys.stdout.flush()
        if self.asked.json:
            self.asked.json.write_text(json.dumps(self.document(), indent=2), "utf-8")
        return int(not all(check.passed for check in self.checks))

    def document(self) -> dict[str, Any]:
        """Return all of it as one JSON document."""
        judged = (*self.ratios, *self.limits)
        return {
            "benchmark": self.title,
            "date": datetime.now(UTC).isoformat(timespec="seconds"),
            "seconds": round(time.monotonic() - self.started, 1),
            "smoke": self.asked.smoke,
            "machine": self.before | {"load at the end": list(os.getloadavg())},
            "rows": [asdict(row) | {"median": row.median} for row in self.rows],
            "goals": [asdict(each) | {"median": median(each.values), "reached": each.reached} for each in judged],
            "checks": [asdict(check) for check in self.checks],
            "notes": self.notes,
            "tables": self.tables,
            "data": self.data,
        }

    def _lines(self) -> list[str]:
        lines = [f"### {self.title}", ""]
        if self.asked.smoke:
            lines += ["**A smoke run: tiny sizes, figures without meaning.**", ""]
        if is_busy(self.before):
            lines += [f"**The machine was busy ({self.before['in use']:.0%} in use): not to be reported.**", ""]
        lines += [line for table in self.tables for line in (table, "")]
        lines += ["| measured | n | median | from | to |", "|---|---|---|---|---|"] if self.rows else []
        for row in self.rows:
            cells = (row.median, min(row.values), max(row.values))
            lines.append(f"| {row.name}, {row.unit} | {len(row.values)} | " + " | ".join(map(told, cells)) + " |")
        if self.ratios or self.limits:
            lines += ["", "| compared | median | from | to | goal | reached |", "|---|---|---|---|---|---|"]
        for each in (*self.ratios, *self.limits):
            times, sign = ("×", "≥") if isinstance(each, Ratio) else (f" {each.unit}", "≤")
            cells = (f"{told(value)}{times}" for value in (median(each.values), min(each.values), max(each.values)))
            goal = "" if each.goal is None else f"{sign} {told(each.goal)}{times}"
            reached = {True: "yes", False: "NO", None: ""}[each.reached]
            lines.append(f"| {each.name} | " + " | ".join(cells) + f" | {goal} | {reached} |")
        lines += [
            "",
            *(f"- {'same' if each.passed else 'NOT THE SAME'}: {each.name}: {each.told}" for each in self.checks),
        ]
        lines += [f"- {note}" for note in self.notes]
        here = ", ".join(f"{name} {value}" for name, value in self.before.items())
        return [*lines, f"- {here}; {time.monotonic() - self.started:.0f} s in all", ""]


def take_turns(sides: Sequence[Side], rounds: int, tell: Callable[[str], None] | None = None) -> dict[str, list[Turn]]:
    """Run every side once a round, in the order given, one process at a time; return what each gave, in order.

    Raises SystemExit with the end of its stderr where a process fails.
    """
    given: dict[str, list[Turn]] = {side.name: [] for side in sides}
    for number in range(rounds):
        for side in sides:
            turn = take_turn(side)
            given[side.name].append(turn)
            (tell or narrate)(f"round {number + 1}: {side.name}: {turn.seconds:.1f} s, {turn.peak:,.0f} MB")
    return given


def take_turn(side: Side) -> Turn:
    """Run one side once."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        started = time.monotonic()
        process = subprocess.Popen([str(word) for word in side.command], stdout=out, stderr=err, env=environment())
        peak = Peak(process.pid)
        status = process.wait()
        seconds, most = time.monotonic() - started, peak.end()
        out.seek(0)
        err.seek(0)
        if status:
            raise SystemExit(f"{side.name} failed with status {status}:\n{err.read()[-3000:].decode(errors='replace')}")
        lines = out.read().decode().strip().splitlines()
    said = json.loads(lines[-1]) if lines and lines[-1].startswith("{") else {}
    return Turn(seconds, most, said)


class Peak:
    """Looks every 20 ms how much memory a process has held at most (VmHWM, Linux only)."""

    def __init__(self, pid: int) -> None:
        self._status, self._most, self._done = Path(f"/proc/{pid}/status"), 0.0, threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def end(self) -> float:
        """Stop, and return the megabytes."""
        self._done.set()
        self._thread.join()
        return self._most

    def _watch(self) -> None:
        while not self._done.is_set():
            try:
                text = self._status.read_text("ascii", errors="replace")
            except OSError:
                return
            _, found, rest = text.partition("VmHWM:")
            self._most = max(self._most, int(rest.split()[0]) / 1024 if found else 0.0)
            self._done.wait(0.02)


def environment() -> dict[str, str]:
    """Return the environment of a side: that of this process, less what would slow a library down, and the time.

    BENCH_STARTED is `time.monotonic`, which all processes of a machine share: a side can tell how long it took from its
    very start to any moment.
    """
    slow = ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE", "PYTHONDONTWRITEBYTECODE", "TEXTUAL")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(slow)}
    return kept | {"PYTHONUTF8": "1", "BENCH_STARTED": repr(time.monotonic())}


def options(what: str, *, rounds: int = 3, **more: tuple[Any, str]) -> argparse.Namespace:
    """Read the command line; `more` are options of the script: default and help."""
    parser = argparse.ArgumentParser(description=what)
    parser.add_argument("--smoke", action="store_true", help="tiny sizes, one round: does the script work?")
    parser.add_argument("--json", type=Path, help="write the figures here, too")
    parser.add_argument("--rounds", type=int, default=rounds, help="processes of each side")
    parser.add_argument("--folder", type=Path, help="keep the invented data here, to use it again")
    parser.add_argument("--peers", type=Path, default=PEERS, help="the virtual environment of the peers: `make peers`")
    for name, (default, told_of) in more.items():
        kind = str if default is None else type(default)
        parser.add_argument(f"--{name.replace('_', '-')}", type=kind, default=default, help=told_of)
    asked = parser.parse_args()
    asked.rounds = 1 if asked.smoke else asked.rounds
    asked.peer = peer(asked.peers)
    return asked


def peer(folder: Path) -> Path | None:
    """Return the Python of the peers, or None where they are not installed."""
    python = folder / "bin" / "python"
    return python if python.exists() else None


def machine() -> dict[str, Any]:
    """Return what the figures depend on."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / (1 << 30)
    return {
        "cores": os.cpu_count(),
        "processor": processor(),
        "memory": f"{memory:.0f} GiB",
        "python": platform.python_version(),
        **{name: found for name in PACKAGES if (found := installed(name))},
        "load": [round(each, 2) for each in os.getloadavg()],
        "in use": round(in_use(), 2),
    }


def installed(name: str) -> str | None:
    """Return the version of a package, None where it is not there."""
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def narrate(line: str) -> None:
    """Say on stderr how far it is."""
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()
