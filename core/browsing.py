"""The half of the explorer that needs no model: listeners, songs, playlists and what is known of runs."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from musicrec.core.drafts import Draft, new_draft
from musicrec.core.errors import Interrupted
from musicrec.core.models.configs import windows
from musicrec.core.pages import Difference, Profile, RunPage, SongPage
from musicrec.core.places import Places
from musicrec.core.portions import behaviour_portions, genre_portions, language_portions, tastes
from musicrec.core.records import DatasetCard, Listener, Page, Play, Playlists, RunCard, Song
from musicrec.core.runs import differences, list_runs, mismatch, read_card, read_run
from musicrec.core.tables.orders import SORTS

if TYPE_CHECKING:
    from musicrec.core.tables.catalogue import Catalogue

LISTENER_SORTS, SONG_SORTS = tuple(SORTS["listeners"]), tuple(SORTS["songs"])


class Browser:
    """One dataset and the cards of its runs. Every method may be called from any thread; see Explorer for errors.

    The dataset `name` is opened, and duckdb imported, by the first call that needs it. That call raises NotFound where
    there is none and MusicrecError where the file is damaged, no dataset or of another version.
    """

    def __init__(self, places: Places, name: str) -> None:
        self.places, self.name = places, name
        self._opening = threading.Lock()
        self._opened: Catalogue | None = None
        self._closed = False

    @property
    def catalogue(self) -> Catalogue:
        """The tables of the dataset."""
        with self._opening:
            if self._closed:
                raise Interrupted(f"dataset {self.name} was closed")
            if self._opened is None:
                from musicrec.core.tables.catalogue import open_catalogue

                self._opened = open_catalogue(self.places.dataset(self.name))
            return self._opened

    def close(self) -> None:
        """Close the dataset for good: questions under way, and later ones, raise Interrupted."""
        with self._opening:
            opened, self._opened, self._closed = self._opened, None, True
        if opened is not None:
            opened.close()

    @property
    def dataset(self) -> DatasetCard:
        """What is known of the dataset."""
        return self.catalogue.card

    def runs(self) -> tuple[RunCard, ...]:
        """Runs of this dataset, newest first; those that cannot be used carry a `problem`."""
        return tuple(_judged(card, self.dataset) for card in list_runs(self.places) if _related(card, self.dataset))

    def default_run(self) -> str | None:
        """The newest usable run of a model that personalises, else the newest usable one, or None."""
        usable = [card for card in self.runs() if card.problem is None]
        personal = [card for card in usable if card.model != "popularity"]
        return next((card.name for card in (*personal, *usable)), None)

    def run_page(self, name: str) -> RunPage:
        """A run in full: its card, how training went, and every evaluation that it keeps."""
        page = read_run(self.places, name)
        return replace(page, card=_judged(page.card, self.dataset))

    def differences(self, one: str, other: str) -> tuple[Difference, ...]:
        """In what two runs differ; a parameter that only one model has is None for the other."""
        return differences(read_card(self.places, one), read_card(self.places, other))

    def find_listeners(
        self, query: str = "", limit: int = 200, offset: int = 0, sort: str = "plays", reverse: bool = False
    ) -> Page[Listener]:
        """Listeners that match `query`: words and filters (`age:20-29 city:13 plays:>100 tag:x`).

        `sort` is one of LISTENER_SORTS, plays with the most first; `reverse` turns it. Unknown values come last.
        """
        return self.catalogue.find_listeners(query, limit, offset, sort, reverse)

    def place_of_listener(self, id: str, query: str = "", sort: str = "plays", reverse: bool = False) -> int | None:
        """Where in that list, from 0, the listener with this original id stands; None where they do not match."""
        return self.catalogue.place_of_listener(self.listener(id).listener, query, sort, reverse)

    def random_listener(self, query: str = "") -> Listener:
        """Any of the matching listeners who played something. Raises NotFound where there is none."""
        return self.catalogue.random_listener(query)

    def listener(self, id: str) -> Listener:
        """The listener with this original id."""
        return self.catalogue.listener(id)

    def find_songs(
        self, query: str = "", limit: int = 200, offset: int = 0, sort: str = "plays", reverse: bool = False
    ) -> Page[Song]:
        """Songs that match `query`: words and filters (`artist:x genre:y language:z year:1990-1999`).

        `sort` is one of SONG_SORTS, plays with the most first; `reverse` turns it. Unknown values come last.
        """
        return self.catalogue.find_songs(query, limit, offset, sort, reverse)

    def place_of_song(self, id: str, query: str = "", sort: str = "plays", reverse: bool = False) -> int | None:
        """Where in that list, from 0, the song with this original id stands; None where it does not match."""
        return self.catalogue.place_of_song(self.song(id).song, query, sort, reverse)

    def song(self, id: str) -> Song:
        """The song with this original id."""
        return self.catalogue.song(id)

    def genres(self) -> tuple[tuple[str, int], ...]:
        """The genres by name with the songs that bear each, most songs first."""
        return self.catalogue.genres()

    def languages(self) -> tuple[tuple[str, int], ...]:
        """The languages with the songs in each, most songs first."""
        return self.catalogue.languages()

    def plays(self, listener: str) -> tuple[Play, ...]:
        """All plays of a listener, oldest first, held-out ones included."""
        return self.catalogue.plays(self.listener(listener).listener)

    def playlists(self, listener: str, run: str | None = None) -> Playlists:
        """The windows that `run` reads (its short_term_len and long_term_len; 10 and 20 for models without windows)."""
        return self._playlists(self.plays(listener), run)

    def profile(self, listener: str, run: str | None = None) -> Profile:
        """A listener, the windows that `run` reads, and what their past without held-out plays is made of."""
        who = self.listener(listener)
        plays = self.catalogue.plays(who.listener)
        past = _past(plays)
        return Profile(
            listener=who,
            playlists=self._playlists(plays, run),
            genres=genre_portions(past),
            languages=language_portions(past),
            behaviours=behaviour_portions(past),
            tastes=tastes(past),
        )

    def song_page(self, song: str, limit: int = 100, offset: int = 0) -> SongPage:
        """A song, its rank by training plays, and who has it among theirs: those who play most first."""
        what = self.song(song)
        rank = what.song + 1  # songs are numbered by falling training plays
        return SongPage(what, rank, self.catalogue.players(what.song, limit, offset))

    def draft(self, listener: str | None = None) -> Draft:
        """A listener to edit: their past without held-out plays; None begins with nothing."""
        if listener is None:
            return new_draft()
        who = self.listener(listener)
        past = enumerate(_past(self.catalogue.plays(who.listener)))
        plays = tuple(replace(play, position=position) for position, play in past)
        return Draft(replace(who, plays=len(plays)), plays, origin=who)

    def _playlists(self, plays: tuple[Play, ...], run: str | None) -> Playlists:
        short, long = self._windows(run)
        past, held_out = _past(plays), tuple(play for play in plays if play.split == "test")
        return Playlists(past[-short:], past[-long:], held_out, len(past))

    def _windows(self, run: str | None) -> tuple[int, int]:
        name = run or self.default_run()
        return windows({} if name is None else read_card(self.places, name).config)


def _past(plays: Iterable[Play]) -> tuple[Play, ...]:
    return tuple(play for play in plays if play.split != "test")


def _related(card: RunCard, dataset: DatasetCard) -> bool:
    return card.fingerprint == dataset.fingerprint or card.dataset == dataset.name or card.dataset == "?"


def _judged(card: RunCard, dataset: DatasetCard) -> RunCard:
    return card if card.problem else replace(card, problem=mismatch(card, dataset.name, dataset.fingerprint))
