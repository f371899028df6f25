"""Figures of every listener as Parquet: under original ids, so that any other program can read them."""

from __future__ import annotations

import re
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import numpy as np

from musicrec.core.errors import MusicrecError
from musicrec.core.tables.cards import connect
from musicrec.core.tables.sealed import attach, open_unsealed, seal
from musicrec.core.tables.statements import statement

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

_KINDS = {"listener": "VARCHAR", "top": "VARCHAR[]", "held": "VARCHAR[]", "ranks": "BIGINT[]"}  # the rest are metrics
_METRIC = re.compile(r"[^@]+(@[1-9][0-9]{0,8})?")


@dataclass(frozen=True, slots=True)
class Measured:
    """What was measured of each of L listeners: `listeners` (L,) are original ids, rising by dense number.

    `columns` has every metric, float64 (L,); `top` (L,) the original ids of the songs at the first places, best first;
    `held` (L,) those of the held-out songs and `ranks` (L,) where they landed.
    """

    listeners: NDArray[np.object_]
    columns: dict[str, NDArray[np.float64]]
    top: tuple[tuple[str, ...], ...]
    held: tuple[tuple[str, ...], ...]
    ranks: tuple[tuple[int, ...], ...]


def to_measured(
    dataset: Path,
    listeners: NDArray[np.int64],
    columns: dict[str, NDArray[np.float64]],
    lists: NDArray[np.int64],
    owner: NDArray[np.int64],
    held: NDArray[np.int64],
    ranks: NDArray[np.int64],
) -> bytes:
    """Write one row a listener as a Parquet file: `listener`, every metric, `top`, `held`, `ranks`.

    `listeners` (L,), `lists` (L, k) and `held` (P,) hold dense numbers of the dataset at `dataset`; -1 is no song.
    `owner` (P,) in [0, L) says whose `held` is, and `ranks` (P,) where it landed.
    """
    figures = {"listener": listeners, **columns}
    places = {
        "listener": np.repeat(listeners, lists.shape[1]),
        "place": np.tile(np.arange(lists.shape[1]), len(lists)),
        "song": lists.ravel(),
    }
    connect(dataset).close()  # which tells what is wrong with it
    try:
        with tempfile.TemporaryDirectory(prefix="musicrec-") as folder, open_unsealed() as connection:
            attach(connection, dataset)
            connection.execute("USE known")
            seal(connection, folders=[Path(folder)])
            path = Path(folder) / "measured.parquet"
            connection.register("figures", figures)
            connection.register("places", places)
            connection.register("goals", {"listener": listeners[owner], "song": held, "rank": ranks})
            connection.sql(statement("measured/rows")).write_parquet(str(path))
            return path.read_bytes()
    except duckdb.Error as error:
        raise MusicrecError(f"{dataset} cannot be read: {str(error).splitlines()[0]}") from error


def read_measured(path: Path) -> Measured:
    """Read what `to_measured` wrote. Raises MusicrecError where the file is damaged, or holds something else."""
    try:
        with open_unsealed() as connection:
            seal(connection, [path])
            rows = connection.read_parquet(str(path))
            _check_kinds(dict(zip(rows.columns, map(str, rows.types), strict=True)))
            found = rows.fetchnumpy()
        if not len(found["listener"]) or any(np.ma.is_masked(column) for column in found.values()):
            raise ValueError("a value is not there")
        top, held, ranks = (tuple(tuple(row.tolist()) for row in found.pop(name)) for name in ("top", "held", "ranks"))
        _check_lists(top, held, ranks)
        columns = {name: np.ma.getdata(column) for name, column in found.items()}
        return Measured(columns.pop("listener"), columns, top, held, ranks)
    except (duckdb.Error, ValueError) as error:
        raise MusicrecError(f"{path} is damaged: evaluate the run again") from error


def _check_kinds(kinds: dict[str, str]) -> None:
    if missing := _KINDS.keys() - kinds.keys():
        raise ValueError(f"it has no {min(missing)}")
    for name, kind in kinds.items():
        if kind != _KINDS.get(name, "DOUBLE") or not (name in _KINDS or _METRIC.fullmatch(name)):
            raise ValueError(f"{name} is {kind}")


def _check_lists(
    top: Sequence[tuple[str, ...]], held: Sequence[tuple[str, ...]], ranks: Sequence[tuple[int, ...]]
) -> None:
    if any(None in each for each in (*top, *held, *ranks)):
        raise ValueError("a list has a gap")
    if any(len(songs) != len(places) or min(places, default=1) < 1 for songs, places in zip(held, ranks, strict=True)):
        raise ValueError("held-out songs and their ranks do not go together")
