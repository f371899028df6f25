"""The sample in KKBOX's files: members, songs, song_extra_info, train and test."""

from __future__ import annotations

import csv
from base64 import b64encode
from collections.abc import Callable
from random import Random
from typing import Final, TextIO

import numpy as np

from musicrec.core.tables.sample.catalogue import artist_names, song_texts, writers
from musicrec.core.tables.sample.contexts import all_contexts, draw_contexts, draw_repeats
from musicrec.core.tables.sample.crowd import Crowd, gather
from musicrec.core.tables.sample.flavours import FLAVOURS
from musicrec.core.tables.sample.releases import in_future, released
from musicrec.core.tables.sample.stream import Plays, draw_plays
from musicrec.core.tables.sample.world import Bools, Ints, World, build_world

FILES: Final = ("members.csv", "songs.csv", "song_extra_info.csv", "train.csv", "test.csv")
HELD_OUT: Final = 0.2
_BLANK_ROWS: Final = 12
_LANGUAGES: Final = {
    "zh": "3.0", "en": "52.0", "ko": "31.0", "ja": "17.0", "yue": "24.0", "nan": "10.0", "none": "-1.0", "th": "45.0",
    "vi": "59.0",
}  # fmt: skip
_COUNTRIES: Final = {
    "zh": ("TW", "TW", "TW", "CN", "HK", "MY"), "yue": ("HK",), "nan": ("TW",),
    "en": ("US", "US", "GB", "QM", "CA", "AU"),
    "ko": ("KR",), "ja": ("JP",), "th": ("TH",), "vi": ("VN",), "none": ("US", "DE", "FR", "TC"),
}  # fmt: skip
_CITIES: Final = (1, 13, 5, 4, 15, 22, 6, 14, 12, 9, 8, 11, 18, 10, 21, 3, 17, 7, 16, 20, 19)
_LETTERS: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"

Count = Callable[[str, int], None]


def write_kkbox(files: dict[str, TextIO], listeners: int, songs: int, plays: int, seed: int, count: Count) -> None:
    """Write all five files; `count` is told of every lot of rows as (file, rows)."""
    flavour = FLAVOURS["kkbox"]
    world = build_world(flavour, songs, seed)
    crowd = gather(flavour, listeners, plays, songs, seed, HELD_OUT)
    people, catalogue = _ids(listeners, seed, 6), _ids(songs, seed, 7)
    count("members.csv", _write_members(files["members.csv"], crowd, people, seed))
    _write_songs(files, world, catalogue, seed, count)
    _write_plays(files, world, crowd, (people, catalogue), seed, count)


def _write_plays(
    files: dict[str, TextIO], world: World, crowd: Crowd, ids: tuple[list[str], list[str]], seed: int, count: Count
) -> None:
    files["train.csv"].write("msno,song_id,source_system_tab,source_screen_name,source_type,target\n")
    files["test.csv"].write("id,msno,song_id,source_system_tab,source_screen_name,source_type\n")
    tested = 0
    for number, plays in enumerate(draw_plays(world, FLAVOURS["kkbox"], crowd, seed, themed=False)):
        past, future = _rows(world, crowd, plays, ids, np.random.default_rng((seed, 8, number)))
        files["train.csv"].writelines(f"{row},{target}\n" for row, target in past)
        files["test.csv"].writelines(f"{place},{row}\n" for place, (row, _) in enumerate(future, tested))
        tested += len(future)
        count("train.csv", len(past))
        count("test.csv", len(future))
    files["test.csv"].write(",,,,,\n" * _BLANK_ROWS)
    count("test.csv", _BLANK_ROWS)


def _rows(
    world: World, crowd: Crowd, plays: Plays, ids: tuple[list[str], list[str]], rng: np.random.Generator
) -> tuple[list[tuple[str, int]], list[tuple[str, int]]]:
    """Return the past and the future of a block in time order, each row as its text and its target."""
    flavour, (people, catalogue) = FLAVOURS["kkbox"], ids
    future = in_future(crowd, plays)
    plays, kept = released(world, plays, np.where(future, 0.10, 0.001), rng)
    tails = [",".join(context) for context in all_contexts(flavour)]
    context, again = draw_contexts(flavour, plays, rng), draw_repeats(flavour, plays, rng)
    order = _in_time(plays, rng)
    song = _some_again(plays, future, rng)
    listener = plays.listener + plays.block.start

    def text(chosen: Bools) -> list[tuple[str, int]]:
        here = order[chosen[order]]
        columns = (listener[here].tolist(), song[here].tolist(), context[here].tolist(), again[here].tolist())
        return [(f"{people[a]},{catalogue[b]},{tails[c]}", int(d)) for a, b, c, d in zip(*columns, strict=True)]

    return text(kept & ~future), text(kept & future)


