"""The one door for people: everything that the command line prints and the screen shows."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from musicrec.core.places import Places
    from musicrec.core.records import (
        DatasetCard,
        Explanation,
        Listener,
        Neighbour,
        Page,
        Play,
        Playlists,
        Recommendations,
        RunCard,
        Song,
    )


class Explorer:
    """One dataset and its runs. Cheap to open: torch is imported by the first call that needs a run.

    Every method may be called from any thread. Listeners and songs are named by their original ids.
    Errors: NotFound names what does not exist and what is near; WrongDataset, MusicrecError for runs that cannot be
    used.
    """

    @classmethod
    def open(cls, places: Places, dataset: str | None = None, device: str = "auto") -> Explorer:
        """Open `dataset`, or the only one, or the one of the newest run. Raises NotFound, saying how to make one."""
        raise NotImplementedError

    @property
    def dataset(self) -> DatasetCard:
        raise NotImplementedError

    def runs(self) -> tuple[RunCard, ...]:
        """Runs of this dataset, newest first; those that cannot be used carry a `problem`."""
        raise NotImplementedError

    def default_run(self) -> str | None:
        """The newest usable run, or None."""
        raise NotImplementedError

    def find_listeners(self, query: str = "", limit: int = 200, offset: int = 0) -> Page[Listener]:
        """Listeners by falling plays; `query` is words and filters (`age:20-29 city:13 gender:male plays:>100
        tag:x`).
        """
        raise NotImplementedError

    def listener(self, id: str) -> Listener:
        raise NotImplementedError

    def find_songs(self, query: str = "", limit: int = 200, offset: int = 0) -> Page[Song]:
        raise NotImplementedError

    def song(self, id: str) -> Song:
        raise NotImplementedError

    def plays(self, listener: str) -> tuple[Play, ...]:
        raise NotImplementedError

    def playlists(self, listener: str, run: str | None = None) -> Playlists:
        """The windows that `run` reads (its short_term_len and long_term_len; 10 and 20 for models without windows)."""
        raise NotImplementedError

    def load(self, run: str | None = None, progress: Callable[[str], None] | None = None) -> str:
        """Load a run (torch import, weights, song vectors) so that the next recommend is immediate; returns its
        name.
        """
        raise NotImplementedError

    def recommend(
        self,
        listener: str,
        run: str | None = None,
        k: int = 10,
        include_heard: bool = False,
        genre: str | None = None,
        language: str | None = None,
    ) -> Recommendations:
        raise NotImplementedError

    def explain(self, listener: str, song: str, run: str | None = None) -> Explanation:
        raise NotImplementedError

    def similar(self, song: str, run: str | None = None, k: int = 10) -> tuple[Neighbour, ...]:
        raise NotImplementedError

    def close(self) -> None:
        raise NotImplementedError
