"""What an answer needs beside a model, for the listeners and filters that were asked about lately."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING

from musicrec.core.drafts import Draft, Filters
from musicrec.core.errors import Interrupted
from musicrec.core.records import Listener

if TYPE_CHECKING:
    from torch import Tensor

    from musicrec.core.browsing import Browser
    from musicrec.core.dataset import Dataset

_KEPT = 16  # listeners, and filters


@dataclass(frozen=True, slots=True)
class Past:
    """What a listener played, as songs and the genres of these; `held_out` has the songs of the test, oldest first."""

    songs: frozenset[int]
    genres: frozenset[str]
    held_out: tuple[int, ...]


class AskedLately:
    """Pasts of listeners, and songs that filters let through: read once, and the last ones kept.

    Every method may be called from any thread; they raise what `browser` and `data` do.
    """

    def __init__(self, browser: Browser, data: Callable[[], Dataset]) -> None:
        self._browser, self._data = browser, data
        self._aside = ThreadPoolExecutor(1, "past")
        self._unedited = lru_cache(_KEPT)(self._read_unedited)
        self._past_of = lru_cache(_KEPT)(self._read_past)
        self._allowed = lru_cache(_KEPT)(self._read_allowed)

    def close(self) -> None:
        """Read no more aside; what is on its way comes to its end."""
        self._aside.shutdown()

    def unedited(self, id: str) -> Draft:
        """The listener with this original id as a draft without an edit; who it is counts all plays, held-out too."""
        return self._unedited(id)

    def past(self, asked: Listener | Draft) -> Past:
        """The past of a listener, as edited where it is a draft."""
        if isinstance(asked, Listener):
            return self._past_of(asked)
        return Past(
            songs=frozenset(play.song.song for play in asked.plays),
            genres=frozenset(genre for play in asked.plays for genre in play.song.genres),
            held_out=() if asked.origin is None else self._past_of(asked.origin).held_out,
        )

    def past_aside(self, asked: Listener | Draft) -> Future[Past]:
        """The same, read while torch works out scores."""
        try:
            return self._aside.submit(self.past, asked)
        except RuntimeError as error:  # after `close`
            raise Interrupted(f"dataset {self._browser.name} was closed") from error

    def allowed(self, filters: Filters) -> Tensor | None:
        """The songs of the catalogue that `filters` let through: bool (S,), None where they let through all."""
        return self._allowed(filters.genre, filters.language, filters.first_year, filters.last_year)

    def _read_unedited(self, id: str) -> Draft:
        draft = self._browser.draft(id)
        return replace(draft, listener=draft.origin or draft.listener)

    def _read_past(self, listener: Listener) -> Past:
        # From the tensors, as the records of all that somebody played take longer than their recommendations
        from musicrec.core.dataset import TEST

        data, row = self._data(), listener.listener
        plays = slice(int(data.offsets[row]), int(data.offsets[row + 1]))
        songs, held_out = data.songs[plays], data.split[plays] == TEST
        past = frozenset(songs[~held_out].tolist())
        genres = self._browser.catalogue.genres_of(past)
        return Past(past, genres, tuple(dict.fromkeys(songs[held_out].tolist())))

    def _read_allowed(
        self, genre: str | None, language: str | None, first_year: int | None, last_year: int | None
    ) -> Tensor | None:
        import torch

        if all(each is None for each in (genre, language, first_year, last_year)):
            return None
        allowed = torch.zeros(self._data().song_count, dtype=torch.bool)
        songs = self._browser.catalogue.songs_matching(genre, language, first_year, last_year)
        allowed[torch.from_numpy(songs)] = True
        return allowed
