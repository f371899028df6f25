"""How many threads compiled loops take: by what is said, by default, and by what the machine bears."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
import torch

from musicrec.core.errors import UsageError
from musicrec.core.threads import Crew, threads

ASKED = "from musicrec.core.threads import threads; import os, torch; print(threads(), torch.get_num_threads())"
CORES = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 2


@pytest.mark.parametrize(
    ("said", "wanted"),
    [
        ({}, (CORES, max(1, CORES // 2))),
        ({"OMP_NUM_THREADS": "1"}, (1, 1)),
        ({"MUSICREC_THREADS": "3"}, (3, max(1, CORES // 2))),
        ({"MUSICREC_THREADS": "3", "OMP_NUM_THREADS": "1"}, (3, 1)),
    ],
)
def test_all_cores_unless_somebody_says(said: dict[str, str], wanted: tuple[int, int]) -> None:
    inherited = {key: value for key, value in os.environ.items() if not key.endswith("_THREADS")}
    found = subprocess.run(
        [sys.executable, "-c", ASKED], capture_output=True, text=True, check=True, env=inherited | said
    )
    assert tuple(map(int, found.stdout.split())) == wanted


def test_without_a_word_as_many_as_torch_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MUSICREC_THREADS", raising=False)
    assert threads() == torch.get_num_threads()


@pytest.mark.parametrize("said", ["0", "-1", "two", "1.5"])
def test_what_is_no_number_above_0_is_refused(said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MUSICREC_THREADS", said)
    with pytest.raises(UsageError, match="MUSICREC_THREADS must be a number above 0"):
        threads()


@pytest.mark.parametrize(("with_help", "alone"), [(1.0, 1.8), (3.0, 1.0)])
def test_others_help_where_that_is_faster(with_help: float, alone: float) -> None:
    crew = Crew(3)
    assert {_next(crew, with_help, alone) for _ in range(200)} == {0, 3}
    chosen = [bool(_next(crew, with_help, alone)) for _ in range(64)]
    assert chosen.count(with_help < alone) == 62  # the other way is tried now and then


def test_a_machine_that_grows_busy_is_left_alone_and_taken_again() -> None:
    crew = Crew(1)
    for _ in range(100):
        _next(crew, 1.0, 1.8)
    for _ in range(50):
        _next(crew, 4.0, 1.8)
    assert [_next(crew, 4.0, 1.8) for _ in range(10)].count(1) <= 1
    for _ in range(400):
        _next(crew, 1.0, 1.8)
    assert [_next(crew, 1.0, 1.8) for _ in range(10)].count(0) <= 1


def _next(crew: Crew, with_help: float, alone: float) -> int:
    helpers = crew.wanted()
    crew.took(helpers, 1, with_help if helpers else alone)
    return helpers
