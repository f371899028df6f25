"""What an import promises of any folder, asked of one: all of it accounted for, or one line, and nothing left over."""

from __future__ import annotations

import gzip
import shutil
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
from hostile_files import Case

from musicrec.core.errors import MusicrecError
from musicrec.core.records import DatasetCard
from musicrec.core.tables.importing import import_dataset
from musicrec.core.tables.options import ImportOptions

LONGEST = 120  # seconds


class Broken(AssertionError):
    """An import that did not keep its promise."""


def require(held: bool, what: str) -> None:
    """Raise Broken where a promise was not kept."""
    if not held:
        raise Broken(what)


@contextmanager
def in_time(seconds: int = LONGEST) -> Iterator[None]:
    """Raise Broken after so many seconds; in the main thread alone."""

    def late(*_: object) -> None:
        raise Broken(f"an import took more than {seconds} s")

    before = signal.signal(signal.SIGALRM, late)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def keeps_its_promise(case: Case, root: Path) -> str:
    """Import a case below `root`, which is empty and stays so; returns "imported" or the line that refused it."""
    folder, data = root / "files", root / "data"
    case.write(folder)
    before = sorted(path.name for path in folder.iterdir())
    target = data / "d.duckdb"
    try:
        with in_time():
            report = import_dataset(case.format, folder, target, "d", ImportOptions(), threads=1)
    except MusicrecError as error:
        told = str(error)
        require("\n" not in told and "\r" not in told, f"more than one line: {told!r}")
        require(str(folder) in told or any(name in told for name in before), f"names no file: {told!r}")
        require(len(told) < 800, f"a line of {len(told)} characters")
        require(
            not data.exists() or not list(data.iterdir()), f"left over: {list(data.iterdir()) if data.exists() else ()}"
        )
    else:
        told = "imported"
        require([path.name for path in data.iterdir()] == ["d.duckdb"], f"left over: {list(data.iterdir())}")
        accounted(report.card, target, folder)
    finally:
        after = sorted(path.name for path in folder.iterdir())
        shutil.rmtree(folder)
        shutil.rmtree(data, ignore_errors=True)
    require(after == before, f"the folder had {before}, has {after}")
    require(not list(root.iterdir()), f"left over: {list(root.iterdir())}")
    return told


def accounted(card: DatasetCard, target: Path, folder: Path) -> None:
    """Raise Broken unless every row of every file is a play, song or listener, is rejected, or counted as left out."""
    with duckdb.connect(str(target), read_only=True) as connection:
        rejected = dict(connection.execute("SELECT file, count(*) FROM rejects GROUP BY file").fetchall())
    read = {source.file.removesuffix(".gz").removesuffix(".zip"): source.rows for source in card.sources}
    counts, left = card.counts, sum(n for reason, n in card.counts.items() if reason.startswith("left out: test"))
    require(sum(rejected.values()) == counts["rejects"], "rejects are counted wrongly")

    def rows(*names: str) -> int:
        return sum(read.get(name, 0) - rejected.get(name, 0) for name in names)

    if card.format == "kkbox":
        require(rows("train.csv", "test.csv") == counts["plays"] + left, f"plays: {read} {rejected} {counts}")
        described = {"songs.csv": "songs", "members.csv": "listeners"}
        for name in ("train.csv", "test.csv", "songs.csv", "members.csv", "song_extra_info.csv"):
            if (lines := _lines(folder, name)) is not None:
                require(read[name] == lines, f"{name} has {lines} rows, read were {read[name]}")
    else:
        described = {"song_meta.json": "songs"}
        without = sum(
            counts.get(f"left out: {reason}", 0)
            for reason in ("playlists without songs", "listeners by cuts of all their songs")
        )
        require(
            rows("train.json", "val.json", "test.json") == counts["listeners"] + without,
            f"playlists: {read} {rejected} {counts}",
        )
    for name, table in described.items():
        if name in read:
            bare = counts.get(f"{table} without a {'row' if card.format == 'kkbox' else 'record'} in {name}", 0)
            require(rows(name) == counts[table] - bare, f"{name}: {read} {rejected} {counts}")


def _lines(folder: Path, name: str) -> int | None:
    """Count the lines of a file after its header that are not empty; a zip is not looked into."""
    if (folder / name).is_file():
        content = (folder / name).read_bytes()
    elif (folder / f"{name}.gz").is_file():
        content = gzip.decompress((folder / f"{name}.gz").read_bytes())
    else:
        return None
    _, _, rows = content.partition(b"\n")
    return sum(line != b"" for line in rows.replace(b"\r", b"\n").split(b"\n"))
