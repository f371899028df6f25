"""Each benchmark runs to its end in small, finds that both sides did the same work, and writes what it found."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PEERS = ROOT / "benchmarks" / ".peers"
GOALS = {
    "dtnmr_training": {"float32, fastest (batch 16)", "float32, fastest (batch 256)"},
    "importing": {"import against the reference's way"},
    "opening": {"exec to first paint"},
    "growth": set(),
    "ncf_training": set(),
    "quality": set(),
    "full_ranking": set(),
    "changed_playlist": {"plain against musicrec, the new list"},
    "compiled_step": set(),
}


def run(script: str, folder: Path, *words: str | Path) -> dict[str, object]:
    """Run a script; return its JSON."""
    told = folder / "told.json"
    command = [sys.executable, ROOT / "benchmarks" / f"{script}.py", "--smoke", "--json", told, *words]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "A smoke run" in done.stdout
    return json.loads(told.read_text("utf-8"))


@pytest.mark.parametrize("script", GOALS)
def test_alone(script: str, tmp_path: Path) -> None:
    told = run(script, tmp_path, "--peers", tmp_path / "none")
    names = {each["name"] for each in told["goals"]}
    assert not GOALS[script] or GOALS[script] & names
    assert all(check["passed"] for check in told["checks"])
    assert told["machine"]["cores"]


@pytest.mark.skipif(not PEERS.exists(), reason="the peers are not installed: make peers")
@pytest.mark.parametrize(("script", "goal"), [("ncf_training", "samples/s against RecBole"), ("importing", "pandas")])
def test_against_peers(script: str, goal: str, tmp_path: Path) -> None:
    told = run(script, tmp_path)
    assert any(goal in each["name"] for each in told["goals"])


def test_growth_draws(tmp_path: Path) -> None:
    sys.path.insert(0, str(ROOT / "benchmarks"))
    from plots import Curve, Panel, picture

    drawn = picture([Panel("seconds by plays", "plays", "s", [Curve("import <all>", [1e3, 1e5], [0.1, 20.0])])])
    assert drawn.startswith("<svg")
    assert "import &lt;all&gt;" in drawn
    assert drawn.count("<circle") == 2
