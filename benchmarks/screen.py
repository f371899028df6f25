"""Measure what a person waits for in `musicrec tui`, on a dataset of the size of KKBOX.

    python benchmarks/screen.py [--folder DIR] [--repeats 7] [--json FILE]

Everything is measured from outside: the program runs in a pseudo-terminal of 120 by 40 cells, keys are written to it
as a keyboard would, and a time ends when the bytes that show the answer have been read from it. So it holds the parsing
of keys, the event loop, threads, layout, drawing and writing, some of which an app without a terminal leaves out. Only
what the terminal itself takes to draw is missing.

- Start: `musicrec tui` itself, from exec on, files in the cache of the system (a first start is thrown away).
- The rest: the same app on the same explorer, started by `screen_inside.py`, which marks answers and keeps a pulse.
- The debounce, the rest that the app waits for on purpose, is read from the app and taken off where the table says so.
- Goals are judged by the 95th percentile; stalls and memory by the worst.

The dataset is made once and kept in the folder.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rich.console import Console
from screen_figures import Figure, document, is_busy, machine, of_one, of_stalls, of_times, show
from screen_terminal import Terminal
from screen_world import RUNS, World

from musicrec.tui.place import MOVE, TYPE

PANEL = "Listeners"  # the title of the panel that the first paint must hold
NOTHING = "No listener matches"  # what an empty answer to a search is shown as
ANSWER = r"<r\d{5}>"
PAGE = rf"<[pe]\d{{5}}>|{NOTHING}"
KEYS_A_SECOND = 30  # a held key
REST = 0.4  # seconds between two measured presses, as a person reads


@dataclass
class Session:
    """One sitting before the app, on one run."""

    world: World
    run: str
    terminal: Terminal
    log: Path
    windows: dict[str, tuple[float, float]] = field(default_factory=dict)
    noted: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def begin(cls, world: World, run: str, folder: Path) -> Session:
        """Open the app and wait for the first ranking; until then torch is imported and the run is loaded."""
        other = next(name for name in RUNS if name != run)
        inside, log = Path(__file__).with_name("screen_inside.py"), folder / f"{run}.json"
        places = world.places
        terminal = Terminal([sys.executable, inside, places.data, places.checkpoints, run, other, log])
        session = cls(world, run, terminal, log)
        shown = terminal.wait(PAGE)
        session.windows["loading"] = shown, terminal.wait(ANSWER)
        time.sleep(1)
        return session

    def presses(self, count: int) -> list[float]:
        """Go down listener by listener; return the seconds from each key to its ranking."""
        return [self.press("j", ANSWER) for _ in range(count)]

    def press(self, key: str, answer: str) -> float:
        """Press a key; return the seconds to the answer on the screen."""
        after = len(self.terminal.painted)
        shown = {mark for mark, _ in self.terminal.all(answer)} - {NOTHING}
        sent = self.terminal.send(key)
        unseen = "".join(f"(?!{re.escape(mark)})" for mark in sorted(shown)[-20:])
        painted = self.terminal.wait(f"{unseen}(?:{answer})", after)
        time.sleep(REST)
        return painted - sent

    def scroll(self, seconds: float) -> None:
        """Hold keys down: mostly j, then G and g in turn, then the page keys."""
        held = int(seconds * KEYS_A_SECOND)
        keys = ["j"] * (held * 6 // 10) + ["G", "g"] * (held // 20) + ["\x1b[6~"] * (held * 3 // 20)
        keys += ["\x1b[5~"] * (held - len(keys))
        started = time.monotonic()
        for number, key in enumerate(keys):
            time.sleep(max(started + number / KEYS_A_SECOND - time.monotonic(), 0))
            self.terminal.send(key)
        self.windows["scroll"] = started, time.monotonic()
        time.sleep(2)

    def burst(self, count: int, pause: float) -> tuple[str, list[str]]:
        """Go to the first listener, then down `count` times; return whom the last painted ranking must be for, and
        the marks that were painted, in order."""
        self.terminal.send("g")
        time.sleep(2)
        after = len(self.terminal.painted)
        for _ in range(count):
            self.terminal.send("j")
            time.sleep(pause)
        time.sleep(2)
        return self.world.listeners(count, 1)[0], [mark for mark, _ in self.terminal.all(ANSWER, after)]

    def search(self, query: str) -> list[tuple[str, float]]:
        """Type a query key by key; return each text so far with the seconds to its matches on the screen."""
        self.terminal.send("/")
        time.sleep(REST)
        found = []
        for end in range(1, len(query) + 1):
            if query[end - 1] == " ":
                self.terminal.send(" ")
                time.sleep(REST)
            else:
                found.append((query[:end], self.press(query[end - 1], PAGE)))
        self.terminal.send("\x15")  # ctrl+u empties the box
        time.sleep(REST)
        self.terminal.send("\x1b")
        time.sleep(1)
        return found

    def end(self) -> None:
        """Quit, and read what the program noted."""
        self.terminal.quit()
        self.noted = json.loads(self.log.read_text("utf-8"))

    def late(self, window: str) -> list[float]:
        """Return how late the pulse came in a window of time."""
        start, end = self.windows[window]
        return [late for at, late in self.noted["beats"] if start <= at <= end]

    def asked(self, mark: str) -> str:
        """Return what the answer with this mark had been asked for."""
        return next(call["asked"] for call in self.noted["calls"] if call["mark"] == mark)


def measure_start(world: World, repeats: int) -> Iterator[Figure]:
    """Open and leave the real program again and again."""
    run, first = next(iter(RUNS)), world.listeners(0, 1)[0]
    titles = [re.escape(title[:5]) for title in world.titles(first, run, 3)]
    every = [_start(world, run, first, titles) for _ in range(repeats + 1)][1:]
    names = ("exec to first paint", "exec to first listeners", "exec to first recommendations")
    for name, goal, seconds in zip(names, (0.5, None, 4.0), zip(*every, strict=True), strict=True):
        yield of_times(name, seconds, goal, "s")


def _start(world: World, run: str, listener: str, titles: Sequence[str]) -> tuple[float, ...]:
    terminal = Terminal(world.command("tui", "--run", run))
    waits = [
        terminal.wait(PANEL),
        terminal.wait(re.escape(listener[:6])),
        max(terminal.wait(title) for title in titles),
    ]
    time.sleep(REST)
    terminal.quit()
    return tuple(wait - terminal.started for wait in waits)


def measure_sitting(world: World, run: str, folder: Path, options: argparse.Namespace) -> Iterator[Figure]:
    """Sit before the app for a while, on one run."""
    session = Session.begin(world, run, folder)
    rankings = session.presses(options.presses)
    session.scroll(options.seconds)
    bursts = [session.burst(30, pause) for pause in (0.0, 1 / KEYS_A_SECOND, MOVE + 0.02)]
    middle = world.listeners(world.sizes()["listeners"] // 2, 1)[0]
    typed = [each for query in ("周", "age:20-29 city:13 plays:>100", middle[:12]) for each in session.search(query)]
    peak = session.terminal.peak_megabytes()
    session.end()
    yield from _waits(session, rankings, typed)
    yield of_one(f"{run}: rankings painted late or for another listener", "of 3 bursts", stale(session, bursts), 1)
    yield of_one(f"{run}: memory at most", "MB", peak, 2500)
    yield of_one(f"{run}: memory at most, the other run loaded, too", "MB", session.noted["peak_both"])
    if options.calls:
        yield from _calls(session)


def _waits(session: Session, rankings: Sequence[float], typed: Sequence[tuple[str, float]]) -> Iterator[Figure]:
    run, move, rest = session.run, MOVE, TYPE
    beyond = [each - move for each in rankings]
    yield of_times(f"{run}: key to ranking", beyond, 60, note=f"beyond {move * 1000:.0f} ms debounce")
    yield of_stalls(f"{run}: pulse late while scrolling", session.late("scroll"), 50)
    yield of_stalls(f"{run}: pulse late while torch and the run are loaded", session.late("loading"))
    slowest = max(typed, key=lambda each: each[1])[0]
    seconds = [each - rest for _, each in typed]
    note = f"beyond {rest * 1000:.0f} ms debounce; slowest {slowest}"
    yield of_times(f"{run}: search, key to matches", seconds, 100, note=note)


def _calls(session: Session) -> Iterator[Figure]:
    seconds: dict[str, list[float]] = {}
    for call in session.noted["calls"]:
        seconds.setdefault(call["name"], []).append(call["to"] - call["from"])
    for name, each in sorted(seconds.items()):
        yield of_times(f"{session.run}: explorer.{name}", each)


def stale(session: Session, bursts: Sequence[tuple[str, list[str]]]) -> int:
    """Count the bursts after which the screen did not come to rest on the last listener's ranking, or went back."""
    wrong = 0
    for listener, marks in bursts:
        right = [listener in session.asked(mark) for mark in marks]
        wrong += True not in right or not all(right[right.index(True) :])
    return wrong


