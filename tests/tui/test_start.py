"""What the first picture waits for: held by the modules that are imported, not by time."""

from __future__ import annotations

import json
import subprocess
import sys

CODE = """
import asyncio, json, sys
from pathlib import Path

import musicrec.cli
from musicrec.core.explorer import Explorer
from musicrec.core.places import Places
from musicrec.tui.app import MusicrecApp
from musicrec.tui.panel import Panel
from musicrec.tui.questions import Questions

seen = []

def look(self: Questions) -> None:
    drawn = [panel.id for panel in app.screen.query(Panel) if panel.size.width]
    seen.append([drawn, sorted({name.partition(".")[0] for name in sys.modules})])

async def start() -> None:
    async with app.run_test(size=(120, 40)) as pilot:
        while not seen:
            await pilot.pause(0.02)

Questions.open = look  # what begins with the first picture
app = MusicrecApp(Explorer(Places(Path("nowhere"), Path("nowhere")), "kkbox"))
asyncio.run(start())
print(json.dumps(seen[0]))
"""


def test_the_panels_are_drawn_before_anything_heavy_is_imported():
    done = subprocess.run([sys.executable, "-c", CODE], capture_output=True, text=True, check=True, timeout=60)
    drawn, modules = json.loads(done.stdout)
    assert {"listeners", "card", "short-term", "long-term", "ranking", "why"} <= set(drawn)
    assert not {"torch", "duckdb", "_duckdb", "numpy", "pandas", "safetensors"} & set(modules)
