"""What is known of the datasets in a folder without reading their tables."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

import duckdb

from musicrec.core.errors import MusicrecError, NotFound
from musicrec.core.records import DatasetCard, SourceFile
from musicrec.core.tables.sealed import open_sealed
from musicrec.core.tables.statements import statement

if TYPE_CHECKING:
    from pathlib import Path

    from musicrec.core.places import Places

VERSION = 1  # of schema.sql


@dataclass(frozen=True, slots=True)
class BrokenDataset:
    """A file among the datasets that cannot be used, and why."""

    name: str
    problem: str


def connect(path: Path) -> duckdb.DuckDBPyConnection:
    """Open a dataset read-only, as any number of processes may at a time.

    Raises NotFound where there is none, MusicrecError where the file is no database or another process writes to it.
    """
    if not path.is_file():
        raise NotFound(f"there is no dataset at {path}: make one with musicrec import")
    try:
        return open_sealed(path)
    except duckdb.Error as error:
        why = "another program writes to it" if "lock" in str(error) else "it is damaged or no dataset"
        raise MusicrecError(f"{path} cannot be opened: {why}; import it anew with --replace") from error


def read_card(connection: duckdb.DuckDBPyConnection, path: Path) -> DatasetCard:
    """Return the card of the dataset at `path`, which goes by the name of its file.

    Raises MusicrecError where it holds none, or one of another version.
    """
    try:
        row = connection.execute(statement("catalogue/dataset")).fetchone()
    except duckdb.Error as error:
        raise MusicrecError(
            f"{path} is a database but no dataset of musicrec: make one with musicrec import"
        ) from error
    if row is None:
        raise MusicrecError(f"{path} holds no dataset: import it anew with --replace")
    _, shape, version, fingerprint, created, split, sources, options, counts = row
    if version != VERSION:
        raise MusicrecError(
            f"{path} has version {version} of the tables, this musicrec reads {VERSION}: import it anew with --replace"
        )
    return DatasetCard(
        name=path.stem,
        format=shape,
        version=version,
        fingerprint=fingerprint,
        created=created,
        split=split,
        sources=tuple(SourceFile(**source) for source in sources),
        options=json.loads(options),
        counts=json.loads(counts),
        bytes=path.stat().st_size,
    )


def datasets(places: Places) -> tuple[DatasetCard | BrokenDataset, ...]:
    """Return the datasets in the data folder by name; a file that cannot be used is told with its problem."""
    found = sorted(path for path in places.data.glob("*.duckdb") if path.is_file())
    return tuple(card_of(path) for path in found)


def card_of(path: Path) -> DatasetCard | BrokenDataset:
    """Return the card of the dataset at `path`, or what is wrong with it."""
    try:
        connection = connect(path)
        try:
            return read_card(connection, path)
        finally:
            connection.close()
    except MusicrecError as error:
        return BrokenDataset(path.stem, str(error))
