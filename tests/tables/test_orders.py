"""Lists in every order, against sorting in Python; places in them; what is kept in memory."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from worlds import World

from musicrec.core.browsing import LISTENER_SORTS, SONG_SORTS, Browser
from musicrec.core.errors import NotFound, UsageError
from musicrec.core.tables.recent import Recent
from musicrec.core.text import fold


@pytest.fixture(scope="module", params=["kkbox", "melon"])
def browser(request: pytest.FixtureRequest) -> Iterator[Browser]:
    world: World = request.getfixturevalue(f"{request.param}_world")
    browser = Browser(world.places, world.name)
    yield browser
    browser.close()


def _natural(text: str | None) -> Any:
    return None if text is None else (0, int(text), text) if text.lstrip("-").isdecimal() else (1, 0, text)


LISTENER_KEYS: dict[str, Callable[[Any], Any]] = {
    "plays": lambda who: -who.plays,
    "id": lambda who: _natural(who.id),
    "title": lambda who: fold(who.title) if who.title else None,
    "age": lambda who: who.age,
    "city": lambda who: _natural(who.city),
    "gender": lambda who: who.gender,
    "registered": lambda who: who.registered,
    "likes": lambda who: who.likes,
}
SONG_KEYS: dict[str, Callable[[Any], Any]] = {
    "plays": lambda song: -song.plays,
    "title": lambda song: fold(song.title) if song.title else None,
    "artist": lambda song: fold("\t".join(song.artists)) or None,
    "genre": lambda song: _natural(song.genres[0]) if song.genres else None,
    "language": lambda song: _natural(song.language),
    "year": lambda song: None if song.released is None else song.released // 10000,
    "length": lambda song: song.length_ms,
    "id": lambda song: _natural(song.id),
}


def _sorted(items: tuple[Any, ...], key: Callable[[Any], Any], reverse: bool) -> list[Any]:
    known = [item for item in items if key(item) is not None]
    return sorted(known, key=key, reverse=reverse) + [item for item in items if key(item) is None]


def test_every_sort_has_its_key_here() -> None:
    assert (tuple(LISTENER_KEYS), tuple(SONG_KEYS)) == (LISTENER_SORTS, SONG_SORTS)


@pytest.mark.parametrize("reverse", [False, True])
@pytest.mark.parametrize("query", ["", "1"])
@pytest.mark.parametrize("sort", LISTENER_SORTS)
def test_listeners_sorted(browser: Browser, sort: str, query: str, reverse: bool) -> None:
    wanted = _sorted(browser.find_listeners(query, limit=1000).items, LISTENER_KEYS[sort], reverse)
    assert list(browser.find_listeners(query, 1000, sort=sort, reverse=reverse).items) == wanted
    assert len(wanted) > 5


@pytest.mark.parametrize("reverse", [False, True])
@pytest.mark.parametrize("query", ["", "a", "plays:>3"])
@pytest.mark.parametrize("sort", SONG_SORTS)
def test_songs_sorted(browser: Browser, sort: str, query: str, reverse: bool) -> None:
    wanted = _sorted(browser.find_songs(query, limit=1000).items, SONG_KEYS[sort], reverse)
    page = browser.find_songs(query, 20, 15, sort, reverse)
    assert (list(page.items), page.total, page.offset) == (wanted[15:35], len(wanted), 15)


def test_places_in_every_list(browser: Browser) -> None:
    for sort in SONG_SORTS:
        for place, song in enumerate(browser.find_songs("a", 30, sort=sort, reverse=True).items):
            assert browser.place_of_song(song.id, "a", sort, reverse=True) == place
    for sort in LISTENER_SORTS:
        for place, who in enumerate(browser.find_listeners("1", 30, sort=sort).items):
            assert browser.place_of_listener(who.id, "1", sort) == place
    someone = browser.find_listeners(limit=1).items[0]
    assert browser.place_of_listener(someone.id) == 0
    assert browser.place_of_listener(someone.id, "plays:0") is None
    with pytest.raises(NotFound, match="'nobody'"):
        browser.place_of_listener("nobody")


def test_beyond_the_end_there_is_nothing(browser: Browser) -> None:
    page = browser.find_songs(offset=10_000, sort="title")
    assert (page.items, page.total) == ((), browser.dataset.songs)


def test_a_sort_that_does_not_exist_names_those_that_do(browser: Browser) -> None:
    for query in ("", "a"):
        with pytest.raises(UsageError, match=r"songs cannot be sorted by 'mood': sort by plays, title, artist"):
            browser.find_songs(query, sort="mood")
        with pytest.raises(UsageError, match="listeners cannot be sorted by 'artist'"):
            browser.find_listeners(query, sort="artist")


def test_any_listener_with_plays_may_come(browser: Browser) -> None:
    few = browser.find_listeners("plays:>0", limit=1000).items[-3:]
    query = f"plays:1-{few[-1].plays}"
    matching = {who.id for who in browser.find_listeners(query, limit=1000).items}
    drawn = Counter(browser.random_listener(query).id for _ in range(60 * len(matching)))
    assert set(drawn) == matching
    assert all(browser.listener(who).plays for who in drawn)
    with pytest.raises(NotFound, match="no listener with plays matches 'plays:0'"):
        browser.random_listener("plays:0")


def test_genres_and_languages_are_counted(browser: Browser) -> None:
    songs = browser.find_songs(limit=1000).items
    assert dict(browser.genres()) == Counter(genre for song in songs for genre in set(song.genres))
    assert dict(browser.languages()) == Counter(song.language for song in songs if song.language)


def test_the_oldest_answers_are_forgotten() -> None:
    asked: list[int] = []
    recent: Recent[int, int] = Recent(2)

    def square(number: int) -> int:
        return recent.get(number, lambda: asked.append(number) or number**2)  # type: ignore[func-returns-value]

    assert [square(number) for number in (2, 3, 2, 4, 2, 3)] == [4, 9, 4, 16, 4, 9]
    assert asked == [2, 3, 4, 3]
    assert recent.those([2, 3, 4]) == {2: 4, 3: 9}
