"""The command palette's data: listeners, songs and runs, beside what the keys do."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Protocol, TypeVar, cast

from textual.command import DiscoveryHit, Hit, Hits, Provider
from textual.content import Content

from musicrec.core.errors import MusicrecError
from musicrec.core.records import Listener, RunCard, Song
from musicrec.core.text import fold
from musicrec.tui.cells import tame

if TYPE_CHECKING:
    from musicrec.core.explorer import Explorer

LISTENERS, SONGS = 5, 8  # hits of each
REST = 0.1  # seconds that typing must rest before the dataset is asked
# Commands that match well come first: Textual gives them up to 1 and more
RUN_SCORE, LISTENER_SCORE, SONG_SCORE = 0.5, 0.4, 0.3
EXACT = 1.0  # an id, typed as it is
T = TypeVar("T")


class Host(Protocol):
    """The app, as far as the hits lead there."""

    explorer: Explorer | None

    def go_to_listener(self, id: str) -> None:
        """Go to a listener."""

    def go_to_song(self, song: Song) -> None:
        """Go to a song."""

    def use_run(self, name: str) -> None:
        """Recommend by a run."""


class DataProvider(Provider):
    """Finds listeners and songs by id, title or artist, and runs by name. What cannot be answered is no hit."""

    _newest = 0

    async def discover(self) -> Hits:
        """Offer the runs."""
        for card in await self._ask(lambda explorer: explorer.runs()):
            if card.problem is None:
                yield DiscoveryHit(_run_line(card), partial(self._host.use_run, card.name), text=card.name)

    async def search(self, query: str) -> Hits:
        """Search once the typing rests; a search that a newer one has overtaken yields nothing."""
        self._newest += 1
        request = self._newest
        await asyncio.sleep(REST)
        runs, listeners, songs = await asyncio.gather(
            self._ask(lambda explorer: _matching(explorer.runs(), query)),
            self._ask(lambda explorer: explorer.find_listeners(query, limit=LISTENERS).items),
            self._ask(lambda explorer: explorer.find_songs(query, limit=SONGS).items),
        )
        if request != self._newest:
            return
        for place, card in enumerate(runs):
            yield _hit(_score(RUN_SCORE, place), _run_line(card), partial(self._host.use_run, card.name))
        for place, listener in enumerate(listeners):
            score = EXACT if listener.id == query else _score(LISTENER_SCORE, place)
            yield _hit(score, _listener_line(listener), partial(self._host.go_to_listener, listener.id))
        for place, song in enumerate(songs):
            score = EXACT if song.id == query else _score(SONG_SCORE, place)
            yield _hit(score, _song_line(song), partial(self._host.go_to_song, song))

    @property
    def _host(self) -> Host:
        return cast("Host", self.app)

    async def _ask(self, question: Callable[[Explorer], tuple[T, ...]]) -> tuple[T, ...]:
        explorer = self._host.explorer
        if explorer is None:
            return ()
        try:
            return await asyncio.to_thread(question, explorer)
        except MusicrecError:
            return ()


def _hit(score: float, line: Content, command: Callable[[], None]) -> Hit:
    return Hit(score, line, command, text=line.plain)


def _score(best: float, place: int) -> float:
    return best - place / 1000


def _matching(cards: tuple[RunCard, ...], query: str) -> tuple[RunCard, ...]:
    words = fold(query).split()
    usable = (card for card in cards if card.problem is None)
    return tuple(card for card in usable if all(word in fold(f"run {card.name} {card.model}") for word in words))


def _run_line(card: RunCard) -> Content:
    metric = card.metrics.get("ndcg@10")
    return _line("run", card.name, card.model if metric is None else f"{card.model} · NDCG@10 {metric:.4f}")


def _listener_line(listener: Listener) -> Content:
    return _line("listener", listener.title or listener.id, f"{listener.plays:,} plays")


def _song_line(song: Song) -> Content:
    return _line("song", song.title or f"#{song.id}", ", ".join(song.artists))


def _line(kind: str, name: str, about: str) -> Content:
    return Content.assemble((f"{kind} ", "$text-muted"), tame(name), (f"  {tame(about)}", "$text-muted"))
