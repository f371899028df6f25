"""A dozen kills of the script that kills 200, with its own seed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "benchmarks" / "kill.py"


@pytest.mark.skipif(not hasattr(sys, "addaudithook") or sys.platform == "win32", reason="it forks")
def test_a_dozen_kills_lose_nothing() -> None:
    given = [sys.executable, str(SCRIPT), "--kills", "12", "--only", "import", "resume", "export"]
    done = subprocess.run(given, capture_output=True, text=True, timeout=500)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "12 kills with seed 7 (import 4, resume 4, export 4)" in done.stdout
