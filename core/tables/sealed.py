"""DuckDB kept to what it was given: no other file, no network, no extension, and no setting that could change that."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from musicrec.core.errors import MusicrecError

if TYPE_CHECKING:
    from collections.abc import Iterable

_CLOSED: dict[str, str | bool | int | float | list[str]] = {
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "python_enable_replacements": "false",  # else a name that is no table is looked for among Python's variables
}
_SEALED = _CLOSED | {"enable_external_access": "false", "lock_configuration": "true"}


def open_sealed(path: Path) -> duckdb.DuckDBPyConnection:
    """Open a database read-only: it can reach no other file, and none of its settings can be changed."""
    return duckdb.connect(str(path), read_only=True, config=_SEALED)


def open_empty(threads: int) -> duckdb.DuckDBPyConnection:
    """Open a database in memory that can reach no file."""
    return duckdb.connect(config=_SEALED | {"threads": threads})


def open_unsealed(path: Path | None = None) -> duckdb.DuckDBPyConnection:
    """Open a database to write to, in memory without `path`. `seal` it before it meets what others wrote."""
    return duckdb.connect(":memory:" if path is None else str(path), config=_CLOSED)


def seal(
    connection: duckdb.DuckDBPyConnection, files: Iterable[Path] = (), folders: Iterable[Path] = (), lock: bool = True
) -> None:
    """Keep a connection to `files`, to what lies in `folders` and to what it has open; that cannot be taken back.

    `lock` holds every other setting too.
    """
    paths = [str(each) for file in files for each in (file, file.with_name(f"tmp_{file.name}"))]  # written there first
    connection.execute("SET allowed_paths = $paths", {"paths": paths})
    connection.execute("SET allowed_directories = $folders", {"folders": [str(folder) for folder in folders]})
    connection.execute("SET enable_external_access = false")
    if lock:
        connection.execute("SET lock_configuration = true")


def attach(connection: duckdb.DuckDBPyConnection, dataset: Path) -> None:
    """Open a dataset read-only beside what a connection has, as `known`.

    Raises MusicrecError where the file is another one than this process has open: it was imported anew meanwhile.
    """
    connection.execute(f"ATTACH {path_literal(dataset)} AS known (READ_ONLY)")
    with open_sealed(dataset) as opened:  # whoever has it open in this process goes on with the old file
        there = opened.execute("SELECT fingerprint FROM dataset").fetchone()
    if connection.execute("SELECT fingerprint FROM known.dataset").fetchone() != there:
        raise MusicrecError(f"{dataset} was imported anew meanwhile: open it again")


def attach_new(connection: duckdb.DuckDBPyConnection, path: Path, name: str) -> None:
    """Open a database to write to beside what a connection has, under `name`."""
    connection.execute(f"ATTACH {path_literal(path)} AS {name}")


def path_literal(path: Path) -> str:
    """Return a path as text of SQL, for what takes no parameter."""
    return "'" + str(path).replace("'", "''") + "'"
