"""Figures of every listener as Parquet: under original ids, so that any other program can read them."""

from __future__ import annotations

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
    from numpy.typing import NDArray


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
    """Read what `to_measured` wrote. Raises MusicrecError where the file is damaged."""
    try:
        with open_unsealed() as connection:
            seal(connection, [path])
            found = connection.read_parquet(str(path)).fetchnumpy()
        top, held, ranks = (tuple(tuple(row.tolist()) for row in found.pop(name)) for name in ("top", "held", "ranks"))
        return Measured(found.pop("listener"), {name: np.ma.getdata(found[name]) for name in found}, top, held, ranks)
    except (duckdb.Error, KeyError, TypeError) as error:
        raise MusicrecError(f"{path} is damaged: evaluate the run again") from error
