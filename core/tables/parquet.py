"""Tables as Parquet, written by DuckDB."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from musicrec.core.tables.queries import bindable
from musicrec.core.tables.sealed import open_unsealed, seal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from musicrec.core.tabular import Cell, Sheet


def to_parquet(sheet: Sheet) -> bytes:
    """Write the rows as a Parquet file: columns of whole numbers, of numbers, or of text, each with gaps."""
    columns = list(zip(*sheet.rows, strict=True)) or [()] * len(sheet.columns)
    kinds = [_kind(column) for column in columns]
    values = [[_as(cell, kind) for cell in column] for column, kind in zip(columns, kinds, strict=True)]
    selected = ", ".join(
        f"unnest(CAST(? AS {kind}[])) AS {_name(name)}" for name, kind in zip(sheet.columns, kinds, strict=True)
    )
    with tempfile.TemporaryDirectory(prefix="musicrec-") as folder, open_unsealed() as connection:
        seal(connection, folders=[Path(folder)])
        path = Path(folder) / "sheet.parquet"
        connection.execute(f"CREATE TABLE sheet AS SELECT {selected}", values)
        connection.table("sheet").write_parquet(str(path))
        return path.read_bytes()


def _kind(column: Sequence[Cell]) -> str:
    known = [cell for cell in column if cell is not None]
    if known and all(isinstance(cell, int) for cell in known):
        return "BIGINT"
    return "DOUBLE" if known and all(isinstance(cell, int | float) for cell in known) else "VARCHAR"


def _as(cell: Cell, kind: str) -> Cell:
    return cell if cell is None or kind != "VARCHAR" else bindable(str(cell))


def _name(column: str) -> str:
    return '"' + column.replace('"', '""') + '"'
