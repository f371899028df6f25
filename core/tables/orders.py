"""In which orders lists can be read: the SQL of each sort."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from musicrec.core.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    from numpy.typing import NDArray

Table = Literal["listeners", "songs"]
Order = tuple[Table, str, str, bool]  # the table, a query, a sort, and whether it is turned round


def _natural(column: str) -> tuple[str, ...]:
    """Numbers by their value and before all else, the rest as text."""
    return f"{column} IS NOT NULL AND TRY_CAST({column} AS BIGINT) IS NULL", f"TRY_CAST({column} AS BIGINT)", column


# `search` holds its fields line by line, folded. Most plays come first, which is the order of the dense numbers.
_PLAYS = ("-plays",)
_FIRST, _SECOND = ("nullif(split_part(search, chr(10), 1), '')",), ("nullif(split_part(search, chr(10), 2), '')",)
SORTS: dict[Table, Mapping[str, tuple[str, ...]]] = {
    "listeners": {
        "plays": _PLAYS,
        "id": _natural("id"),
        "title": _FIRST,
        "age": ("age",),
        "city": _natural("city"),
        "gender": ("gender",),
        "registered": ("registered",),
        "likes": ("likes",),
    },
    "songs": {
        "plays": _PLAYS,
        "title": _FIRST,
        "artist": _SECOND,
        "genre": _natural("genre_names[1]"),
        "language": _natural("language"),
        "year": ("released // 10000",),
        "length": ("length_ms",),
        "id": _natural("id"),
    },
}


def order_by(table: Table, sort: str, reverse: bool) -> str:
    """Return what goes behind ORDER BY: unknown values last either way, ties by dense number.

    Raises UsageError naming the sorts that there are.
    """
    known = SORTS[table]
    if sort not in known:
        raise UsageError(f"{table} cannot be sorted by {sort!r}: sort by {', '.join(known)}")
    keys, turn = known[sort], "DESC" if reverse else "ASC"
    unknown = f"{keys[-1]} IS NULL"
    return ", ".join((unknown, *(f"{key} {turn} NULLS LAST" for key in keys), table.removesuffix("s")))


def sifted(order: NDArray[np.int32], matches: NDArray[np.int32]) -> NDArray[np.int32]:
    """Return those numbers of `order`, which holds 0 to n - 1, that are among `matches`, in its order."""
    import numpy as np

    wanted = np.zeros(len(order), dtype=np.bool_)
    wanted[matches] = True
    return order[wanted[order]]
