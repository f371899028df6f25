"""The demonstration without a terminal: it makes what is missing, prints the tables and ends."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from musicrec.core.models.configs import PRESETS
from musicrec.core.places import Places
from musicrec.core.runs import list_runs
from musicrec.core.tables import sample


@pytest.mark.parametrize("format", ["kkbox", "melon"])
def test_demo_prints_tables_and_makes_nothing_twice(
    format: str, invoke: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    small = partial(sample.write_sample, listeners=60, songs=200, plays=1200)
    monkeypatch.setattr(sample, "write_sample", small)
    for model in ("ncf", "dtnmr"):
        monkeypatch.setitem(PRESETS["quick"][model], "epochs", 1)
    places = Places(tmp_path / "data", tmp_path / "checkpoints")
    first = invoke(places, "demo", "--dataset", format, "--no-tui")
    assert first.exit_code == 0, first.stderr
    for word in ("At 10", "(popularity)", "(itemknn)", f"demo-ncf-{format}", f"demo-dtnmr-{format}", "For listener"):
        assert word in first.stdout
    assert {(card.model, card.status) for card in list_runs(places)} == {("ncf", "finished"), ("dtnmr", "finished")}
    made = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*") if path.name in ("model.safetensors",)}
    again = invoke(places, "demo", "--dataset", format)  # what has no terminal gets the tables anyway
    assert again.exit_code == 0
    assert again.stdout == first.stdout
    assert made == {path: path.stat().st_mtime_ns for path in made}
