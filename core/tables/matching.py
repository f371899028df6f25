"""Which listeners and songs match a query or filters, and in what order: by their dense numbers."""

from __future__ import annotations

from difflib import get_close_matches
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from musicrec.core.errors import NotFound
from musicrec.core.tables.orders import Order, Table, order_by, sifted
from musicrec.core.tables.queries import LISTENER_FILTERS, SONG_FILTERS, Condition, conditions
from musicrec.core.tables.reading import Reader
from musicrec.core.tables.recent import Recent
from musicrec.core.tables.statements import statement
from musicrec.core.text import fold

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    import duckdb
    from numpy.typing import NDArray

    from musicrec.core.records import DatasetCard


class Matcher(Reader):
    """A dataset file, open for questions about what matches; the last answers are kept."""

    def __init__(self, path: Path, connection: duckdb.DuckDBPyConnection, card: DatasetCard) -> None:
        super().__init__(path, connection)
        self.card = card
        self._orders: Recent[Order, NDArray[np.int32]] = Recent(16)

    def place_of_listener(
        self, listener: int, query: str = "", sort: str = "plays", reverse: bool = False
    ) -> int | None:
        """Return where `find_listeners` has the listener with this dense number, None where it does not match."""
        return _place(self._order(("listeners", query, sort, reverse)), listener)

    def place_of_song(self, song: int, query: str = "", sort: str = "plays", reverse: bool = False) -> int | None:
        """Return where `find_songs` has the song with this dense number, None where it does not match."""
        return _place(self._order(("songs", query, sort, reverse)), song)

    def genres(self) -> tuple[tuple[str, int], ...]:
        """Return the genres by name with the songs that bear each, most songs first."""
        return self._genre_names

    def languages(self) -> tuple[tuple[str, int], ...]:
        """Return the languages with the songs in each, most songs first."""
        return self._languages

    def songs_matching(
        self,
        genre: str | None = None,
        language: str | None = None,
        first_year: int | None = None,
        last_year: int | None = None,
    ) -> NDArray[np.int64]:
        """Return the dense numbers, rising, of the songs of a genre (name or code), a language and years of release.

        Both years are included; a song without a date is in none. Raises NotFound naming near ones where the dataset
        has no such genre or language.
        """
        codes = [(code, (code, name)) for code, name, _ in self._genres]
        tongues = [(language, (language,)) for language, _ in self._languages]
        wanted = {
            "genres": None if genre is None else _chosen("genre", genre, codes),
            "languages": None if language is None else _chosen("language", language, tongues),
            "first_year": first_year,
            "last_year": last_year,
        }
        with self._cursor() as cursor:
            found = cursor.execute(statement("catalogue/matching"), wanted).fetchnumpy()
        return np.asarray(found["song"], dtype=np.int64)

    @cached_property
    def _genres(self) -> tuple[tuple[str, str, int], ...]:
        return tuple((code, name, songs) for code, name, songs in self._rows(statement("catalogue/genres")))

    @cached_property
    def _genre_names(self) -> tuple[tuple[str, int], ...]:
        return tuple((name, songs) for name, songs in self._rows(statement("catalogue/genre_names")))

    @cached_property
    def _languages(self) -> tuple[tuple[str, int], ...]:
        return tuple((language, songs) for language, songs in self._rows(statement("catalogue/languages")))

    def _order(self, order: Order) -> NDArray[np.int32]:
        """Dense numbers of all that match, sorted."""
        return self._orders.get(order, lambda: self._work_out(*order))

    def _work_out(self, table: Table, query: str, sort: str, reverse: bool) -> NDArray[np.int32]:
        number, by = table.removesuffix("s"), order_by(table, sort, reverse)
        by_plays = sort == "plays" and not reverse
        if not query.strip():
            if by_plays:
                return np.arange(self.card.counts[table], dtype=np.int32)
            return self._numbers(f"SELECT {number} AS number FROM {table} ORDER BY {by}")
        if not by_plays:
            return sifted(self._order((table, "", sort, reverse)), self._order((table, query, "plays", False)))
        wanted = self._conditions(table, query)
        where = " AND ".join(f"({condition.sql})" for condition in wanted) or "true"
        values = [value for condition in wanted for value in condition.values]
        return self._numbers(f"SELECT {number} AS number FROM {table} WHERE {where} ORDER BY {number}", values)

    def _conditions(self, table: Table, query: str) -> tuple[Condition, ...]:
        if table == "listeners":
            return conditions(query, LISTENER_FILTERS)
        asked = "genre:" in query.lower()  # their names take a moment to be read
        return conditions(query, SONG_FILTERS, [(code, name) for code, name, _ in self._genres] if asked else ())


def quoted(id: str) -> str:
    """Return an id or a name as a message has it: in quotes, and cut where it is long."""
    return repr(id if len(id) <= 80 else f"{id[:80]}…")


def _place(order: NDArray[np.int32], number: int) -> int | None:
    places = np.flatnonzero(order == number)
    return int(places[0]) if len(places) else None


def _chosen(what: str, value: str, known: Iterable[tuple[str, tuple[str, ...]]]) -> list[str]:
    """Return the codes that go by `value`. Raises NotFound naming those that come near."""
    names = [(code, name) for code, spelled in known for name in spelled]
    chosen = sorted({code for code, name in names if fold(name) == fold(value)})
    if not chosen:
        near = get_close_matches(fold(value), list(dict.fromkeys(fold(name) for _, name in names)), n=3, cutoff=0.0)
        raise NotFound(f"there is no {what} {quoted(value)}" + (f"; near: {', '.join(near)}" if near else ""))
    return chosen
