"""The fields of a CSV file under their names, as views that scripts read without knowing how the file is cut."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

READ = """
    read_csv(
        getvariable('path'), columns = getvariable('types'), header = false, skip = {skip}, delim = ',',
        quote = getvariable('quote'), escape = getvariable('quote'), nullstr = getvariable('no_delimiter'),
        auto_detect = false, strict_mode = true, new_line = '\\n'
    )
"""
CUT = "(SELECT line, fields(line) AS parts FROM lines(getvariable('path')))"
VIEWS = """
    CREATE OR REPLACE TEMP MACRO as_read(line) AS {line};
    CREATE OR REPLACE TEMP VIEW cells AS {cells};
    CREATE OR REPLACE TEMP VIEW placed_cells AS {placed};
"""


def even_cells(columns: Sequence[str], names: Sequence[str], starts: Sequence[int]) -> str:
    """Return SQL for the same views of a file whose lines DuckDB cuts: its columns are `columns` in this order.

    `placed_cells` is read in parts, of which each starts so many lines behind the header, and is numbered for itself:
    a part keeps one thread busy.
    """
    named = ", ".join(f"c{columns.index(name)} AS {name}" if name in columns else absent(name) for name in names)
    places = [f"c{place}" for place in range(len(columns))]
    select = f"SELECT {named}, struct_pack({', '.join(places)}) AS line FROM"
    parts = []
    for start, end in zip(starts, (*starts[1:], None), strict=True):
        limit = "" if end is None else f" LIMIT {end - start}"
        parts.append(placed(f"{select} (SELECT * FROM {READ.format(skip=start + 1)}{limit})", start))
    line = f"concat_ws(',', {', '.join(f'line.{place}' for place in places)})"
    return VIEWS.format(line=line, cells=f"{select} {READ.format(skip=1)}", placed=" UNION ALL ".join(parts))


def cut_cells(ids: Sequence[str], wanted: Sequence[str]) -> str:
    """Return SQL for a view `cells` of `ids`, of what else is `wanted`, NULL where it is absent, and of the lines.

    Lines that do not have their fields have no id. `placed_cells` has the place of each line too, from 0. The macro
    `as_read` makes text of what stands under `line`.
    """
    named = [f"whole_field(parts, '{name}') AS {name}" for name in ids]
    named += [f"field(parts, '{name}') AS {name}" for name in wanted]
    return VIEWS.format(
        line="line", cells=f"SELECT {', '.join(named)}, line FROM {CUT}", placed=placed("FROM cells", 0)
    )


def placed(rows: str, start: int) -> str:
    """Return SQL that numbers rows from `start`."""
    return f"SELECT {start} + row_number() OVER () - 1 AS place, * FROM ({rows})"


def absent(name: str) -> str:
    """Return SQL for a column that the file lacks."""
    return f"CAST(NULL AS VARCHAR) AS {name}"
