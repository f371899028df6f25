"""Plays of an invented world, drawn listener by listener in blocks: sessions, moods, runs of an artist, songs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from musicrec.core.tables.sample.crowd import Crowd, Leanings, artists_of, lean, songs_of, theme_leanings
from musicrec.core.tables.sample.flavours import Flavour, choose
from musicrec.core.tables.sample.sessions import draw_moods, draw_songs
from musicrec.core.tables.sample.world import Bools, Floats, Ints, World

Rows = tuple[Ints, Ints, Ints]  # listener, song, segment of each play

BLOCK = 150_000  # plays that are drawn at a time: what bounds the memory


@dataclass(frozen=True, slots=True)
class Plays:
    """The plays of one block of listeners, each (listener, song) once, by listener and in time order."""

    block: slice  # of the crowd
    listener: Ints  # counted from the start of the block
    song: Ints
    segment: Ints  # stretch of one mood, numbered through the block
    session: Ints  # numbered through the block
    kind: Ints  # of the session
    favourite: Bools  # by one of the listener's favourite artists
    at_home: Floats  # the listener's taste for the song's scene


def blocks(crowd: Crowd) -> Iterator[slice]:
    """Cut the listeners into stretches of about `BLOCK` plays."""
    ends = np.cumsum(crowd.plays)
    first = 0
    while first < len(ends):
        done = ends[first - 1] if first else 0
        last = max(first + 1, int(np.searchsorted(ends, done + BLOCK, side="right")))
        yield slice(first, last)
        first = last


def draw_plays(world: World, flavour: Flavour, crowd: Crowd, seed: int, themed: bool) -> Iterator[Plays]:
    """Yield every listener's plays block by block; `themed` takes tastes from themes instead of demographics."""
    themes = theme_leanings(world, seed) if themed else None
    for number, block in enumerate(blocks(crowd)):
        rng = np.random.default_rng((seed, 3, number))
        leanings = lean(world, flavour, crowd, block, themes, rng)
        yield _draw(world, flavour, crowd, block, leanings, rng)


def _draw(
    world: World, flavour: Flavour, crowd: Crowd, block: slice, leanings: Leanings, rng: np.random.Generator
) -> Plays:
    wanted = crowd.plays[block]
    events = (wanted * (1.5 + 2.0 * wanted / world.songs)).astype(np.int64) + 12
    heard = np.repeat(np.arange(len(wanted)), events)
    begins = rng.random(len(heard)) < 1.0 / flavour.segment
    begins[np.cumsum(events) - events] = True
    moods = draw_moods(world, flavour, crowd.curiosity[block], leanings, heard[begins], rng)
    stretch = np.cumsum(begins) - 1
    rows = _first_plays(
        world, (heard, draw_songs(world, flavour, leanings, moods, stretch, begins, rng), stretch), wanted
    )
    listener, song, segment = _unheard(world, wanted, _top_up(world, wanted, rows, leanings, rng), rng)
    artist = world.song_artist[song]
    return Plays(
        block=block,
        listener=listener,
        song=song,
        segment=segment,
        session=moods.session[segment],
        kind=moods.kind[segment],
        favourite=(leanings.favourites[listener] == artist[:, None]).any(axis=1),
        at_home=leanings.taste[listener, world.artist_scene[artist]],
    )


def _first_plays(world: World, rows: Rows, wanted: Ints) -> Rows:
    """Keep where a listener's song appears for the first time, cut to the wanted number for each listener."""
    listener = rows[0]
    _, where = np.unique(listener * world.songs + rows[1], return_index=True)
    where = np.sort(where)
    owner = listener[where]
    rank = np.arange(len(owner)) - np.searchsorted(owner, np.arange(len(wanted)))[owner]
    kept = where[rank < wanted[owner]]
    return rows[0][kept], rows[1][kept], rows[2][kept]


def _top_up(world: World, wanted: Ints, rows: Rows, leanings: Leanings, rng: np.random.Generator) -> Rows:
    """Give listeners who ran short, because they kept to songs they know, more plays by taste in their last segment."""
    for _ in range(4):
        missing = wanted - np.bincount(rows[0], minlength=len(wanted))
        if not missing.any():
            break
        owner = np.repeat(np.arange(len(wanted)), 3 * missing)
        scene = choose(leanings.taste[owner], rng.random(len(owner)))
        song = songs_of(world, artists_of(world, scene, rng.random(len(owner))), rng.random(len(owner)))
        last = rows[2][np.searchsorted(rows[0], owner, side="right") - 1]
        rows = _first_plays(world, _merged(rows, (owner, song, last)), wanted)
    return rows


def _unheard(world: World, wanted: Ints, rows: Rows, rng: np.random.Generator) -> Rows:
    """Give those who are short even then songs that they have not played, by popularity."""
    have = np.bincount(rows[0], minlength=len(wanted))
    first = np.cumsum(have) - have
    popular = np.diff(world.song_bounds) + 1e-12
    for owner in np.flatnonzero(have < wanted):
        luck = popular / rng.exponential(size=world.songs)
        luck[rows[1][first[owner] : first[owner] + have[owner]]] = 0
        more = np.argsort(-luck, kind="stable")[: wanted[owner] - have[owner]]
        last = rows[2][first[owner] + have[owner] - 1]
        late = (np.full(len(more), owner), more, np.full(len(more), last))
        rows = _merged(rows, late)
        first = first + np.where(np.arange(len(first)) > owner, len(more), 0)
    return rows


def _merged(rows: Rows, more: Rows) -> Rows:
    owner = np.concatenate([rows[0], more[0]])
    order = np.argsort(owner, kind="stable")
    song, segment = np.concatenate([rows[1], more[1]]), np.concatenate([rows[2], more[2]])
    return owner[order], song[order], segment[order]
