"""What is known of all listeners and songs under their original ids, for figures by slice."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

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
    """Facts of a song; `plays` are training plays."""

    plays: int
    language: str | None
    genres: tuple[str, ...]


def listener_traits(dataset: Path, split: str) -> dict[str, ListenerTraits]:
    """Read what is known of every listener of the dataset at `dataset` before `split`, by original id."""
    past = dict(_rows(dataset, "past", {"split": split}))
    return {who: ListenerTraits(past[who], *facts) for who, *facts in _rows(dataset, "listeners")}


def song_traits(dataset: Path) -> dict[str, SongTraits]:
    """Read what is known of every song of the dataset at `dataset`, by original id, by falling training plays."""
    rows = _rows(dataset, "songs")
    return {song: SongTraits(plays, language, tuple(genres)) for song, plays, language, genres in rows}


def _rows(dataset: Path, name: str, values: dict[str, str] | None = None) -> list[Any]:
    connection = connect(dataset)
    try:
        return connection.execute(statement(f"traits/{name}"), values or {}).fetchall()
    except duckdb.Error as error:
        raise MusicrecError(f"{dataset} cannot be read: {str(error).splitlines()[0]}") from error
    finally:
        connection.close()
