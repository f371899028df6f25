"""The SQL that ships beside these modules."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from duckdb import DuckDBPyConnection


@cache
def statement(name: str) -> str:
    """Return the text of sql/`name`.sql, or of schema.sql, which stands above the others."""
    folder = files("musicrec.core.tables")
    path = f"{name}.sql" if name == "schema" else f"sql/{name}.sql"
    return folder.joinpath(path).read_text(encoding="utf-8")


def run_script(connection: DuckDBPyConnection, name: str, /, **values: object) -> list[tuple[object, ...]]:
    """Run every statement of `name`.sql and return the rows of the last one.

    `values` are what the script reads with getvariable(); they stay set for the scripts after it.
    """
    set_variables(connection, values)
    return connection.execute(statement(name)).fetchall()


def set_variables(connection: DuckDBPyConnection, values: Mapping[str, object]) -> None:
    """Set what scripts read with getvariable()."""
    for variable, value in values.items():
        connection.execute(f"SET VARIABLE {variable} = $value", {"value": value})
