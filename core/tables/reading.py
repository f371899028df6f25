"""Questions to one dataset file from any thread."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import duckdb
import numpy as np

from musicrec.core.errors import MusicrecError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray


class Interrupted(MusicrecError):
    """A question was called off by Reader.interrupt."""


class Reader:
    """A dataset file, open for reading. Each question has a cursor of its own.

    Raises MusicrecError where the file cannot be read, and Interrupted where `interrupt` called a question off.
    """

    def __init__(self, path: Path, connection: duckdb.DuckDBPyConnection) -> None:
        self.path = path
        self._connection = connection
        self._lock = threading.Lock()
        self._busy: set[duckdb.DuckDBPyConnection] = set()

    def interrupt(self) -> None:
        """Call off every question that is being answered; their callers get Interrupted."""
        with self._lock:
            for cursor in self._busy:
                cursor.interrupt()

    def close(self) -> None:
        """Close the dataset; no method may be called after."""
        self._connection.close()

    def _numbers(self, sql: str, values: object = None) -> NDArray[np.int32]:
        with self._cursor() as cursor:
            found = cursor.execute(sql, values).fetchnumpy()
        numbers = np.array(found["number"], dtype=np.int32)
        numbers.flags.writeable = False
        return numbers

    def _rows(self, sql: str, values: object = None) -> list[tuple[Any, ...]]:
        with self._cursor() as cursor:
            return cursor.execute(sql, values).fetchall()

    @contextmanager
    def _cursor(self) -> Iterator[duckdb.DuckDBPyConnection]:
        try:
            cursor = self._connection.cursor()
            with self._lock:
                self._busy.add(cursor)
            try:
                yield cursor
            finally:
                with self._lock:
                    self._busy.discard(cursor)
                cursor.close()
        except duckdb.InterruptException as error:
            raise Interrupted("the question was called off") from error
        except duckdb.Error as error:
            raise MusicrecError(f"{self.path} cannot be read: {str(error).splitlines()[0]}") from error
