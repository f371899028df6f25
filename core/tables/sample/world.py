"""The catalogue of an invented world: scenes, the artists that live in them, and their songs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from musicrec.core.tables.sample.flavours import Flavour, cumulative

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Scenes:
    """A scene has a language, genres, an era and a public. All arrays are per scene."""

    language: tuple[str, ...]
    genres: tuple[tuple[str, str], ...]  # main and second genre
    era: Floats  # mean year of release
    age: Floats  # mean age of its public
    gender: Floats  # above 0: rather women
    city: Ints  # the city that leans to it
    weight: Floats  # share of plays
    neighbour: Floats  # scenes × scenes, rows of transition probabilities


@dataclass(frozen=True, slots=True)
class World:
    """Scenes, artists in the order of their scenes, songs ("slots") in the order of their artists and albums."""

    scenes: Scenes
    scene_first: Ints  # first artist of each scene, and the number of artists
    artist_scene: Ints
    artist_bounds: Floats  # running sums of the artists' weights, from 0
    song_first: Ints  # first song of each artist, and the number of songs
    song_old: Ints  # per artist: songs that are out; those after them are new releases
    song_bounds: Floats  # running sums of the songs' weights, from 0; new releases weigh nothing
    song_artist: Ints
    song_album: Ints  # number of the album in the whole catalogue
    song_genre: Ints  # 0 main genre of the scene, 1 second, 2 both, 3 unknown
    released: Ints  # yyyymmdd
    length_ms: Ints

    @property
    def songs(self) -> int:
        """Size of the catalogue."""
        return len(self.song_artist)


def build_world(flavour: Flavour, songs: int, seed: int) -> World:
    """Return the world of this flavour with so many songs; the same arguments give the same world."""
    rng = np.random.default_rng((seed, 1))
    artists = max(2, songs // 10)
    count = min(int(np.clip(round(1.2 * songs**0.35), 2, 48)), artists)
    scenes = _scenes(flavour, count, rng)
    artist_scene = _settle(scenes.weight, artists, rng)
    shift, power = flavour.fame
    fame: Floats = np.asarray((rng.permutation(artists) + shift) ** -power)
    weight = _balanced(fame, artist_scene, scenes.weight)
    sizes = spread(songs, rng.lognormal(0.0, 1.0, artists) * np.sqrt(np.sqrt(fame)), 1, max(20, songs // 5))
    song_artist = np.repeat(np.arange(artists), sizes)
    song_first = np.concatenate([[0], np.cumsum(sizes)])
    fresh = np.minimum(rng.binomial(sizes, 0.06), sizes // 2)
    place = np.arange(songs) - song_first[song_artist]
    inside = _zipf_inside(song_artist, song_first, place < (sizes - fresh)[song_artist], flavour.hits, rng)
    released, album = _releases(flavour, scenes.era[artist_scene], sizes, fresh, song_artist, place, rng)
    return World(
        scenes=scenes,
        scene_first=np.searchsorted(artist_scene, np.arange(count + 1)),
        artist_scene=artist_scene,
        artist_bounds=cumulative(weight),
        song_first=song_first,
        song_old=sizes - fresh,
        song_bounds=cumulative(inside * weight[song_artist]),
        song_artist=song_artist,
        song_album=album,
        song_genre=rng.choice(4, size=songs, p=(0.74, 0.15, 0.09, 0.02)),
        released=released,
        length_ms=np.clip(rng.lognormal(12.36, 0.28, songs), 20_000, 1_500_000).astype(np.int64),
    )


def spread(total: int, weights: Floats, low: int, high: int) -> Ints:
    """Return whole numbers near `weights`, scaled to add up to `total`, none below `low` or above `high`."""
    scale_low, scale_high = 0.0, (total + 1.0) * len(weights) / max(float(weights.min()), 1e-300)
    for _ in range(200):
        scale = (scale_low + scale_high) / 2
        reached = np.clip(weights * scale, low, high).sum() >= total
        scale_low, scale_high = (scale_low, scale) if reached else (scale, scale_high)
    exact = np.clip(weights * scale_high, low, high)
    whole = np.floor(exact).astype(np.int64)
    missing = total - int(whole.sum())
    if missing > 0:
        whole[np.argsort(whole - exact, kind="stable")[:missing]] += 1
    return np.minimum(whole, high)


def _scenes(flavour: Flavour, count: int, rng: np.random.Generator) -> Scenes:
    languages = _languages(flavour, count)
    plays = {name: share for name, _, share in flavour.languages}
    weight = np.array([plays[name] / languages.count(name) for name in languages]) * rng.lognormal(0, 0.5, count)
    genres = [flavour.genres[name] for name in languages]
    main = [rng.integers(len(codes)) for codes in genres]
    era = flavour.today - 1 - rng.exponential(7.0, count)
    tone = rng.normal(0, 0.8, (count, 3))
    place = np.column_stack(
        [tone, era / 8, *(np.array([name == other for name in languages]) * 2.2 for other in plays)]
    )
    near = np.exp(-((place[:, None] - place[None]) ** 2).sum(axis=2) / 4.0) * np.sqrt(weight)
    np.fill_diagonal(near, 0)
    return Scenes(
        language=tuple(languages),
        genres=tuple((codes[i], codes[(i + 1) % len(codes)]) for codes, i in zip(genres, main, strict=True)),
        era=era,
        age=np.clip(18 + 0.9 * (flavour.today - era) + rng.normal(0, 4, count), 15, 60),
        gender=rng.normal(0, 0.35, count),
        city=rng.integers(0, 8, count),
        weight=weight / weight.sum(),
        neighbour=near / near.sum(axis=1, keepdims=True),
    )


def _languages(flavour: Flavour, count: int) -> list[str]:
    """One scene for each language in turn, the rest by the languages' shares of scenes."""
    names = [name for name, _, _ in flavour.languages][:count]
    shares = np.array([share for _, share, _ in flavour.languages][:count])
    return [name for name, number in zip(names, spread(count, shares, 1, count), strict=True) for _ in range(number)]


