"""The program that `screen.py` measures: the real app on the real explorer, with a pulse and marked answers.

`screen_inside.py DATA CHECKPOINTS RUN OTHER LOG` opens the explorer on RUN in this terminal. When a person quits, it
loads the run OTHER, too, for the memory that both take, and writes what it saw to LOG.

Each ranking bears its number in the title of its first song, each first page of listeners in that of its first
listener, so that the painted bytes say which answer is on the screen. A task on the event loop wants to run every 5 ms
and notes how late it comes.
"""

from __future__ import annotations

import asyncio
import inspect
import itertools
import json
import sys
import threading
import time
from array import array
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from screen_terminal import peak_megabytes

from musicrec.core.errors import MusicrecError
from musicrec.core.explorer import Explorer
from musicrec.core.places import Places
from musicrec.core.records import Listener, Page, Recommendations
from musicrec.tui.app import MusicrecApp

BEAT = 0.005  # seconds


@dataclass
class Notes:
    """What was asked of an explorer, when, and the marks that the answers bear."""

    calls: list[dict[str, Any]] = field(default_factory=list)
    _numbers: itertools.count[int] = field(default_factory=itertools.count)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _within: threading.local = field(default_factory=threading.local)

    def take(self, explorer: Explorer) -> None:
        """Note every call of `explorer` from now on; what it calls of itself is part of the call."""
        for name, _ in inspect.getmembers(Explorer, inspect.isfunction):
            if not name.startswith("_"):
                setattr(explorer, name, self._noting(name, getattr(explorer, name)))

    def _noting(self, name: str, method: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **more: Any) -> Any:
            if getattr(self._within, "call", False):
                return method(*args, **more)
            started, number = time.monotonic(), next(self._numbers)
            mark, asked = "", repr((*args, *more.values()))
            self._within.call = True
            try:
                answer, mark = marked(method(*args, **more), number)
            except MusicrecError as error:
                mark = f"<e{number:05}>"
                raise type(error)(f"{mark} {error}") from error
            finally:
                self._within.call = False
                ended = time.monotonic()
                with self._lock:
                    self.calls.append({"name": name, "asked": asked, "from": started, "to": ended, "mark": mark})
            return answer

        return call


def marked(answer: Any, number: int) -> tuple[Any, str]:
    """Return an answer with its number in it, where it is one that is waited for, and the mark that it bears."""
    match answer:
        case Recommendations(items=(first, *others)):
            mark = f"<r{number:05}>"
            first = replace(first, song=replace(first.song, title=mark))
            return replace(answer, items=(first, *others)), mark
        case Page(items=(Listener() as first, *others), offset=0):
            mark = f"<p{number:05}>"
            return replace(answer, items=(replace(first, title=mark), *others)), mark
        case _:
            return answer, ""


async def pulse(times: array[float], late: array[float]) -> None:
    """Note at every beat how late it comes, in seconds."""
    while True:
        due = time.monotonic() + BEAT
        await asyncio.sleep(BEAT)
        now = time.monotonic()
        times.append(now)
        late.append(now - due)


async def watch(explorer: Explorer, run: str) -> dict[str, Any]:
    """Run the app until a person leaves it; return what was noted."""
    times, late, notes = array("d"), array("d"), Notes()
    notes.take(explorer)
    app = MusicrecApp(explorer, run=run)
    beating = asyncio.create_task(pulse(times, late))
    await app.run_async()
    beating.cancel()
    return {"beats": list(zip(times, late, strict=True)), "calls": list(notes.calls), "peak": peak_megabytes()}


def main(data: str, checkpoints: str, run: str, other: str, log: str) -> None:
    """Run the app and write the log."""
    explorer = Explorer.open(Places(Path(data), Path(checkpoints)))
    noted = asyncio.run(watch(explorer, run))
    explorer.load(other)
    Path(log).write_text(json.dumps(noted | {"peak_both": peak_megabytes()}), "utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
