"""Questions to one dataset file from any thread."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import duckdb
import numpy as np

from musicrec.core.errors import Interrupted, MusicrecError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray


_STEP, _STEPS = 0.05, 100  # seconds between two calls to stop, and how many of them


class Reader:
    """A dataset file, open for reading. Each question has a cursor of its own.

    Raises MusicrecError where the file cannot be read, and Interrupted where `close` called a question off.
    """

    def __init__(self, path: Path, connection: duckdb.DuckDBPyConnection) -> None:
        self.path = path
        self._connection = connection
        self._turn = threading.Condition()
        self._busy: set[duckdb.DuckDBPyConnection] = set()
        self._closed = False

    def close(self) -> None:
        """Close the dataset for good: questions that are being answered are called off, and later ones refused."""
        with self._turn:
            self._closed = True
            for _ in range(_STEPS):
                if not self._busy:
                    self._connection.close()
                    return
                for cursor in self._busy:
                    cursor.interrupt()  # again and again: what has not quite begun takes no notice
                self._turn.wait(_STEP)

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
            with self._turn:
                if self._closed:
                    raise Interrupted(f"{self.path} was closed")
                cursor = self._connection.cursor()
                self._busy.add(cursor)
            try:
                yield cursor
            finally:
                with self._turn:
                    cursor.close()
                    self._busy.discard(cursor)
                    self._turn.notify_all()
        except duckdb.InterruptException as error:
            raise Interrupted(f"{self.path} was closed") from error
        except duckdb.Error as error:
            raise MusicrecError(f"{self.path} cannot be read: {str(error).splitlines()[0]}") from error
