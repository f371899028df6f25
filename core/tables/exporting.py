"""A dataset, and lists made for its listeners, as Parquet: original ids, no Python object for a row."""

from __future__ import annotations

import tempfile
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import duckdb

from musicrec.core.errors import MusicrecError
from musicrec.core.tables.cards import connect
from musicrec.core.tables.sealed import attach, attach_new, open_unsealed, seal
from musicrec.core.tables.statements import statement

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import numpy as np
    from numpy.typing import NDArray

Table = Literal["split", "songs", "listeners"]
_MEMORY = "2GB"  # beyond it DuckDB spills to the scratch folder


@dataclass(frozen=True, slots=True)
class TopRows:
    """Places in lists: `listener`, `rank` from 1 and `song` int64 (n,), dense numbers, and `score` float (n,)."""

    listener: NDArray[np.int64]
    rank: NDArray[np.int64]
    song: NDArray[np.int64]
    score: NDArray[np.floating]


def write_table(dataset: Path, table: Table, path: Path) -> int:
    """Write the plays with their split, the songs or the listeners, and return how many rows that is.

    Raises MusicrecError where the dataset cannot be read or the file not be written.
    """
    with _reading(dataset, path) as connection:
        return _write(connection, statement(f"exporting/{table}"), path)


def write_negatives(dataset: Path, listeners: NDArray[np.int64], songs: NDArray[np.int64], path: Path) -> int:
    """Write the songs (L, n) that were sampled for listeners (L,), and return how many rows that is.

    Raises as `write_table` does.
    """
    with _reading(dataset, path) as connection:
        connection.register("sampled", {"listener": listeners.repeat(songs.shape[1]), "song": songs.ravel()})
        return _write(connection, statement("exporting/negatives"), path)


def write_top(dataset: Path, blocks: Iterable[TopRows], path: Path) -> int:
    """Write lists block by block, none of which stays in memory, and return how many rows that is.

    Raises as `write_table` does.
    """
    with _reading(dataset, path) as connection:
        connection.execute("USE lists")
        connection.execute("CREATE TABLE top (listener BIGINT, rank BIGINT, song BIGINT, score DOUBLE)")
        for block in blocks:
            connection.register("block", asdict(block))
            connection.execute("INSERT INTO top SELECT listener, rank, song, score FROM block")
        return _write(connection, statement("exporting/top"), path)


def _write(connection: duckdb.DuckDBPyConnection, rows: str, path: Path) -> int:
    connection.sql(rows).write_parquet(str(path), compression="zstd")
    found = connection.execute("SELECT count(*) FROM read_parquet(?)", [str(path)]).fetchone()
    assert found is not None
    return int(found[0])


@contextmanager
def _reading(dataset: Path, path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """Give a connection in whose `known` is the dataset, with room in `lists`, that can write to `path` alone."""
    connect(dataset).close()  # which tells what is wrong with it
    with tempfile.TemporaryDirectory(prefix="musicrec-") as folder:
        connection = open_unsealed()
        try:
            connection.execute("SET memory_limit = $limit", {"limit": _MEMORY})
            connection.execute("SET temp_directory = $folder", {"folder": str(Path(folder) / "spill")})
            attach_new(connection, Path(folder) / "lists.duckdb", "lists")
            attach(connection, dataset)
            connection.execute("USE known")
            seal(connection, [path], [Path(folder)])
            yield connection
        except duckdb.Error as error:
            raise MusicrecError(f"cannot write {path}: {str(error).splitlines()[0]}") from error
        finally:
            connection.close()  # lets go of what lies in the folder
