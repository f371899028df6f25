"""Columns of a dataset that are read in a thread of their own, while whoever needs them still makes ready."""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

from musicrec.core.tables.columns import (
    BagColumns,
    BagKey,
    PlayColumns,
    SongColumns,
    count_rows,
    read_bags,
    read_plays,
    read_songs,
)

Tables = tuple[PlayColumns, SongColumns, tuple[int, int]]


class Ahead:
    """Reads the plays, the songs and these bags one after another; whoever asks for one waits until it is there.

    Each is handed out once, and not kept. Not to be shared by threads.
    """

    def __init__(self, path: Path, bags: Iterable[BagKey] = ()) -> None:
        thread = ThreadPoolExecutor(1, thread_name_prefix="reading-ahead")
        self._tables: Future[Tables] | None = thread.submit(_read_tables, path)
        self._bags = {key: thread.submit(read_bags, path, *key) for key in bags}
        thread.shutdown(wait=False)

    def tables(self) -> Tables:
        """Return all plays, what every song has, and how many (listeners, songs) there are. May be asked for once."""
        assert self._tables is not None
        tables, self._tables = self._tables, None
        return tables.result()

    def bags(self, key: BagKey) -> BagColumns | None:
        """Return a bag if it is being read."""
        bag = self._bags.pop(key, None)
        return None if bag is None else bag.result()


def _read_tables(path: Path) -> Tables:
    return read_plays(path), read_songs(path), count_rows(path)
