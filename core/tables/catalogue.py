"""The read-only door to one dataset: listeners, songs and plays as frozen records, from any thread."""

from __future__ import annotations

import random
import threading
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import duckdb
import numpy as np

from musicrec.core.errors import MusicrecError, NotFound
from musicrec.core.records import DatasetCard, Listener, Page, Play, Song
from musicrec.core.tables.cards import BrokenDataset, connect, datasets, read_card
from musicrec.core.tables.matching import Matcher, quoted
from musicrec.core.tables.orders import Table
from musicrec.core.tables.queries import bindable
from musicrec.core.tables.recent import Recent
from musicrec.core.tables.statements import statement
from musicrec.core.text import fold

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

__all__ = ["BrokenDataset", "Catalogue", "Reject", "datasets", "open_catalogue"]

_KEPT = 20_000  # songs kept in memory, and listeners


@dataclass(frozen=True, slots=True)
class Reject:
    """A row of a source file that could not be used. `line` counts lines, or in JSON the records, from 1."""

    file: str
    line: int | None
    column: str | None
    reason: str
    text: str | None


def open_catalogue(path: Path) -> Catalogue:
    """Open the dataset at `path`.

    Raises NotFound where there is none and MusicrecError where the file is damaged, no dataset or of another version.
    """
    connection = connect(path)
    try:
        return Catalogue(path, connection, read_card(connection, path))
    except MusicrecError:
        connection.close()
        raise


