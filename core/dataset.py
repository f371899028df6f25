"""A dataset as tensors: made once from the tables, then everything runs on these."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from musicrec.core.ragged import Ragged, offsets_of
from musicrec.core.records import DatasetCard, Listener
from musicrec.core.tables.ahead import Ahead
from musicrec.core.tables.columns import BagKey, Owner, Vocabulary, read_bags, read_vocabulary

TRAIN, VALIDATION, TEST = 0, 1, 2
Held = Literal["validation", "test"]
_CODE: dict[Held, int] = {"validation": VALIDATION, "test": TEST}


@dataclass(frozen=True, slots=True)
class Bags:
    """Multi-hot features: row r has the codes `bags.values[offsets[r]:offsets[r + 1]]`, each below `size`."""

    bags: Ragged
    size: int


@dataclass(frozen=True, slots=True)
class Listeners:
    """A batch of listener states: who they are, and what they played so far, oldest first.

    `ids` int64 (B,) are dense listeners, -1 where the listener was not there in training; `songs` and `behaviours` are
    rows of equal lengths. `static`, where given, replaces the listeners' features from the dataset, and `vectors`
    (B, D) the vectors that a model learned of them.
    """

    ids: Tensor
    songs: Ragged
    behaviours: Ragged
    static: Ragged | None = None
    vectors: Tensor | None = None

    def __len__(self) -> int:
        return len(self.ids)

    def to(self, device: torch.device) -> Listeners:
        """Move to a device."""
        static = None if self.static is None else self.static.to(device)
        vectors = None if self.vectors is None else self.vectors.to(device)
        return Listeners(self.ids.to(device), self.songs.to(device), self.behaviours.to(device), static, vectors)


@dataclass(frozen=True)
class Dataset:
    """Plays of L listeners over S songs.

    `songs` (N,) int64, `behaviours` (N,) int64 and `split` (N,) uint8 are rows of `offsets` (L + 1,), oldest play
    first. `popularity` (S,) counts training plays, `lengths` (S,) is in milliseconds with 0 for unknown. Song and
    listener features come from the file on demand.
    """

    name: str
    fingerprint: str
    listener_count: int
    song_count: int
    offsets: Tensor
    songs: Tensor
    behaviours: Tensor
    split: Tensor
    behaviour_names: tuple[str, ...]
    popularity: Tensor
    lengths: Tensor
    path: Path | None = None
    _ahead: Ahead | None = field(default=None, repr=False)
    _bags: dict[BagKey, Bags] = field(default_factory=dict, repr=False)
    _vocabularies: dict[tuple[tuple[str, ...], int, int], Vocabulary] = field(default_factory=dict, repr=False)

    @classmethod
    def load(cls, path: Path, card: DatasetCard, ahead: Ahead | None = None) -> Dataset:
        """Read the dataset file at `path`, or take what is read of it already."""
        reading = ahead or Ahead(path)
        plays, songs, (listener_count, song_count) = reading.tables()
        lengths = np.bincount(plays.listener, minlength=listener_count)
        return cls(
            name=card.name,
            fingerprint=card.fingerprint,
            listener_count=listener_count,
            song_count=song_count,
            offsets=offsets_of(torch.from_numpy(lengths)),
            songs=_int64(plays.song),
            behaviours=_int64(plays.behaviour),
            split=torch.from_numpy(_plain(plays.split)),
            behaviour_names=plays.behaviours,
            popularity=torch.from_numpy(_plain(songs.plays)).float(),
            lengths=torch.from_numpy(_plain(songs.length_ms)).float(),
            path=path,
            _ahead=reading,
        )

    def past(self, held: Held) -> Listeners:
        """Every listener as they were before the `held` plays: training plays, for test the validation plays too."""
        rows, seen = Ragged(self.songs, self.offsets), self.split < _CODE[held]
        behaviours = Ragged(self.behaviours, self.offsets)
        return Listeners(torch.arange(self.listener_count), rows.keep(seen), behaviours.keep(seen))

    def held_out(self, held: Held) -> Ragged:
        """The songs kept back from every listener."""
        return Ragged(self.songs, self.offsets).keep(self.split == _CODE[held])

    def bags(self, owner: Owner, fields: Sequence[str], seldom: int, buckets: int) -> Bags:
        """Features of songs or listeners; see `tables.columns.read_bags`. Raises ValueError without a file behind."""
        key: BagKey = (owner, tuple(fields), seldom, buckets)
        if key not in self._bags:
            if self.path is None:
                raise ValueError(f"no file behind this dataset to read {owner} features from")
            columns = (self._ahead and self._ahead.bags(key)) or read_bags(self.path, *key)
            rows = self.song_count if owner == "song" else self.listener_count
            lengths = torch.from_numpy(np.bincount(columns.row, minlength=rows))
            self._bags[key] = Bags(Ragged(_int64(columns.code), offsets_of(lengths)), columns.size)
        return self._bags[key]

    def encode(self, facts: Listener, fields: Sequence[str], seldom: int, buckets: int) -> Ragged:
        """Encode a listener who need not be in the dataset: one row of the codes that `bags` would give them.

        Raises ValueError without a file behind.
        """
        key = (tuple(fields), seldom, buckets)
        if key not in self._vocabularies:
            if self.path is None:
                raise ValueError("no file behind this dataset to read listener features from")
            self._vocabularies[key] = read_vocabulary(self.path, fields, seldom, buckets)
        return Ragged.of([self._vocabularies[key].encode(facts)])


def take(batch: Listeners, index: Tensor) -> Listeners:
    """Pick listeners of a batch by row."""
    static = None if batch.static is None else batch.static.rows(index)
    vectors = None if batch.vectors is None else batch.vectors[index]
    return Listeners(batch.ids[index], batch.songs.rows(index), batch.behaviours.rows(index), static, vectors)


def _plain(column: NDArray[np.generic]) -> NDArray[np.generic]:
    # DuckDB hands over masked arrays where a column may hold NULL, and read-only ones, which torch warns about
    return np.array(np.ma.getdata(column), copy=True)


def _int64(column: NDArray[np.generic]) -> Tensor:
    return torch.from_numpy(np.ma.getdata(column).astype(np.int64))
