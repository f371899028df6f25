"""Full disks, folders that take nothing, files that go, clocks that run backwards, and too little memory."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner
from worlds import World

from musicrec.commands.app import app
from musicrec.core import training
from musicrec.core.errors import ImportFailed, MusicrecError
from musicrec.core.models.configs import config_for
from musicrec.core.places import Places
from musicrec.core.runs import TRAINING, WEIGHTS, list_runs, write_atomically
from musicrec.core.tables.importing import import_dataset
from musicrec.core.tables.options import options_for

resource = pytest.importorskip("resource")


@pytest.fixture(params=["tmpfs", "limit"])
def small_disk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Path]:
    """A disk of 1 MB, or, where none can be mounted too, files of at most 300 kB."""
    folder = tmp_path / "small"
    folder.mkdir()
    if request.param == "tmpfs":
        mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(folder)]
        if shutil.which("mount") is None or subprocess.run(mount, capture_output=True).returncode:
            pytest.skip("a disk can be mounted by root alone")
        yield folder
        subprocess.run(["umount", "-l", str(folder)], check=True)
        return
    with _files_of_at_most(300_000):
        yield folder


@contextmanager
def _files_of_at_most(size: int) -> Iterator[None]:
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def _one_line(places: Places, *arguments: str) -> str:
    where = ["--data", str(places.data), "--checkpoints", str(places.checkpoints)]
    answer = CliRunner().invoke(app, [*where, *arguments], prog_name="musicrec")
    assert answer.exit_code == 1, (answer.stderr, answer.exception)
    assert isinstance(answer.exception, SystemExit)
    last = answer.stderr.splitlines()[-1]
    assert last.startswith("musicrec: "), answer.stderr
    return last


def test_an_import_on_a_full_disk_leaves_nothing(kkbox_world: World, small_disk: Path) -> None:
    places = Places(small_disk, small_disk)
    said = _one_line(places, "import", "kkbox", str(kkbox_world.files), "--name", "full")
    assert "import failed" in said
    assert list(small_disk.iterdir()) == []


def test_a_training_on_a_full_disk_leaves_what_was_there(kkbox_world: World, small_disk: Path) -> None:
    places = Places(kkbox_world.places.data, small_disk)
    (small_disk / "mine.txt").write_text("mine")
    said = _one_line(places, "train", "gmf", "--factors", "4096", "--epochs", "1", "--name", "large")
    assert "cannot write" in said
    assert "large" in said
    assert (small_disk / "mine.txt").read_text() == "mine"
    assert list_runs(places) == ()


def test_an_export_on_a_full_disk_is_told(kkbox_world: World, small_disk: Path) -> None:
    filler = small_disk / "filler"
    if os.path.ismount(small_disk):
        with filler.open("wb", buffering=0) as file:
            while os.statvfs(small_disk).f_bavail:
                file.write(b"x" * 4096)
    with nullcontext() if filler.exists() else _files_of_at_most(100):
        arguments = ["export", str(small_disk / "out"), "--negatives", "0"]
        said = _one_line(Places(kkbox_world.places.data, small_disk), *arguments)
    assert "out" in said
    assert not (small_disk / "out" / "protocol.json").exists()


def test_an_answer_for_a_full_disk_is_told_once(kkbox_world: World) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("there is no /dev/full")
    with Path("/dev/full").open("wb") as full:
        given = [sys.executable, "-m", "musicrec.cli", "--data", str(kkbox_world.places.data), "datasets", "--json"]
        done = subprocess.run(given, stdout=full, stderr=subprocess.PIPE, text=True)
    assert done.returncode == 1
    assert done.stderr == "musicrec: the answer cannot be written: No space left on device\n"


@pytest.fixture
def closed(tmp_path: Path) -> Iterator[Path]:
    """A folder that nobody may write into, not even root."""
    folder = tmp_path / "closed"
    folder.mkdir()
    folder.chmod(0o555)
    locked = os.geteuid() == 0 and shutil.which("chattr") is not None
    if locked and subprocess.run(["chattr", "+i", str(folder)], capture_output=True).returncode:
        locked = False
    if os.geteuid() == 0 and not locked:
        pytest.skip("root may write everywhere, and this disk knows no chattr +i")
    yield folder
    if locked:
        subprocess.run(["chattr", "-i", str(folder)], check=True)
    folder.chmod(0o755)


def test_a_folder_that_takes_nothing_is_named(kkbox_world: World, closed: Path) -> None:
    files, data = str(kkbox_world.files), kkbox_world.places.data
    assert str(closed) in _one_line(Places(closed, closed), "import", "kkbox", files)
    assert str(closed) in _one_line(Places(data, closed), "train", "popularity")
    assert str(closed) in _one_line(Places(data, closed), "export", str(closed / "out"), "--negatives", "0")
    assert list(closed.iterdir()) == []


def test_a_file_that_goes_while_it_is_read_is_told(kkbox_world: World, tmp_path: Path) -> None:
    files = tmp_path / "files"
    shutil.copytree(kkbox_world.files, files)

    def go(stage: str, fraction: float) -> None:
        for path in files.iterdir():
            path.unlink()

    with pytest.raises(ImportFailed) as told:
        import_dataset("kkbox", files, tmp_path / "d.duckdb", "d", options_for("kkbox", "all"), progress=go)
    assert "\n" not in str(told.value)
    assert str(files) in str(told.value)
    assert [path.name for path in tmp_path.iterdir()] == ["files"]


def test_a_clock_that_runs_backwards_harms_nobody(
    kkbox_world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Backwards(datetime):
        told = datetime(2030, 1, 1)

        @classmethod
        def now(cls, tz: object = None) -> datetime:  # type: ignore[override]
            cls.told -= timedelta(days=400)
            return cls.told

    monkeypatch.setattr(training, "datetime", Backwards)
    monkeypatch.setattr("time.time", lambda: Backwards.now().timestamp())
    places = Places(kkbox_world.places.data, tmp_path)
    for _ in range(3):
        training.train(kkbox_world.data, "popularity", config_for("popularity"), places)
    cards = list_runs(places)
    assert sorted(card.name for card in cards) == [f"popularity-kkbox-{number}" for number in (1, 2, 3)]
    assert [card.problem for card in cards] == [None] * 3
    assert all(card.seconds >= 0 for card in cards)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="other systems do not keep such limits")
def test_too_little_memory_is_told_in_a_line(kkbox_world: World, tmp_path: Path) -> None:
    def limited() -> None:
        resource.setrlimit(resource.RLIMIT_AS, (4 << 30, 4 << 30))

    given = ["--data", str(kkbox_world.places.data), "--checkpoints", str(tmp_path / "runs"), "train", "gmf"]
    done = subprocess.run(
        [sys.executable, "-m", "musicrec.cli", *given, "--factors", "20000000", "--name", "vast"],
        preexec_fn=limited, capture_output=True, text=True, env={**os.environ, "OMP_NUM_THREADS": "1"},
    )  # fmt: skip
    assert done.returncode == 1, done.stderr
    assert done.stderr.splitlines()[-1].startswith("musicrec: there is too little memory for this")
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "runs").exists() or list((tmp_path / "runs").iterdir()) == []


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="other systems do not keep such limits")
@pytest.mark.parametrize(
    ("file", "arguments"),
    [(WEIGHTS, ["evaluate", "large"]), (TRAINING, ["train", "--resume", "large", "--epochs", "2"])],
)
def test_a_run_too_large_for_the_memory_is_not_called_damaged(
    kkbox_world: World, tmp_path: Path, file: str, arguments: list[str]
) -> None:
    places = Places(kkbox_world.places.data, tmp_path)
    training.train(kkbox_world.data, "gmf", config_for("gmf", chosen={"epochs": 1}), places, "large", "cpu")
    size = 64 << 30
    header = json.dumps({"weight": {"dtype": "F32", "shape": [size // 4], "data_offsets": [0, size]}}).encode()
    with (places.run("large") / file).open("wb") as written:
        written.write(len(header).to_bytes(8, "little") + header)
        written.truncate(written.tell() + size)  # a whole file, whose bytes take no room
    taken = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    limits = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (taken + size // 4, limits[1]))
    try:
        assert _one_line(places, *arguments, "--device", "cpu").startswith("musicrec: there is too little memory for ")
    finally:
        resource.setrlimit(resource.RLIMIT_AS, limits)


def test_half_a_file_is_never_seen(tmp_path: Path) -> None:
    def chunks() -> Iterator[bytes]:
        yield b"half"
        raise OSError(28, "No space left on device")

    target = tmp_path / "run.json"
    target.write_bytes(b"whole")
    with pytest.raises(MusicrecError, match=r"cannot write .*run\.json: No space left"):
        write_atomically(target, chunks())
    assert target.read_bytes() == b"whole"
    assert [path.name for path in tmp_path.iterdir()] == ["run.json"]