class Catalogue(Matcher):
    """One dataset, open for reading. Every method may be called from any thread; each call has a cursor of its own.

    `listener` and `song` are numbers here where they are dense numbers, and `id` is the original id. Methods raise
    MusicrecError where the file cannot be read, and Interrupted where `close` called them off.
    """

    def __init__(self, path: Path, connection: duckdb.DuckDBPyConnection, card: DatasetCard) -> None:
        super().__init__(path, connection, card)
        self._songs: Recent[int, Song] = Recent(_KEPT)
        self._numbers_by_id: Recent[str, int] = Recent(_KEPT)
        self._listeners: Recent[str, Listener] = Recent(_KEPT)
        self._plays: Recent[int, tuple[Play, ...]] = Recent(16)
        self._reading_plays = threading.Lock()

    def find_listeners(
        self, query: str = "", limit: int = 200, offset: int = 0, sort: str = "plays", reverse: bool = False
    ) -> Page[Listener]:
        """Return listeners, by falling plays if not told otherwise; see `queries` for the language.

        `orders` has the sorts; unknown values come last either way. Raises UsageError for a wrong filter or sort.
        """
        numbers = self._order(("listeners", query, sort, reverse))
        return Page(self._listeners_at(numbers[offset : offset + limit].tolist()), len(numbers), offset)

    def find_songs(
        self, query: str = "", limit: int = 200, offset: int = 0, sort: str = "plays", reverse: bool = False
    ) -> Page[Song]:
        """Return songs, by falling training plays if not told otherwise; all else as with listeners."""
        numbers = self._order(("songs", query, sort, reverse))
        return Page(self.song_at(numbers[offset : offset + limit].tolist()), len(numbers), offset)

    def random_listener(self, query: str = "") -> Listener:
        """Return any of the matching listeners with plays, each as likely. Raises NotFound where there is none."""
        numbers = self._order(("listeners", query, "plays", False))
        active = int(np.searchsorted(numbers, self._active))  # the dense numbers of those without plays are the last
        if not active:
            raise NotFound(f"no listener with plays matches {quoted(query)}" if query else "no listener has plays")
        return self.listener_at(int(numbers[random.randrange(active)]))

    def players(self, song: int, limit: int = 100, offset: int = 0) -> Page[Listener]:
        """Return who has the song with this dense number among their training plays, most active ones first."""
        rows = self._rows(statement("catalogue/players"), [int(song)])
        return Page(self._listeners_at([row[0] for row in rows[offset : offset + limit]]), len(rows), offset)

    def listener(self, id: str) -> Listener:
        """Return the listener with this original id. Raises NotFound naming three that are near."""
        wanted = bindable(id)
        return self._listeners.get(wanted, lambda: self._read_listener(wanted))

    def song(self, id: str) -> Song:
        """Return the song with this original id. Raises NotFound naming three that are near."""
        wanted = bindable(id)
        known = self._numbers_by_id.those([wanted]).get(wanted)
        for song in self.song_at(self._songs_hashed_like(wanted) if known is None else [known]):
            if song.id == wanted:
                return song
        raise NotFound(f"there is no song {quoted(id)}{self._near('songs', id)}")

    def listener_at(self, listener: int) -> Listener:
        """Return the listener with this dense number. Raises NotFound."""
        rows = self._rows(f"{statement('catalogue/listeners')} WHERE listener = ?", [int(listener)])
        if not rows:
            raise NotFound(f"there is no listener number {listener}: {self.card.name} has {self.card.listeners:,}")
        return _listener(rows[0])

    def song_at(self, songs: Sequence[int]) -> tuple[Song, ...]:
        """Return the songs with these dense numbers, in the order asked for. Raises NotFound."""
        numbers = [int(number) for number in songs]
        found = self._songs.those(numbers)
        if missing := sorted(set(numbers) - set(found)):
            read = {row[0]: _song(row) for row in self._numbered("songs", missing)}
            if len(read) <= _KEPT // 10:  # a whole catalogue on its way to a file would push out all the others
                self._songs.keep(read)
                self._numbers_by_id.keep({song.id: number for number, song in read.items()})
            found |= read
        for number in numbers:
            if number not in found:
                raise NotFound(f"there is no song number {number}: {self.card.name} has {self.card.songs:,}")
        return tuple(found[number] for number in numbers)

    def plays(self, listener: int) -> tuple[Play, ...]:
        """Return all plays of the listener with this dense number, oldest first, held-out ones included."""
        with self._reading_plays:  # several ask for the same ones at the same moment: one reads them
            return self._plays.get(listener, lambda: self._read_plays(listener))

    def genres_of(self, songs: Iterable[int]) -> frozenset[str]:
        """Return the names of all genres that any of these songs bears."""
        return frozenset(name for (name,) in self._rows(statement("catalogue/genres_of"), [list(songs)]))

    def _read_plays(self, listener: int) -> tuple[Play, ...]:
        rows = self._rows(statement("catalogue/plays"), [int(listener)])
        songs = self.song_at([row[6] for row in rows])
        return tuple(
            Play(position, song, behaviour, screen, source, repeated, split)
            for (position, behaviour, screen, source, repeated, split, _), song in zip(rows, songs, strict=True)
        )

    def rejects(self, limit: int) -> Page[Reject]:
        """Return the first rows of the source files that could not be used."""
        total = self.card.counts["rejects"]
        rows = self._rows(statement("catalogue/rejects"), [min(limit, total)])
        return Page(tuple(Reject(*row) for row in rows), total)

    def _songs_hashed_like(self, id: str) -> list[int]:
        (hashed,) = self._rows("SELECT hash(?::VARCHAR)", [id])[0]
        found: list[int] = np.flatnonzero(self._hashes == np.uint64(hashed)).tolist()
        return found

    @cached_property
    def _hashes(self) -> NDArray[np.uint64]:
        with self._cursor() as cursor:
            found = cursor.execute("SELECT hash(id) AS hashed FROM songs ORDER BY song").fetchnumpy()
        return np.asarray(found["hashed"], dtype=np.uint64)

    def _read_listener(self, id: str) -> Listener:
        rows = self._rows(f"{statement('catalogue/listeners')} WHERE id = ?", [id])
        if not rows:
            raise NotFound(f"there is no listener {quoted(id)}{self._near('listeners', id)}")
        return _listener(rows[0])

    def _listeners_at(self, numbers: list[int]) -> tuple[Listener, ...]:
        found = {row[0]: _listener(row) for row in self._numbered("listeners", numbers)}
        if len(found) <= _KEPT // 10:  # not all of them on their way to a file
            self._listeners.keep({listener.id: listener for listener in found.values()})
        return tuple(found[number] for number in numbers)

    @cached_property
    def _active(self) -> int:
        return int(self._rows("SELECT count(*) FROM listeners WHERE plays > 0")[0][0])

    def _numbered(self, table: Table, numbers: list[int]) -> list[tuple[Any, ...]]:
        if not numbers:
            return []
        sql, number = statement(f"catalogue/{table}"), table.removesuffix("s")
        low, high = min(numbers), max(numbers)
        if high - low < 2 * len(numbers):  # rows lie by number: a stretch of them is read at once
            return self._rows(f"{sql} WHERE {number} BETWEEN ? AND ?", [low, high])
        return self._rows(f"{sql} WHERE {number} IN (SELECT unnest(?))", [numbers])

    def _near(self, table: str, id: str) -> str:
        rows = self._rows(statement(f"catalogue/near_{table}"), {"folded": fold(bindable(id))})
        shown = ", ".join(f"{near} ({title})" if title else near for near, title in rows)
        return f"; near: {shown}" if shown else ""


def _song(row: tuple[Any, ...]) -> Song:
    return Song(*_frozen(row))


def _listener(row: tuple[Any, ...]) -> Listener:
    return Listener(*_frozen(row))


def _frozen(row: tuple[Any, ...]) -> list[Any]:
    return [tuple(value) if isinstance(value, list) else value for value in row]
