"""Sides that take turns: what they gave, in which order, and the figures made of it."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks"))

from turns import Report, Side, peer, take_turns, told


def side(name: str, program: str) -> Side:
    return Side(name, (sys.executable, "-c", program))


def report(tmp_path: Path) -> Report:
    return Report("A title", argparse.Namespace(smoke=False, json=tmp_path / "told.json"))


def test_sides_run_in_turn() -> None:
    order: list[str] = []
    first = side("first", "print('hello'); print('{\"value\": 1}')")
    given = take_turns([first, side("second", "pass")], 2, order.append)
    assert [line.split(": ")[1] for line in order] == ["first", "second", "first", "second"]
    assert [turn.said for turn in given["first"]] == [{"value": 1}] * 2
    assert [turn.said for turn in given["second"]] == [{}] * 2


def test_memory_is_the_most_that_was_held() -> None:
    program = "import time; block = bytearray(200 << 20); del block; time.sleep(0.2)"
    (turn,) = take_turns([side("large", program)], 1, lambda line: None)["large"]
    assert 200 < turn.peak < 300
    assert turn.seconds > 0.2


def test_a_side_that_fails_ends_it_all() -> None:
    with pytest.raises(SystemExit, match=r"^broken failed with status 1:\n(.|\n)*ZeroDivisionError"):
        take_turns([side("broken", "1 / 0")], 1, lambda line: None)


def test_a_ratio_is_that_of_the_rounds(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    made = report(tmp_path)
    made.ratio("speed", [10, 40, 90], [10, 10, 10], 3)
    made.limit("start", "s", [0.2, 0.1, 0.3], 0.15)
    assert made.close() == 0
    out = capsys.readouterr().out
    assert "| speed | 4.00× | 1.00× | 9.00× | ≥ 3.00× | yes |" in out
    assert "| start | 0.200 s | 0.100 s | 0.300 s | ≤ 0.150 s | NO |" in out


def test_other_work_fails(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    made = report(tmp_path)
    made.check("weights", False, "1 and 2")
    assert made.close() == 1
    assert "NOT THE SAME: weights: 1 and 2" in capsys.readouterr().out


def test_figures_have_three_digits() -> None:
    assert [told(value) for value in (0.0, 3.3e-7, 0.015, 12.34, 123_456.7)] == [
        "0",
        "3.30e-07",
        "0.0150",
        "12.3",
        "123,457",
    ]


def test_peers_may_be_absent(tmp_path: Path) -> None:
    assert peer(tmp_path) is None
