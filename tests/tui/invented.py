"""Songs, listeners and runs that exist in arithmetic only."""

from __future__ import annotations

from datetime import UTC, date, datetime
from functools import lru_cache

from musicrec.core.records import Listener, RunCard, Song

WHEN = datetime(2024, 5, 17, 20, 30, tzinfo=UTC)
TITLES = (
    "夜色裡的星光", "Paper Lanterns [Live]", "비 오는 날의 노래", "ก็ยังคิดถึงเธอ", "[/foo] Broken Tag", "夏の終わりの手紙",
    "Glass Harbour", "🎵 Neon 🌙 Rain 👩‍👩‍👧", "Cafe\u0301 del Sur\u0302", "Slow [bold red]Train[/]", "月光河",
    "오래된 골목", "A Title that goes on and on, well past the edge of every panel it will ever stand in", "شارع البحر",
)  # fmt: skip
ARTISTS = (
    "林小雨",
    "The Quiet Rivers",
    "한여름 밴드",
    "สายลม",
    "Ana & the [Brackets]",
    "青木ソラ",
    "Polar Kites",
    "DJ $name",
)
GENRES = ("Mandopop", "Indie folk", "발라드", "J-pop", "Electronic", "[Jazz]", "Thai pop", "Soundtrack")
LANGUAGES = ("Chinese", "English", "Korean", "Japanese", "Thai")
BEHAVIOURS = ("my library", "discover", "search", "radio", "listen with")


def invented_song(number: int, titles: tuple[str, ...]) -> Song:
    """The song with this number."""
    title = titles[number % len(titles)]
    return Song(
        number,
        f"s{number}",
        title if number < len(titles) or number % 17 == 0 else f"{title} {number}",
        (ARTISTS[number % 8],),
        f"Album {number % 90}",
        (GENRES[number % 8],) if number % 3 else (GENRES[number % 8], GENRES[(number + 2) % 8]),
        language=LANGUAGES[number % 5],
        released=20_040_000 + number % 20 * 10_000,
        plays=0 if number % 11 == 3 else 9_000 // (number + 1),
    )


def invented_listener(number: int, titles: tuple[str, ...] | None) -> Listener:
    """The listener with this number: a playlist with one of the `titles`, where there are any, else a person."""
    plays = 0 if number % 1000 == 3 else 4_000 // (number + 4) + 3
    if titles is not None:
        title = f"{titles[number % len(titles)]} {number}"
        return Listener(number, f"L{number:05}", title=title, tags=("비오는날", "[x]"), likes=number, plays=plays)
    return Listener(
        number,
        f"L{number:05}Xq{number * 7919 % 9973}Zw+/=",
        age=15 + number * 13 % 50 if number % 4 else None,
        gender=("female", "male", None)[number % 3],
        city=str(1 + number % 22),
        registered_via=str(number % 4 + 3),
        registered=date(2010 + number % 7, 1 + number % 12, 3),
        plays=plays,
    )


def invented_card(name: str, model: str, ndcg: float) -> RunCard:
    """A run that is finished."""
    return RunCard(
        name, model, "sample", "f" * 16, {}, 1, "cpu", WHEN, "finished", 12, 9, 41.0, 120_000, {"ndcg@10": ndcg}
    )  # fmt: skip


@lru_cache(maxsize=32)
def matching(query: str, listeners: int) -> range | list[int]:
    """The numbers of those whose id has `query` in it."""
    if not query:
        return range(listeners)
    return [number for number in range(listeners) if query.casefold() in f"l{number:05}"]
