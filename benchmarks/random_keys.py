"""Presses random keys and clicks at random places: `python benchmarks/random_keys.py --events 50000 --seed 7`.

A small dataset with three runs is opened in the screen without a terminal, in four sizes one after another. Nothing may
crash, the event loop may not stand still for a second, and memory may not grow with what was pressed.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import shutil
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

os.environ["TEXTUAL_ANIMATIONS"] = "none"
os.environ.setdefault("OMP_NUM_THREADS", "1")

from textual.events import Key, MouseDown, MouseScrollDown, MouseScrollUp, MouseUp

from musicrec.core.explorer import Explorer
from musicrec.core.places import Places
from musicrec.tui.app import MusicrecApp

SIZES = ((60, 20), (80, 24), (120, 40), (200, 50))
KEYS = (
    *"jkgGhmrfxcwabdeinouvyzlpBCDEFHJLMNRSTUVWXYZ0123456789/?[]+-=.,:;'\"<>|*&^%$#@!~`",
    *("up", "down", "left", "right", "home", "end", "pageup", "pagedown", "tab", "shift+tab", "enter", "escape"),
    *("space", "backspace", "delete", "f1", "f5", "ctrl+p", "ctrl+a", "ctrl+e", "ctrl+u", "ctrl+k", "ctrl+w"),
)
MANY = 20  # crashes after which no more are looked for
WORDS = ("love", "age:20-29", "genre:", "日本", "[/x]", "'; --", "plays:>5", "")


@dataclass
class Findings:
    """What was seen: events, the longest stall of the loop, and the memory after each stretch in bytes.

    `at_work` is the longest stall counted in processor time of all threads: what other processes take is not in it.
    """

    bearable: float = 1.0
    events: int = 0
    longest: float = 0.0
    at_work: float = 0.0
    stalls: list[str] = field(default_factory=list)
    resident: list[int] = field(default_factory=list)
    crashes: list[str] = field(default_factory=list)


async def _watch(found: Findings, last: list[str]) -> None:
    while True:
        started, worked = time.monotonic(), time.process_time()
        await asyncio.sleep(0.02)
        late, work = time.monotonic() - started - 0.02, time.process_time() - worked
        found.longest = max(found.longest, late)
        found.at_work = max(found.at_work, min(late, work))
        if late > found.bearable:
            found.stalls.append(f"{late:.1f} s, {work:.1f} s of them at work, after {' '.join(last[-5:])}")


def _key(name: str) -> Key:
    from textual.keys import _character_to_key

    if len(name) == 1:
        return Key(_character_to_key(name), name)
    character = {"space": " ", "enter": "\r", "tab": "\t"}.get(name)
    return Key(name, character)


async def one_size(
    explorer: Explorer, size: tuple[int, int], events: int, chance: random.Random, found: Findings
) -> None:
    """Press and click `events` times in a screen of this size."""
    app, last = MusicrecApp(explorer), ["the start"]
    async with app.run_test(size=size, notifications=True) as pilot:
        app.action_quit = _stay  # type: ignore[method-assign]  # the keys that leave are tried elsewhere
        watch = asyncio.create_task(_watch(found, last))
        driver = app._driver
        assert driver is not None
        for number in range(events):
            drawn = chance.random()
            if drawn < 0.85:
                name = chance.choice(KEYS)
                driver.process_message(_key(name))
                last.append(name)
            elif drawn < 0.88:
                word = chance.choice(WORDS)
                for character in word:
                    driver.process_message(_key(character))
                last.append(word)
            else:
                x, y = chance.randrange(size[0]), chance.randrange(size[1])
                where = {"x": x, "y": y, "delta_x": 0, "delta_y": 0, "shift": False, "meta": False, "ctrl": False}
                kinds = (MouseScrollDown, MouseScrollUp) if chance.random() < 0.3 else (MouseDown, MouseUp)
                for kind in kinds:
                    driver.process_message(kind(widget=None, screen_x=x, screen_y=y, style=None, button=1, **where))
                last.append(f"click({x},{y})")
            del last[:-20]
            found.events += 1
            if number % 4 == 0:
                await pilot._wait_for_screen(timeout=30)
            if not app.is_running or app._exception is not None:
                break
        with suppress(Exception):
            await pilot.pause(0.5)  # keys that come while all is taken down are nobody's
        watch.cancel()
        with suppress(asyncio.CancelledError):
            await watch
        if not app.is_running or app._exception is not None:
            found.crashes.append(f"{size} after {' '.join(last)}: {app._exception!r}")


async def _stay() -> None:
    return


def run(
    explorer: Explorer, events: int, seed: int, stretch: int, bearable: float, tell: Callable[[str], object]
) -> Findings:
    """Press and click `events` times, in stretches of an app each, the sizes in turn."""
    found, chance = Findings(bearable), random.Random(seed)
    while found.events < events and len(found.crashes) < MANY:
        size = SIZES[len(found.resident) % len(SIZES)]
        try:
            asyncio.run(one_size(explorer, size, min(stretch, events - found.events), chance, found))
        except Exception as error:  # noqa: BLE001 - that none comes is what is tried
            told = "".join(traceback.format_exception(error)[-4:])
            found.crashes[-1:] = [f"{found.crashes[-1] if found.crashes else size}: {told}"]
        found.resident.append(_resident())
        memory, stall = f"{found.resident[-1] / 1e6:.0f} MB", f"{found.longest:.2f} s ({found.at_work:.2f} s at work)"
        tell(f"{found.events:,} events, {size}, {memory}, longest stall {stall}, {len(found.crashes)} crashes")
    return found


def _resident() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def make_places(root: Path) -> Places:
    """A small dataset with three runs."""
    from musicrec.core.models.configs import config_for
    from musicrec.core.tables.importing import import_dataset
    from musicrec.core.tables.options import ImportOptions
    from musicrec.core.tables.sample import write_sample
    from musicrec.core.training import train

    places = Places(root / "data", root / "checkpoints")
    write_sample("kkbox", root / "raw", listeners=80, songs=200, plays=2500, seed=5)
    import_dataset("kkbox", root / "raw", places.dataset("kkbox"), "kkbox", ImportOptions())
    explorer = Explorer.open(places)
    for model, settings in (("popularity", {}), ("itemknn", {}), ("gmf", {"epochs": 1, "factors": 4})):
        train(explorer.data(), model, config_for(model, chosen=dict(settings)), places, f"{model}-1", "cpu")
    explorer.close()
    return places


def main() -> int:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=50_000)
    parser.add_argument("--stretch", type=int, default=1_000)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--longest", type=float, default=1.0, help="seconds that the event loop may stand still")
    given = parser.parse_args()
    root, started = Path(tempfile.mkdtemp(prefix="musicrec-keys-")), time.monotonic()
    os.environ["MUSICREC_STATE"] = os.environ["XDG_DOWNLOAD_DIR"] = os.environ["HOME"] = str(root / "home")
    (root / "home").mkdir()
    explorer = Explorer.open(make_places(root))
    os.chdir(root / "home")
    found = run(explorer, given.events, given.seed, given.stretch, given.longest, lambda line: print(line, flush=True))  # noqa: T201
    explorer.close()
    for problem in (*found.crashes, *found.stalls):
        print(problem)  # noqa: T201
    settled = found.resident[len(found.resident) // 5 :] or [0]
    memory = f"{settled[0] / 1e6:.0f} to {settled[-1] / 1e6:.0f} MB after the first fifth"
    longest = f"longest {found.longest:.2f} s, at work {found.at_work:.2f} s"
    slow = f"{len(found.stalls)} stalls above {given.longest:.0f} s ({longest})"
    print(  # noqa: T201
        f"{found.events:,} events with seed {given.seed}: {len(found.crashes)} crashes, {slow}, memory {memory}; "
        f"{time.monotonic() - started:.0f} s"
    )
    os.chdir("/")
    shutil.rmtree(root)
    return 1 if found.crashes or found.stalls else 0


if __name__ == "__main__":
    sys.exit(main())
