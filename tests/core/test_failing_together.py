"""Where one process of a group fails, all fail with it, and none waits for ever."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from together import answers, together
from worlds import World

from musicrec.core.distributed import fail_together, failing_together

LIMIT = 120  # seconds
FAILURES = {
    "nothing": "nothing",
    "usage": "2 no such thing",
    "scores": "1 the model's scores are not numbers: its training diverged; train again with a smaller --lr",
    "saved": "1 no room for the tracker",
    "pass": "1 the other end is closed",
    "step": "1 process 1 failed: out of memory",
    "resume": "1 no run is called 'whole'",
    "kept": "1 process 0 failed: no space left",
    "whole": "nothing",
}


def test_what_fails_in_one_process_fails_in_both_with_one_line(kkbox_world: World, tmp_path: Path) -> None:
    script = Path(__file__).parent / "failing_alone.py"
    processes = together(2, str(script), str(kkbox_world.places.data), str(tmp_path))
    told = answers(processes, LIMIT)
    assert [process.returncode for process in processes] == [0, 0], told
    one, other = (json.loads(out.splitlines()[-1]) for out, _ in told)
    assert one == other
    assert {name: line[: len(FAILURES[name])] for name, line in one.items()} == FAILURES
    assert (tmp_path / "whole" / "metrics" / "test-full.json").is_file()


@pytest.mark.parametrize("error", [ValueError("mine"), OSError("mine")])
def test_a_process_alone_raises_its_own(error: Exception) -> None:
    with pytest.raises(type(error), match="mine"), failing_together():
        raise error
    with pytest.raises(type(error), match="mine"):
        fail_together(error)
    fail_together(None)
