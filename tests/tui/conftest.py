"""What the tests of the screen share: an invented explorer, patience, and pictures that hold still."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

os.environ["TEXTUAL_ANIMATIONS"] = "none"  # read when textual is imported
sys.path.insert(0, str(Path(__file__).parent))  # importlib mode gives tests no way to their neighbours

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

DRAWN_WITH = {"textual": "8.2.8", "rich": "15.0.0"}  # what the snapshots were made with

Until = Callable[[Pilot[None], Callable[[], bool]], object]


def pytest_configure(config: pytest.Config) -> None:
    """Refuse to renew snapshots under other versions than those they were drawn with."""
    here = {name: version(name) for name in DRAWN_WITH}
    if config.getoption("update_snapshots", default=False) and here != DRAWN_WITH:
        raise pytest.UsageError(f"snapshots are drawn with {DRAWN_WITH}, not with {here}")


@pytest.fixture(autouse=True)
def _still(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep cursors from blinking."""
    monkeypatch.setattr(Input.cursor_blink, "_default", False)
