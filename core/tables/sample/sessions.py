"""How a listener moves: sessions, the moods (scenes) within them, and the songs that each mood brings."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from musicrec.core.tables.sample.crowd import Leanings, artists_of, songs_of
from musicrec.core.tables.sample.flavours import Flavour, choose
from musicrec.core.tables.sample.world import Bools, Floats, Ints, World


@dataclass(frozen=True, slots=True)
class Moods:
    """The segments of a block, in order of listener and time."""

    listener: Ints
    session: Ints
    kind: Ints
    scene: Ints


def draw_moods(
    world: World, flavour: Flavour, curiosity: Floats, leanings: Leanings, listener: Ints, rng: np.random.Generator
) -> Moods:
    """Walk the scenes: at each segment stay, move to a neighbour, or jump by taste (the curious: by popularity)."""
    size = len(listener)
    first = np.searchsorted(listener, np.arange(len(curiosity)))
    opens = rng.random(size) < flavour.session
    opens[first] = True
    session = np.cumsum(opens) - 1
    kind = choose(leanings.kinds[listener[opens]], rng.random(int(opens.sum())))[session]
    bounds = np.cumsum(np.array(flavour.moods), axis=1)[opens.astype(np.int64)]
    move = (rng.random(size)[:, None] >= bounds).sum(axis=1)  # 0 stay, 1 neighbour, 2 jump
    move[first] = 2
    taste = choose(leanings.taste[listener], rng.random(size))
    crowd = choose(np.broadcast_to(world.scenes.weight, (size, len(world.scenes.weight))), rng.random(size))
    scene = np.where(rng.random(size) < curiosity[listener], crowd, taste)
    _walk(scene, move, world.scenes.neighbour, rng.random(size))
    return Moods(listener, session, kind, scene)


def _walk(scene: Ints, move: Ints, neighbour: Floats, draws: Floats) -> None:
    """Fill in the scenes that follow from the one before, for all stretches between two jumps in step."""
    distance = np.arange(len(move)) - np.maximum.accumulate(np.where(move == 2, np.arange(len(move)), 0))
    order = np.argsort(distance, kind="stable")
    ends = np.cumsum(np.bincount(distance))
    for low, high in pairwise(ends.tolist()):
        here = order[low:high]
        before = scene[here - 1]
        scene[here] = np.where(move[here] == 0, before, choose(neighbour[before], draws[here]))


def draw_songs(
    world: World,
    flavour: Flavour,
    leanings: Leanings,
    moods: Moods,
    segment: Ints,
    begins: Bools,
    rng: np.random.Generator,
) -> Ints:
    """Draw an artist for each play from the segment's sources, then a song of it; runs go on from the play before."""
    mix = np.array([kind.mix for kind in flavour.kinds])
    kind = moods.kind[segment]
    source = choose(mix[kind], rng.random(len(segment)))
    source[begins & (source == 0)] = 1
    pool = _pools(world, flavour, leanings, moods, rng)
    favourites = leanings.favourites[moods.listener[segment], _skewed(rng, len(segment), leanings.favourites.shape[1])]
    local = artists_of(world, moods.scene[segment], rng.random(len(segment)))
    artist = np.where(source == 3, favourites, local)
    artist = np.where(source == 1, pool[segment, _skewed(rng, len(segment), pool.shape[1])], artist)
    song = songs_of(world, artist, rng.random(len(segment)))
    chart = np.searchsorted(world.song_bounds, rng.random(len(segment)) * world.song_bounds[-1], side="right") - 1
    song = np.where(source == 4, np.clip(chart, 0, world.songs - 1), song)
    return _runs(world, song, source == 0, rng)


def _runs(world: World, song: Ints, goes_on: Bools, rng: np.random.Generator) -> Ints:
    """Where a run goes on, keep its artist: half of the runs take the album's next song, half any of the artist's."""
    place = np.arange(len(song))
    anchor = np.maximum.accumulate(np.where(goes_on, 0, place))
    artist = world.song_artist[song[anchor]]
    low = world.song_first[artist]
    onward = low + (song[anchor] - low + place - anchor) % world.song_old[artist]
    album = (rng.random(len(song)) < 0.5)[anchor]
    follow = np.where(album, onward, songs_of(world, artist, rng.random(len(song))))
    return np.where(goes_on, follow, song)


def _pools(world: World, flavour: Flavour, leanings: Leanings, moods: Moods, rng: np.random.Generator) -> Ints:
    """Four artists that each segment comes back to: favourites of the listener or artists of the scene."""
    shape = (len(moods.scene), 4)
    local = artists_of(world, np.broadcast_to(moods.scene[:, None], shape), rng.random(shape))
    liked = leanings.favourites[moods.listener[:, None], _skewed(rng, shape, leanings.favourites.shape[1])]
    chance = np.array([kind.pool_favourites for kind in flavour.kinds])[moods.kind][:, None]
    return np.where(rng.random(shape) < chance, liked, local)


def _skewed(rng: np.random.Generator, shape: int | tuple[int, int], size: int) -> Ints:
    """Return places below `size`, early ones more often (the square of a uniform draw)."""
    return (rng.random(shape) ** 2 * size).astype(np.int64)
