"""Where no pass is validated none is called the best: each is kept in its turn."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from musicrec.core.pages import RunPage
from musicrec.core.records import RunCard
from musicrec.core.sheets.runs import epochs_sheet
from musicrec.core.watch import Epoch
from musicrec.tui import console
from musicrec.tui.runs.card import _facts

PASSES = (Epoch(1, 0.7, 1.0, 100.0, None, best=True), Epoch(2, 0.6, 1.0, 100.0, None, best=True))
CARD = RunCard("run", "ncf", "kkbox", "f" * 32, {}, 7, "cpu", datetime.now(UTC), "finished", 2, 2, 2.0, 100, {})


def test_the_table_of_passes_calls_none_the_best() -> None:
    sheet = epochs_sheet(RunPage(CARD, PASSES, ()))
    column = sheet.columns.index("best")
    assert [row[column] for row in sheet.rows] == [None, None]


def test_the_lines_of_passes_call_none_the_best(capsys: pytest.CaptureFixture[str]) -> None:
    with console.training() as watch:
        for each in PASSES:
            watch.epoch(each)
        watch.epoch(Epoch(3, 0.5, 1.0, 100.0, 0.1, best=True))
    told = capsys.readouterr().err
    assert "pass 2: loss 0.6000, 100 samples/s" in told
    assert "pass 3: loss 0.5000, validation NDCG@10 0.1000, the best so far, 100 samples/s" in told


def test_the_card_of_such_a_run_tells_its_passes_alone() -> None:
    assert dict(_facts(CARD))["passes"] == "2"
