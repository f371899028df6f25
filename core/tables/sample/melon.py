"""The sample in Melon's files: genre_gn_all, song_meta and the playlists of train.json."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from random import Random
from typing import Final, TextIO

import numpy as np

from musicrec.core.tables.sample.catalogue import SongText, artist_names, song_texts
from musicrec.core.tables.sample.crowd import Crowd, gather
from musicrec.core.tables.sample.flavours import FLAVOURS
from musicrec.core.tables.sample.names import title
from musicrec.core.tables.sample.releases import released
from musicrec.core.tables.sample.stream import Plays, draw_plays
from musicrec.core.tables.sample.themes import GENRES, details, tags_of, title_of
from musicrec.core.tables.sample.world import Ints, World, build_world

FILES: Final = ("genre_gn_all.json", "song_meta.json", "train.json")
_EMPTY_EVERY: Final = 25
_NEWEST: Final = datetime(2020, 4, 20)

Count = Callable[[str, int], None]
Playlist = dict[str, object]


def write_melon(files: dict[str, TextIO], listeners: int, songs: int, plays: int, seed: int, count: Count) -> None:
    """Write all three files; `count` is told of every lot of rows as (file, rows). One playlist in 25 is empty."""
    flavour = FLAVOURS["melon"]
    world = build_world(flavour, songs, seed)
    filled = listeners - listeners // _EMPTY_EVERY
    crowd = gather(flavour, filled, plays, songs, seed, held_out=0.0)
    ids = np.random.default_rng((seed, 6)).permutation(songs)
    json.dump(GENRES, files["genre_gn_all.json"], ensure_ascii=False, indent=2)
    count("genre_gn_all.json", len(GENRES))
    _write_list(files["song_meta.json"], _songs(world, ids, seed), lambda: count("song_meta.json", 1))
    numbers = np.random.default_rng((seed, 7)).permutation(listeners).tolist()
    playlists = _playlists(world, crowd, ids, numbers, seed)
    _write_list(files["train.json"], playlists, lambda: count("train.json", 1))


def _write_list(file: TextIO, items: Iterator[dict[str, object]], written: Callable[[], None]) -> None:
    file.write("[")
    for number, item in enumerate(items):
        file.write((", " if number else "") + json.dumps(item, ensure_ascii=False))
        written()
    file.write("]")


def _songs(world: World, ids: Ints, seed: int) -> Iterator[dict[str, object]]:
    chance = Random(f"melon songs {seed}")
    names = artist_names(world)
    for text in song_texts(world, names, seed, chance):
        yield {
            "song_gn_dtl_gnr_basket": [code for main in text.genres for code in details(main, chance)],
            "issue_date": _issued(int(world.released[text.song]), chance),
            "album_name": _album(world, text, seed, chance),
            "album_id": 2_000_000 + 3 * int(world.song_album[text.song]),
            "artist_id_basket": [100_000 + 7 * artist for artist in text.artists],
            "song_name": text.title,
            "song_gn_gnr_basket": list(text.genres),
            "artist_name_basket": [names[artist] for artist in text.artists],
            "id": int(ids[text.song]),
        }


def _album(world: World, text: SongText, seed: int, chance: Random) -> str | None:
    if chance.random() < 0.001:
        return None
    album = int(world.song_album[text.song])
    return title(text.language, Random(f"{seed} {album}"), ("Quiet Ferries",))


def _issued(date: int, chance: Random) -> str:
    """Some dates are not known, some only in part."""
    draw = chance.random()
    if draw < 0.005:
        return "00000000"
    return f"{date // 10_000}0000" if draw < 0.015 else f"{date // 100}00" if draw < 0.02 else f"{date:08d}"


def _playlists(world: World, crowd: Crowd, ids: Ints, numbers: list[int], seed: int) -> Iterator[Playlist]:
    chance = Random(f"melon playlists {seed}")
    done = written = 0
    for number, drawn in enumerate(draw_plays(world, FLAVOURS["melon"], crowd, seed, themed=True)):
        rng = np.random.default_rng((seed, 8, number))
        fresh = rng.random(drawn.block.stop - drawn.block.start) < 0.12
        drawn, kept = released(world, drawn, np.where(fresh[drawn.listener], 0.06, 0.0), rng)
        for songs in _by_playlist(drawn, kept):
            yield _playlist(world, int(crowd.theme[done]), songs, ids, numbers[written], chance)
            done, written = done + 1, written + 1
            if done % (_EMPTY_EVERY - 1) == 0 and written < len(numbers):
                yield _playlist(world, int(crowd.theme[done - 1]), songs[:0], ids, numbers[written], chance)
                written += 1


def _by_playlist(plays: Plays, kept: np.ndarray) -> list[Ints]:
    ends = np.searchsorted(plays.listener[kept], np.arange(plays.block.stop - plays.block.start), side="right")
    return np.split(plays.song[kept], ends[:-1])


def _playlist(world: World, theme: int, songs: Ints, ids: Ints, number: int, chance: Random) -> Playlist:
    scenes = world.artist_scene[world.song_artist[songs]]
    scene = int(np.bincount(scenes).argmax()) if len(songs) else 0
    genre = world.scenes.genres[scene][0]
    newest = int(world.released[songs].max()) if len(songs) else 20060101
    issued = datetime(newest // 10_000, newest // 100 % 100, newest % 100)
    latest = max(issued, datetime(2006, 1, 1))
    updated = latest + timedelta(seconds=int(chance.random() ** 2 * max((_NEWEST - latest).total_seconds(), 1)))
    return {
        "tags": tags_of(theme, genre, chance) if chance.random() < 0.9 else [],
        "id": number,
        "plylst_title": title_of(theme, genre, chance),
        "songs": ids[songs].tolist(),
        "like_cnt": int(chance.lognormvariate(2.0, 2.2)),
        "updt_date": updated.strftime("%Y-%m-%d %H:%M:%S.000"),
    }
