"""Draw docs/pictures/*.svg, one for each place, from the running app on the demonstration's data: `make pictures`."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from pathlib import Path

from textual.pilot import Pilot

from musicrec.core.demo import Demo
from musicrec.core.explorer import Explorer
from musicrec.core.places import Places
from musicrec.tui.app import MusicrecApp
from musicrec.tui.panel import Panel

SIZE = (140, 42)
PATIENCE = 60.0  # seconds
KEYS = {  # what is pressed in each place before its picture is taken
    "explore": ["1", "enter"],
    "what-if": ["2", "d", "d", "j", "d", "tab", "j", "a"],
    "compare": ["3", "j"],
    "songs": ["4", "j", "j", "j", "j"],
    "runs": ["5", "j", "space", "k"],
}


async def draw(folder: Path, explorer: Explorer, run: str, other: str) -> None:
    """Go from place to place with a listener of a middling past, and save what is on the screen."""
    explorer.evaluate([run, other], ks=(10,))
    app = MusicrecApp(explorer, listener=telling_listener(explorer, run), run=run)
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: app.view.run is not None and app.view.listener is not None)
        app.use_other(other)
        for place, keys in KEYS.items():
            for key in keys:
                await rest(pilot)
                await pilot.press(key)
            await rest(pilot)
            (folder / f"{place}.svg").write_text(app.export_screenshot(title=f"musicrec tui · {place}"), "utf-8")


async def rest(pilot: Pilot[None]) -> None:
    """Let the app run until no panel waits for an answer."""
    for _ in range(3):
        await pilot.pause(0.25)
        await until(pilot, lambda: not any(panel.is_waiting for panel in pilot.app.screen.query(Panel)))


async def until(pilot: Pilot[None], there: Callable[[], bool]) -> None:
    """Let the app run until `there`."""
    for _ in range(int(PATIENCE / 0.1)):
        await pilot.pause(0.1)
        if there():
            return
    sys.exit("the screen did not come to rest")


def telling_listener(explorer: Explorer, run: str) -> str:
    """Choose, of some with a middling past, the listener whose list has most marks to show."""
    some = explorer.find_listeners("plays:60-100", limit=60).items

    def marks(listener: str) -> int:
        items = explorer.recommend(listener, run).items
        return sum(item.held_out for item in items) + 2 * any(not item.song.plays for item in items)

    return max((each.id for each in some), key=marks)


def main() -> None:
    """Draw all pictures."""
    show = Demo(Places.find(), "kkbox")
    if show.needs_dataset() or show.missing_models():
        sys.exit("run `make demo` first: the pictures are taken of its dataset and runs")
    folder = Path(__file__).parent / "pictures"
    folder.mkdir(exist_ok=True)
    asyncio.run(draw(folder, Explorer.open(Places.find(), show.dataset), show.run("dtnmr"), show.run("ncf")))


if __name__ == "__main__":
    main()