def options() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description="Measure the screen on a large dataset.")
    parser.add_argument("--folder", type=Path, help="where the dataset is, or is made")
    parser.add_argument("--listeners", type=int, default=34_000)
    parser.add_argument("--songs", type=int, default=420_000)
    parser.add_argument("--plays", type=int, default=1_000_000)
    parser.add_argument("--repeats", type=int, default=7, help="starts that are measured")
    parser.add_argument("--presses", type=int, default=60, help="rankings that are waited for, for each run")
    parser.add_argument("--seconds", type=float, default=20, help="how long keys are held")
    parser.add_argument("--calls", action="store_true", help="show what the questions to the explorer took, too")
    parser.add_argument("--json", type=Path, help="write the figures here, too")
    return parser.parse_args()


def main() -> None:
    """Make the world, measure, print."""
    told, console, here = options(), Console(width=160), machine()
    if is_busy(here):
        console.print("[bold]The machine is busy[/]: times are longer than they would be, do not report them.")
    name = f"musicrec-screen-{told.listeners}-{told.songs}-{told.plays}"
    world = World(told.folder or Path(tempfile.gettempdir()) / name)
    console.print(f"dataset and runs: {world.folder}; runs of " + "; ".join(" ".join(words) for words in RUNS.values()))
    world.make(told.listeners, told.songs, told.plays)
    figures = list(measure_start(world, told.repeats))
    with tempfile.TemporaryDirectory() as logs:
        for run in RUNS:
            figures += measure_sitting(world, run, Path(logs), told)
    here["in use at the end"] = machine()["in use"]
    show(console, figures, here, world.sizes())
    if told.json:
        told.json.write_text(json.dumps(document(figures, here, world.sizes()), indent=2), "utf-8")


if __name__ == "__main__":
    main()
