"""The fields of a CSV file under their names, as a view that scripts read without knowing how the file is cut."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

READ = """
    read_csv(
        getvariable('path'), columns = getvariable('types'), header = false, skip = 1, delim = ',',
        quote = getvariable('quote'), escape = getvariable('quote'), nullstr = getvariable('no_delimiter'),
        auto_detect = false, strict_mode = true, new_line = '\\n'
    )
"""
CUT = "(SELECT line, fields(line) AS parts FROM lines(getvariable('path')))"


def cells(columns: Sequence[str], ids: Sequence[str], wanted: Sequence[str], even: bool) -> str:
    """Return SQL for a view `cells` of `ids`, of what else is `wanted`, NULL where it is absent, and of the lines.

    DuckDB cuts the lines of an `even` file, whose columns are `columns` in this order. Lines of others that do not have
    their fields have no id.
    """
    if even:
        named = [f"c{columns.index(name)} AS {name}" if name in columns else absent(name) for name in (*ids, *wanted)]
        line = f"concat_ws(',', {', '.join(f'c{place}' for place in range(len(columns)))})"
        return f"CREATE OR REPLACE TEMP VIEW cells AS SELECT {', '.join(named)}, {line} AS line FROM {READ}"
    named = [f"whole_field(parts, '{name}') AS {name}" for name in ids]
    named += [f"field(parts, '{name}') AS {name}" for name in wanted]
    return f"CREATE OR REPLACE TEMP VIEW cells AS SELECT {', '.join(named)}, line FROM {CUT}"


def absent(name: str) -> str:
    """Return SQL for a column that the file lacks."""
    return f"CAST(NULL AS VARCHAR) AS {name}"
