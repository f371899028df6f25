"""Scores that another program wrote, read a block of listeners at a time: a file larger than memory may hold them."""

from __future__ import annotations

import shutil
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import numpy as np

from musicrec.core.errors import MusicrecError, NotFound, UsageError
from musicrec.core.tables.sealed import attach, open_unsealed, path_literal, seal
from musicrec.core.tables.statements import run_script

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

_COLUMNS = ("listener", "song", "score")
_MEMORY = "2GB"  # beyond it DuckDB spills to the scratch folder
_FAULTS = (  # of one row, of several
    ("row names", "rows name", "a listener that the dataset does not have: left out"),
    ("row names", "rows name", "a song that the dataset does not have: left out"),
    ("row has", "rows have", "a score that is no finite number: left out"),
    ("row names", "rows name", "a listener and a song once more: the highest score counts"),
)


class ScoreTable:
    """The scores of a file that name listeners and songs of the dataset, under their dense numbers.

    `notices` say what was left out, a line each.
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection, file: Path) -> None:
        self._connection = connection
        with _reading(file):
            run_script(connection, "scores/joined")
            run_script(connection, "scores/scores")
            faults = run_script(connection, "scores/counts")[0]
            connection.execute("DROP TABLE joined")
        counted = zip((int(str(count)) for count in faults), _FAULTS, strict=True)
        self.notices = tuple(
            f"{count:,} {one if count == 1 else many} {what}" for count, (one, many, what) in counted if count
        )

    def rows(self, listeners: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
        """Return (row in `listeners`, song, score) of all that the file says of these `listeners` (B,), rising."""
        found = self._connection.execute(
            "SELECT listener, song, score FROM scores WHERE listener BETWEEN ? AND ?",
            [int(listeners[0]), int(listeners[-1])],
        ).fetchnumpy()
        listener, song, score = (np.ma.getdata(found[name]) for name in _COLUMNS)
        row = np.searchsorted(listeners, listener)
        asked = listeners[row] == listener
        return row[asked], song[asked].astype(np.int64), score[asked].astype(np.float64)

    def missing(self, listeners: NDArray[np.int64]) -> int:
        """Count those of `listeners` of whom the file says nothing."""
        there = self._connection.execute("SELECT DISTINCT listener FROM scores").fetchnumpy()["listener"]
        return int((~np.isin(listeners, np.ma.getdata(there))).sum())


@contextmanager
def open_scores(file: Path, dataset: Path) -> Iterator[ScoreTable]:
    """Read a file of the columns listener, song and score, original ids, into a scratch folder.

    Raises UsageError for a file that is neither CSV nor Parquet or has no such columns, NotFound where there is none,
    MusicrecError where it cannot be read.
    """
    if not file.is_file():
        raise NotFound(f"there is no file {file}")
    folder = Path(tempfile.mkdtemp(prefix="musicrec-"))
    try:
        with open_unsealed(folder / "scores.duckdb") as connection:
            with _reading(file):
                connection.execute("SET memory_limit = $limit", {"limit": _MEMORY})
                connection.execute("SET temp_directory = $folder", {"folder": str(folder / "spill")})
                attach(connection, dataset)
                seal(connection, [file], [folder])
                _view(connection, file)
            yield ScoreTable(connection, file)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _view(connection: duckdb.DuckDBPyConnection, file: Path) -> None:
    name = file.name.lower()
    if name.endswith(".parquet"):
        source, score = f"read_parquet({path_literal(file)})", "score"
    elif name.endswith((".csv", ".csv.gz")):
        # Trimmed, since a cast of the bare column moves into the reader of the file, which stops at what is no number
        source, score = f"read_csv({path_literal(file)}, header = true, all_varchar = true)", "trim(score)"
    else:
        raise UsageError(f"{file.name}: scores are read from .parquet, .csv or .csv.gz")
    there = [str(row[0]) for row in connection.execute(f"DESCRIBE SELECT * FROM {source}").fetchall()]
    if not set(_COLUMNS) <= {column.lower() for column in there}:
        raise UsageError(f"{file.name} must have the columns listener, song and score: it has {', '.join(there)}")
    connection.execute(f"CREATE TEMP VIEW given AS SELECT listener, song, {score} AS score FROM {source}")


@contextmanager
def _reading(file: Path) -> Iterator[None]:
    try:
        yield
    except duckdb.Error as error:
        raise MusicrecError(f"{file} cannot be read: {str(error).splitlines()[0]}") from error