def _settle(weight: Floats, artists: int, rng: np.random.Generator) -> Ints:
    """Artists live in scenes by the square root of the scenes' plays: small scenes are crowded too."""
    share = np.sqrt(weight)
    extra = rng.choice(len(weight), size=artists - len(weight), p=share / share.sum())
    return np.sort(np.concatenate([np.arange(len(weight)), extra]))


def _balanced(fame: Floats, artist_scene: Ints, weight: Floats) -> Floats:
    inside = np.bincount(artist_scene, fame)
    return np.asarray(fame * (weight / inside)[artist_scene])


def _zipf_inside(song_artist: Ints, song_first: Ints, out: Bools, power: float, rng: np.random.Generator) -> Floats:
    """Weights of the songs of each artist, adding up to 1: a Zipf law over a chance order of those out."""
    order = np.lexsort((rng.random(len(song_artist)), ~out, song_artist))
    rank = np.empty(len(order))
    rank[order] = np.arange(len(order)) - song_first[song_artist[order]]
    raw = np.where(out, (rank + 1.0) ** -power, 0.0)
    return np.asarray(raw / np.bincount(song_artist, raw)[song_artist])


def _releases(
    flavour: Flavour, era: Floats, sizes: Ints, fresh: Ints, artist: Ints, place: Ints, rng: np.random.Generator
) -> tuple[Ints, Ints]:
    """Albums of about ten songs, in order from an artist's first year on; new releases come out in the present year."""
    number = place // 10
    new = place >= (sizes - fresh)[artist]
    first_year = era - np.abs(rng.normal(0, 3, len(era)))
    year = np.clip(first_year[artist] + 1.7 * number, 1955, flavour.today - 1).astype(np.int64)
    key = artist * 100_000 + number + 50_000 * new
    _, album = np.unique(key, return_inverse=True)
    month, day = rng.integers(1, 13, album.max() + 1), rng.integers(1, 29, album.max() + 1)
    month, day = np.where(new, 1 + month[album] % 2, month[album]), day[album]
    return np.where(new, flavour.today, year) * 10_000 + month * 100 + day, album
