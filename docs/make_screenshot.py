"""Draw docs/screenshot.svg from the running app on the demonstration's dataset: `make screenshot`."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from musicrec.core.demo import Demo
from musicrec.core.explorer import Explorer
from musicrec.core.places import Places
from musicrec.tui.app import MusicrecApp
from musicrec.tui.why import Why

SIZE = (140, 42)


async def draw(target: Path) -> None:
    """Open the explorer on a listener with a middling past, wait for the why of the first song, and save the screen."""
    places = Places.find()
    show = Demo(places, "kkbox")
    if show.needs_dataset() or show.missing_models():
        sys.exit("run `make demo` first: the picture is taken of its dataset and runs")
    explorer = Explorer.open(places, show.dataset)
    run = show.run("dtnmr")
    app = MusicrecApp(explorer, listener=telling_listener(explorer, run), run=run)
    async with app.run_test(size=SIZE) as pilot:
        for _ in range(600):
            await pilot.pause(0.1)
            if app.screen.query(Why) and app.screen.query_one(Why).count() > 0:
                break
        await pilot.pause(1)
        target.write_text(app.export_screenshot(title="musicrec tui"), "utf-8")


def telling_listener(explorer: Explorer, run: str) -> str:
    """Choose, of some with a middling past, the listener whose list has most marks to show."""
    some = explorer.find_listeners("plays:60-100", limit=60).items

    def marks(listener: str) -> int:
        items = explorer.recommend(listener, run).items
        return sum(item.held_out for item in items) + 2 * any(not item.song.plays for item in items)

    return max((each.id for each in some), key=marks)


if __name__ == "__main__":
    asyncio.run(draw(Path(__file__).parent / "screenshot.svg"))
