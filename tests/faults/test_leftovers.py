"""What killed commands leave is told, and removed on demand; nothing else is, and nothing that somebody works on."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from musicrec.commands.app import app
from musicrec.core.claims import claimed
from musicrec.core.errors import UsageError
from musicrec.core.exporting_folder import Folder
from musicrec.core.holding import Hold, hold
from musicrec.core.leftovers import leftovers, sweep
from musicrec.core.places import Places
from musicrec.core.tables import draft
from musicrec.core.tables.scratch import sweep_scratch


@pytest.fixture
def places(tmp_path: Path) -> Places:
    return Places(tmp_path / "data", tmp_path / "checkpoints")


def _written(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("{}")
    return path


def _littered(places: Places) -> tuple[set[Path], set[Path]]:
    gone = {
        _written(places.data / ".kkbox-ab12_cd3.importing" / "dataset.duckdb").parent,
        _written(places.run("killed") / "training.safetensors").parent,
        _written(places.run("whole") / ".run.json.0123abcd"),
        _written(places.run("whole") / "metrics" / ".test-full.json.0123abcd"),
    }
    stays = {
        _written(places.data / "kkbox.duckdb"),
        _written(places.data / ".hidden" / "x").parent,
        _written(places.run("whole") / "run.json"),
        _written(places.run("whole") / ".run.json.mine"),
        _written(places.run("notes") / "thesis.txt").parent,
        _written(places.run("sweep") / "space.json").parent,
    }
    return gone, stays


def test_leftovers_are_removed_and_nothing_else(places: Places) -> None:
    gone, stays = _littered(places)
    assert {each.path for each in leftovers(places)} == gone
    assert {each.path for each in sweep(places)} == gone
    assert not any(path.exists() for path in gone)
    assert all(path.exists() for path in stays)
    assert sweep(places) == ()


def test_doctor_names_them_and_fix_says_what_it_removed(places: Places) -> None:
    gone, _ = _littered(places)
    where = ["--data", str(places.data), "--checkpoints", str(places.checkpoints)]
    told = CliRunner().invoke(app, [*where, "doctor", "--json"])
    assert told.stdout.count("doctor --fix") == len(gone)
    assert all(path.exists() for path in gone)
    fixed = CliRunner().invoke(app, [*where, "doctor", "--fix", "--json"])
    assert fixed.stderr.count("removed ") == len(gone)
    assert "doctor --fix" not in fixed.stdout


def test_what_somebody_works_on_stays(places: Places) -> None:
    gone, _ = _littered(places)
    held = [hold(path) for path in gone]
    assert None not in held
    sweep_scratch(places.data)
    assert sweep(places) == ()
    assert all(path.exists() for path in gone)
    for each in held:
        if each is not None:
            each.release()
    assert len(sweep(places)) == len(gone)


def test_links_are_not_followed(places: Places, tmp_path: Path) -> None:
    mine = _written(tmp_path / "mine" / "training.safetensors")
    places.checkpoints.mkdir()
    places.data.mkdir()
    (places.checkpoints / "linked").symlink_to(mine.parent)
    (places.data / ".kkbox-ab12_cd3.importing").symlink_to(mine.parent)
    sweep_scratch(places.data)
    assert sweep(places) == ()
    assert mine.exists()


def test_two_trainings_never_share_a_name(places: Places) -> None:
    with (
        claimed(places, "one", "x") as first,
        claimed(places, None, "x") as second,
        claimed(places, None, "x") as third,
    ):
        assert (first, second, third) == ("one", "x-1", "x-2")
        with pytest.raises(UsageError, match="another process trains a run called one"), claimed(places, "one", "x"):
            pass
        assert sweep(places) == ()
    assert list(places.checkpoints.iterdir()) == []


def test_an_export_sweeps_up_what_a_killed_one_has_left(tmp_path: Path) -> None:
    ended = subprocess.run([sys.executable, "-c", "import os; print(os.getpid())"], capture_output=True, text=True)
    left, other = (_written(tmp_path / f".{name}.{ended.stdout.strip()}.part") for name in ("top.parquet", "else"))
    at_work = _written(tmp_path / f".top.parquet.{os.getppid()}.part")
    folder = Folder.open(tmp_path, replace=True)
    folder.text("top.parquet", "whole")
    assert (left.exists(), other.exists(), at_work.exists()) == (False, True, True)
    folder.remove("else")
    assert not other.exists()


def test_a_folder_that_was_swept_up_before_it_was_held_is_made_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried: list[Path] = []

    def swept_up_at_first(folder: Path) -> Hold | None:
        tried.append(folder)
        if len(tried) == 1:
            folder.rmdir()
        return hold(folder)

    monkeypatch.setattr(draft, "hold", swept_up_at_first)
    folder, held = draft.scratch_beside(tmp_path / "data" / "one.duckdb")
    held.release()
    assert folder == tried[1] != tried[0]
    assert folder.is_dir()
