"""What is known of listeners and songs under their original ids, for figures by slice."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import numpy.typing as npt

from musicrec.core.errors import MusicrecError
from musicrec.core.tables.cards import connect
from musicrec.core.tables.statements import statement


@dataclass(frozen=True, slots=True)
class ListenerTraits:
    """Facts of a listener; `plays` are those before the split that is asked about."""

    plays: int
    age: int | None
    gender: str | None
    city: str | None


@dataclass(frozen=True, slots=True)
class SongTraits:
    """Facts of a song; songs are numbered by falling training plays."""

    number: int
    language: str | None
    genres: tuple[str, ...]


def listener_traits(dataset: Path, split: str) -> dict[str, ListenerTraits]:
    """Read what is known of every listener of the dataset at `dataset` before `split`, by original id."""
    with _answer(dataset, "past", {"split": split}) as answer:
        past = dict(answer.fetchall())
    with _answer(dataset, "listeners") as answer:
        return {who: ListenerTraits(past[who], *facts) for who, *facts in answer.fetchall()}


def song_traits(dataset: Path, ids: Collection[str]) -> dict[str, SongTraits]:
    """Read what is known of songs of the dataset at `dataset`, by original id, but those that it has not."""
    with _answer(dataset, "songs", {"ids": list(ids)}) as answer:
        rows = answer.fetchall()
    return {song: SongTraits(number, language, tuple(genres)) for song, number, language, genres in rows}


def song_plays(dataset: Path) -> npt.NDArray[np.int64]:
    """Read how often each song of the dataset at `dataset` was played in training: (S,), falling."""
    with _answer(dataset, "song_plays") as answer:
        plays: npt.NDArray[np.int64] = answer.fetchnumpy()["plays"]
    return plays


@contextmanager
def _answer(dataset: Path, name: str, values: dict[str, Any] | None = None) -> Iterator[duckdb.DuckDBPyConnection]:
    connection = connect(dataset)
    try:
        yield connection.execute(statement(f"traits/{name}"), values or {})
    except duckdb.Error as error:
        raise MusicrecError(f"{dataset} cannot be read: {str(error).splitlines()[0]}") from error
    finally:
        connection.close()
