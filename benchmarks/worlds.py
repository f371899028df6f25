"""Invented datasets of a stated size, made by `musicrec sample` and `musicrec import`: once, then used again."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

MUSICREC = Path(sys.executable).with_name("musicrec")
SEED = 7


@dataclass(frozen=True, slots=True)
class Size:
    """How large a dataset is to be: listeners, songs, and plays in all, of which about 78 % come before the split."""

    listeners: int
    songs: int
    plays: int

    @property
    def name(self) -> str:
        """A name for folders and datasets."""
        return f"{self.listeners}-{self.songs}-{self.plays}"


KKBOX = Size(34_403, 420_000, 3_000_000)  # its listeners and the songs that they played; 2.3 million stand in its files


@contextmanager
def workplace(kept: Path | None) -> Iterator[Path]:
    """Yield the folder that was asked for, or one that goes when the block ends."""
    if kept is not None:
        kept.mkdir(parents=True, exist_ok=True)
        yield kept.resolve()
        return
    with tempfile.TemporaryDirectory(prefix="musicrec-bench-") as folder:
        yield Path(folder)


def files(folder: Path, size: Size, seed: int = SEED) -> Path:
    """Have the KKBOX files of an invented world below `folder`; return where they are."""
    target = folder / "files" / size.name
    done = target.with_name(f"{size.name}.done")
    if not done.exists():
        sizes = ("--listeners", size.listeners, "--songs", size.songs, "--plays", size.plays, "--seed", seed)
        musicrec(folder, "sample", "kkbox", target, *sizes)
        done.touch()
    return target


def dataset(folder: Path, size: Size, *options: str) -> str:
    """Have an invented dataset in `folder`/data; return its name."""
    if not (folder / "data" / f"{size.name}.duckdb").exists():
        musicrec(folder, "import", "kkbox", files(folder, size), "--name", size.name, *options)
    return size.name


def command(folder: Path, *words: object) -> tuple[str | Path, ...]:
    """Return a command line of musicrec on the datasets and runs of `folder`."""
    places = ("--data", folder / "data", "--checkpoints", folder / "checkpoints")
    return MUSICREC, *places, *(word if isinstance(word, Path) else str(word) for word in words)


def musicrec(folder: Path, *words: object) -> None:
    """Run a command of musicrec on `folder`; what it says goes nowhere unless it fails."""
    done = subprocess.run(command(folder, *words), capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"musicrec {words[0]} failed:\n{done.stderr[-2000:]}")
