"""A dataset's columns as NumPy arrays, ready to become tensors: sorted, dense, no Python object per row."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources
from pathlib import Path
from typing import Literal

import duckdb
import numpy as np
from numpy.typing import NDArray

from musicrec.core.errors import MusicrecError
from musicrec.core.records import Listener
from musicrec.core.tables.sealed import open_empty, open_sealed

Owner = Literal["song", "listener"]
BagKey = tuple[Owner, tuple[str, ...], int, int]  # whose features, which, and read_bags' `seldom` and `buckets`


@dataclass(frozen=True, slots=True)
class PlayColumns:
    """All plays sorted by (listener, position); `split` is 0 train, 1 validation, 2 test; behaviour 0 is unknown."""

    listener: NDArray[np.int32]
    song: NDArray[np.int32]
    behaviour: NDArray[np.int32]
    split: NDArray[np.uint8]
    behaviours: tuple[str, ...]  # the name of code 1, 2, …


@dataclass(frozen=True, slots=True)
class SongColumns:
    """One entry a song: training plays, and length in milliseconds (0 where unknown)."""

    plays: NDArray[np.int32]
    length_ms: NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class BagColumns:
    """(row, code) pairs, each once, sorted: which of `size` feature values each song or listener has."""

    row: NDArray[np.int64]
    code: NDArray[np.int64]
    size: int


def read_plays(path: Path) -> PlayColumns:
    """Read every play of the dataset at `path`."""
    with _reading(path) as connection:
        columns = connection.execute(_statements()["plays"]).fetchnumpy()
        names = connection.execute(_statements()["behaviours"]).fetchall()
    return PlayColumns(
        columns["listener"], columns["song"], columns["behaviour"], columns["split"], tuple(name for (name,) in names)
    )


def read_songs(path: Path) -> SongColumns:
    """Read what every song has."""
    with _reading(path) as connection:
        columns = connection.execute(_statements()["songs"]).fetchnumpy()
    return SongColumns(columns["plays"], columns["length_ms"])


def count_rows(path: Path) -> tuple[int, int]:
    """Count (listeners, songs)."""
    with _reading(path) as connection:
        row = connection.execute("SELECT (SELECT count(*) FROM listeners), (SELECT count(*) FROM songs)").fetchone()
    assert row is not None
    return int(row[0]), int(row[1])


class Vocabulary:
    """The codes of listeners' feature values, for encoding listeners who are not in the dataset as they are there.

    `frequent` maps (position in `fields`, value) to its code. May be used from any thread.
    """

    def __init__(self, fields: Sequence[str], buckets: int, frequent: dict[tuple[int, str], int]) -> None:
        self._fields, self._buckets, self._frequent = tuple(fields), buckets, frequent
        self._connection = open_empty(threads=1)
        self.encode = lru_cache(maxsize=64)(self._encode)

    def _encode(self, facts: Listener) -> tuple[int, ...]:
        """Return the codes that are set, rising: what `read_bags` gives a listener of these facts."""
        asked = {
            name: getattr(facts, name) for name in ("age", "gender", "city", "registered_via", "title", "tags", "likes")
        }
        asked["tags"] = list(facts.tags)
        with self._connection.cursor() as cursor:
            statement = _statements()["encode"].format(values=_statements()["listener_values"])
            found = cursor.execute(statement, asked | {"fields": list(self._fields)}).fetchall()
        rare = len(self._fields) + len(self._frequent)
        known = {
            self._frequent.get((field, value), rare + field * self._buckets + hashed % self._buckets)
            for field, value, hashed in found
        }
        unknown = set(range(len(self._fields))) - {field for field, _, _ in found}
        return tuple(sorted(known | unknown))


def read_bags(path: Path, owner: Owner, fields: Sequence[str], seldom: int, buckets: int) -> BagColumns:
    """Read the multi-hot features of songs or listeners, as the codes that are set.

    Values that fewer than `seldom` songs (or listeners) share are hashed into `buckets` codes a field, so that a table
    over the codes stays small. A song without a value in a field has that field's "unknown" code.
    """
    with _reading(path) as connection:
        frequent, buckets = _prepare(connection, owner, fields, seldom, buckets)
        sizes = {"fields": list(fields), "frequent": frequent, "buckets": buckets}
        pairs = connection.execute(_statements()["bags"], sizes).fetchnumpy()
    rows, size = count_rows(path)[owner == "song"], len(fields) * (1 + buckets) + frequent
    row, field, code = (np.ma.getdata(pairs[name]) for name in ("row", "field", "code"))
    known = np.zeros((rows, len(fields)), dtype=np.bool_)
    known[row, field] = True
    without, unknown = np.nonzero(~known)
    keys = np.concatenate([row.astype(np.int64) * size + code, without * size + unknown])
    keys.sort()
    distinct = np.concatenate([keys[:1] >= 0, keys[1:] != keys[:-1]])  # values that share a bucket are one
    rows_of, codes = np.divmod(keys[distinct], size)
    return BagColumns(rows_of, codes, size)


def read_vocabulary(path: Path, fields: Sequence[str], seldom: int, buckets: int) -> Vocabulary:
    """Read the codes by which `read_bags`, told the same, encodes the listeners of the dataset at `path`."""
    with _reading(path) as connection:
        _, buckets = _prepare(connection, "listener", fields, seldom, buckets)
        rows = connection.execute(_statements()["frequent"]).fetchall()
    return Vocabulary(fields, buckets, {(field, value): code for field, value, code in rows})


def _prepare(
    connection: duckdb.DuckDBPyConnection, owner: Owner, fields: Sequence[str], seldom: int, buckets: int
) -> tuple[int, int]:
    """Make the tables of pairs and vocabulary.

    Returns how many values are frequent, and how many buckets the rare ones fill (at most `buckets`, at least one).
    """
    pairs = _statements()["pairs"].format(values=_statements()[f"{owner}_values"])
    connection.execute(pairs, {"fields": list(fields)})
    connection.execute(_statements()["vocabulary"], {"fields": list(fields), "seldom": seldom})
    found = connection.execute(_statements()["sizes"]).fetchone()
    assert found is not None
    frequent, rare = found
    return frequent, max(1, min(buckets, rare))


@contextmanager
def _reading(path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    try:
        with open_sealed(path) as connection:
            yield connection
    except duckdb.Error as error:
        raise MusicrecError(f"{path} cannot be read: {str(error).splitlines()[0]}") from error


@cache
def _statements() -> dict[str, str]:
    text = resources.files(__package__).joinpath("columns.sql").read_text("utf-8")
    named = (part.split("\n", 1) for part in text.split("-- name: ")[1:])
    return {name.strip(): body.strip() for name, body in named}
