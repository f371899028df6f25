"""Damaged runs, and runs that carry what would run if anybody let it."""

from __future__ import annotations

import pickle  # noqa: TID251 - to make what must never be read
import sys
from pathlib import Path

import pytest
import torch
from typer.testing import CliRunner
from worlds import World

from musicrec.commands.app import app
from musicrec.core.explorer import Explorer
from musicrec.core.places import Places

sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks"))
import mutate_runs

CASES = 250
FILES = (
    *("model.safetensors", "training.safetensors", "training.pt", "run.json", "history.jsonl", "sweep.json"),
    *("metrics/test-full.json", "metrics/test-full-listeners.parquet", "space.json", "journal.log", "results.csv"),
)


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="memory is read from /proc")
def test_damaged_runs_are_loaded_right_or_refused_in_a_line(kkbox_world: World, tmp_path: Path) -> None:
    found = mutate_runs.run(CASES, 11, tmp_path, kkbox_world.data)
    assert found.problems == []
    assert found.loaded.total() + found.refused.total() == CASES
    assert found.refused.total() > CASES / 4
    assert found.loaded.total() > CASES / 10


class Payload:
    """Writes a file when it is unpickled."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple[object, ...]:
        return Path.touch, (self.mark,)


@pytest.mark.parametrize("form", ["pickle", "torch"])
def test_nothing_in_a_run_is_ever_executed(form: str, kkbox_world: World, tmp_path: Path) -> None:
    places, mark = Places(kkbox_world.places.data, tmp_path / "checkpoints"), tmp_path / "executed"
    payload = tmp_path / "payload"
    if form == "pickle":
        payload.write_bytes(pickle.dumps({"model": Payload(mark)}))
    else:
        torch.save({"model": Payload(mark)}, payload)
    explorer = Explorer.open(places, "kkbox")
    who, song = explorer.find_listeners(limit=1).items[0].id, explorer.find_songs(limit=1).items[0].id
    explorer.close()
    _musicrec(places, "train", "gmf", "--epochs", "1", "--factors", "2", "--name", "whole")
    for file in (*FILES, "all"):
        run = places.run("hostile")
        _copied(places.run("whole"), run)
        for name in FILES if file == "all" else [file]:
            (run / name).parent.mkdir(exist_ok=True)
            (run / name).write_bytes(payload.read_bytes())
        for command in (
            ["runs"], ["doctor"], ["recommend", who, "--run", "hostile"], ["similar", song, "--run", "hostile"],
            ["compare", "whole", "hostile"], ["train", "--resume", "hostile", "--epochs", "1"],
            ["sweep", "--show", "hostile"], ["export", str(tmp_path / "out"), "--run", "hostile", "--replace"],
        ):  # fmt: skip
            _musicrec(places, *command)
            assert not mark.exists(), (file, command)
    assert pickle.loads(payload.read_bytes()) if form == "pickle" else torch.load(payload, weights_only=False)  # noqa: S301
    assert mark.exists()  # it would have run


def _copied(whole: Path, run: Path) -> None:
    for path in sorted(run.rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
    run.mkdir(exist_ok=True)
    for path in whole.iterdir():
        (run / path.name).write_bytes(path.read_bytes())


def _musicrec(places: Places, *arguments: str) -> None:
    where = ["--data", str(places.data), "--checkpoints", str(places.checkpoints)]
    answer = CliRunner().invoke(app, [*where, *arguments], prog_name="musicrec")
    assert answer.exception is None or isinstance(answer.exception, SystemExit), (arguments, answer.exception)
    assert answer.exit_code in (0, 1, 2), arguments
    if answer.exit_code:
        assert answer.stderr.splitlines()[-1].startswith("musicrec: "), arguments
