"""The listeners, songs and runs of an invented dataset, as the real explorer tells of them; faults by switch."""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from invented import (
    BEHAVIOURS,
    GENRES,
    LANGUAGES,
    TITLES,
    WHEN,
    invented_card,
    invented_listener,
    invented_song,
    matching,
)

from musicrec.core.drafts import Draft, new_draft
from musicrec.core.errors import MusicrecError, NotFound
from musicrec.core.pages import Difference, Portion, Profile, RunPage, SongPage, Taste
from musicrec.core.records import (
    DatasetCard,
    Evaluation,
    Listener,
    Metric,
    Page,
    Play,
    Playlists,
    Protocol,
    RunCard,
    Song,
)
from musicrec.core.watch import Epoch

if TYPE_CHECKING:
    from musicrec.core.explorer import Explorer
else:  # its methods are compared by a test; none of its own code shall run here
    Explorer = object


@dataclass
class BrowsingStandIn(Explorer):
    """34,000 listeners and 1,400 songs that exist in arithmetic only."""

    listeners: int = 34_000
    songs: int = 1_400
    has_runs: bool = True
    titled: bool = False  # playlists with titles, as in Melon, in place of people
    failing: frozenset[str] = frozenset()  # methods that raise MusicrecError
    broken: frozenset[str] = frozenset()  # methods that raise what nobody expects
    slow: dict[str, float] = field(default_factory=dict)  # seconds that methods take
    titles: tuple[str, ...] = TITLES
    asked: list[str] = field(default_factory=list)  # methods in the order they were called

    @property
    def dataset(self) -> DatasetCard:
        counts = {"listeners": self.listeners, "songs": self.songs, "plays": 512_345}
        return DatasetCard("sample [x]", "kkbox", 1, "f" * 16, WHEN, "published", (), {}, counts)

    def runs(self) -> tuple[RunCard, ...]:
        self._enter("runs")
        if not self.has_runs:
            return ()
        cards = [
            invented_card("dtnmr-2", "dtnmr", 0.1234),
            invented_card("ncf-1", "neumf", 0.0987),
            invented_card("popularity-1", "popularity", 0.0412),
        ]
        stranger = replace(invented_card("dtnmr-old", "dtnmr", 0.1), problem="it was trained on another dataset [x]")
        return (*cards, stranger)

    def default_run(self) -> str | None:
        return "dtnmr-2" if self.has_runs else None

    def find_listeners(
        self, query: str = "", limit: int = 200, offset: int = 0, sort: str = "plays", reverse: bool = False
    ) -> Page[Listener]:
        self._enter("find_listeners")
        found = self._order(matching(query, self.listeners), sort, reverse)
        numbers = found[offset : offset + limit]
        return Page(tuple(self._listener(number) for number in numbers), len(found), offset)

    def place_of_listener(self, id: str, query: str = "", sort: str = "plays", reverse: bool = False) -> int | None:
        self._enter("place_of_listener")
        number, found = self.listener(id).listener, self._order(matching(query, self.listeners), sort, reverse)
        return found.index(number) if number in found else None

    def random_listener(self, query: str = "") -> Listener:
        self._enter("random_listener")
        found = matching(query, self.listeners)
        return self._listener(found[len(found) // 3])

    def profile(self, listener: str, run: str | None = None) -> Profile:
        self._enter("profile")
        who, playlists = self.listener(listener), self.playlists(listener, run)
        if not playlists.plays:
            return Profile(who, playlists, (), (), (), ())
        genres = tuple(Portion(GENRES[(who.listener + n) % 8], 20 - 3 * n, 0.4 - 0.06 * n) for n in range(5))
        languages = tuple(Portion(LANGUAGES[(who.listener + n) % 5], 30 - 9 * n, 0.6 - 0.2 * n) for n in range(3))
        behaviours = tuple(Portion(name, 25 - 4 * n, 0.5 - 0.1 * n) for n, name in enumerate(BEHAVIOURS[:4]))
        tastes = tuple(
            Taste(genre.name, tuple((who.listener * 3 + step * (n + 2)) % 9 / 9 for step in range(12)))
            for n, genre in enumerate(genres[:3])
        )
        return Profile(who, playlists, genres, languages, behaviours, tastes)

    def genres(self) -> tuple[tuple[str, int], ...]:
        return tuple((name, 90 - 9 * n) for n, name in enumerate(GENRES))

    def languages(self) -> tuple[tuple[str, int], ...]:
        return tuple((name, 300 - 50 * n) for n, name in enumerate(LANGUAGES))

    def listener(self, id: str) -> Listener:
        self._enter("listener")
        number = int(id[1:6]) if id[1:6].isdigit() else -1
        if not 0 <= number < self.listeners:
            raise NotFound(f"no listener is called {id}")
        return self._listener(number)

    def find_songs(
        self, query: str = "", limit: int = 200, offset: int = 0, sort: str = "plays", reverse: bool = False
    ) -> Page[Song]:
        self._enter("find_songs")
        found = self._order(self._songs_with(query), sort, reverse)
        return Page(tuple(self._song(number) for number in found[offset : offset + limit]), len(found), offset)

    def place_of_song(self, id: str, query: str = "", sort: str = "plays", reverse: bool = False) -> int | None:
        self._enter("place_of_song")
        number, found = self.song(id).song, self._order(self._songs_with(query), sort, reverse)
        return found.index(number) if number in found else None

    def song_page(self, song: str, limit: int = 100, offset: int = 0) -> SongPage:
        self._enter("song_page")
        what = self.song(song)
        total = 0 if what.plays == 0 else 40 + what.song % 300
        numbers = range(offset, min(offset + limit, total))
        listeners = tuple(self._listener((what.song * 13 + 5 * number) % self.listeners) for number in numbers)
        return SongPage(what, what.song + 1, Page(listeners, total, offset))

    def song(self, id: str) -> Song:
        self._enter("song")
        return self._song(int(id[1:]))

    def run_page(self, name: str) -> RunPage:
        self._enter("run_page")
        card = next((card for card in self.runs() if card.name == name), None)
        if card is None:
            raise NotFound(f"no run is called {name}")
        epochs = tuple(
            Epoch(n, 0.7 / n + 0.1, 3.2, 51_000.0, 0.12 - 0.08 / n if card.model != "itemknn" else None, n == 9)
            for n in range(1, card.epochs + 1)
        )
        protocol = Protocol("test", "full", None, 7, 900, self.songs, (10,))
        ndcg = card.metrics["ndcg@10"]
        figures = {"ndcg@10": Metric(ndcg, ndcg - 0.01, ndcg + 0.01), "hr@10": Metric(2 * ndcg, ndcg, 3 * ndcg)}
        evaluations = (Evaluation(name, card.model, protocol, figures),) if card.problem is None else ()
        return RunPage(card, epochs, evaluations)

    def differences(self, one: str, other: str) -> tuple[Difference, ...]:
        self._enter("differences")
        return (Difference("learning_rate", 0.001, 0.01), Difference("factors", None, 8), Difference("[x]", "a", "b"))

    def draft(self, listener: str | None = None) -> Draft:
        self._enter("draft")
        if listener is None:
            return new_draft()
        who = self.listener(listener)
        past = tuple(play for play in self.plays(listener) if play.split != "test")
        return Draft(replace(who, plays=len(past)), past, who)

    def plays(self, listener: str) -> tuple[Play, ...]:
        self._enter("plays")
        who = self.listener(listener)
        count = min(who.plays, 60)
        numbers = [(who.listener * 7 + step * step * 5 + step // 3) % self.songs for step in range(count)]
        plays = [Play(step, self._song(number), BEHAVIOURS[number % 5]) for step, number in enumerate(numbers)]
        return (*plays[:-2], *(replace(play, split="test") for play in plays[-2:]))

    def playlists(self, listener: str, run: str | None = None) -> Playlists:
        self._enter("playlists")
        past = [play for play in self.plays(listener) if play.split != "test"]
        held_out = tuple(play for play in self.plays(listener) if play.split == "test")
        return Playlists(tuple(past[-10:]), tuple(past[-20:]), held_out, len(past))

    def close(self) -> None:
        """Nothing is open."""

    def _enter(self, method: str) -> None:
        self.asked.append(method)
        time.sleep(self.slow.get(method, 0.0))
        if method in self.failing:
            raise MusicrecError(f"{method} failed: the file [data/x.duckdb] went away")
        if method in self.broken:
            raise RuntimeError(f"{method} broke [/here]")

    def _songs_with(self, query: str) -> range | list[int]:
        if not query:
            return range(self.songs)
        return [n for n in range(self.songs) if query.casefold() in self._song(n).label.casefold()]

    def _order(self, found: range | list[int], sort: str, reverse: bool) -> range | list[int]:
        turned = (sort != "plays") != reverse
        return found[::-1] if turned else found

    def _song(self, number: int) -> Song:
        return invented_song(number, self.titles)

    def _listener(self, number: int) -> Listener:
        return invented_listener(number, self.titles if self.titled else None)