def _in_time(plays: Plays, rng: np.random.Generator) -> Ints:
    """Return the rows of a block in time order: the sessions of its listeners fall between one another."""
    sessions = int(plays.session[-1]) + 1
    owner = np.zeros(sessions, dtype=np.int64)
    owner[plays.session] = plays.listener
    owner = np.maximum.accumulate(owner)
    clock = np.cumsum(rng.exponential(size=sessions))
    first = np.searchsorted(owner, np.arange(owner[-1] + 1))
    begin, end = clock[first], clock[np.append(first[1:], sessions) - 1]
    time = (clock - begin[owner]) / (end - begin + 1)[owner]
    return np.argsort(time[plays.session], kind="stable")


def _some_again(plays: Plays, future: Bools, rng: np.random.Generator) -> Ints:
    """Return the songs, one future play in 250 replaced by a song of the listener's past, as in the real test.csv."""
    listeners = np.arange(plays.listener[-1] + 1)
    first = np.searchsorted(plays.listener, listeners)
    past = np.bincount(plays.listener, ~future, minlength=len(listeners)).astype(np.int64)
    again = future & (past[plays.listener] > 0) & (rng.random(len(future)) < 0.004)
    earlier = first[plays.listener] + (rng.random(len(future)) * past[plays.listener]).astype(np.int64)
    return np.where(again, plays.song[np.minimum(earlier, len(future) - 1)], plays.song)


def _write_members(file: TextIO, crowd: Crowd, people: list[str], seed: int) -> int:
    rng = np.random.default_rng((seed, 9))
    size = len(people)
    hidden, half = rng.random(size) < 0.385, rng.random(size) < 0.012
    odd = rng.random(size) < 0.002
    age = np.where(hidden, 0, np.where(odd, rng.choice(np.array([-38, 1, 103, 112, 131, 931]), size), crowd.age))
    gender = np.where(hidden | half, "", np.where(crowd.female > 0, "female", "male"))
    via = rng.choice(np.array([9, 7, 3, 4, 13]), size, p=(0.39, 0.35, 0.19, 0.068, 0.002))
    days = np.minimum(rng.exponential(1_100, size), 4_700).astype("timedelta64[D]")
    began = np.datetime64("2017-02-28") - days
    ends = np.datetime64("2017-03-01") + rng.exponential(120, size).astype("timedelta64[D]")
    city = np.array(_CITIES)[crowd.city]
    file.write("msno,city,bd,gender,registered_via,registration_init_time,expiration_date\n")
    file.writelines(
        f"{who},{c},{a},{g},{v},{str(b).replace('-', '')},{str(e).replace('-', '')}\n"
        for who, c, a, g, v, b, e in zip(people, city, age, gender, via, began, ends, strict=True)
    )
    return size


def _write_songs(files: dict[str, TextIO], world: World, ids: list[str], seed: int, count: Count) -> None:
    chance = Random(f"kkbox songs {seed}")
    names = artist_names(world)
    songs = csv.writer(files["songs.csv"], lineterminator="\n")
    extra = csv.writer(files["song_extra_info.csv"], lineterminator="\n")
    songs.writerow(("song_id", "song_length", "genre_ids", "artist_name", "composer", "lyricist", "language"))
    extra.writerow(("song_id", "name", "isrc"))
    for text in song_texts(world, names, seed, chance):
        composers, lyricists = writers(world, names, text, chance)
        artists = "| ".join(names[artist] for artist in text.artists)
        language = _LANGUAGES[text.language] if chance.random() < 0.9995 else ""
        row = (world.length_ms[text.song], "|".join(text.genres), artists, "| ".join(composers), "| ".join(lyricists))
        if chance.random() < 0.985:
            songs.writerow((ids[text.song], *row, language))
            count("songs.csv", 1)
        if chance.random() < 0.98:
            name = text.title if chance.random() < 0.995 else ""
            extra.writerow((ids[text.song], name, _isrc(world, text.song, text.language, chance)))
            count("song_extra_info.csv", 1)


def _isrc(world: World, song: int, language: str, chance: Random) -> str:
    if chance.random() < 0.13:
        return ""
    artist = int(world.song_artist[song])
    maker = "".join(_LETTERS[artist * 7 // 36**place % 36] for place in range(3))
    year = int(world.released[song]) // 10_000 % 100
    return f"{chance.choice(_COUNTRIES[language])}{maker}{year:02d}{chance.randrange(100_000):05d}"


def _ids(size: int, seed: int, stream: int) -> list[str]:
    """Return 44-character ids, like base64 of a digest."""
    raw = np.random.default_rng((seed, stream)).bytes(32 * size)
    return [b64encode(raw[start : start + 32]).decode() for start in range(0, 32 * size, 32)]
