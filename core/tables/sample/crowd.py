"""The listeners of an invented world (or, for Melon, its playlists): who they are and what they lean to."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from musicrec.core.tables.sample.flavours import Flavour, cumulative
from musicrec.core.tables.sample.world import Floats, Ints, World, spread

FAVOURITES = 8
THEMES = 24


@dataclass(frozen=True, slots=True)
class Crowd:
    """All listeners; every array is per listener. Playlists use `theme`, listeners the demographics."""

    age: Ints
    female: Ints  # 1 woman, -1 man
    city: Ints
    theme: Ints
    curiosity: Floats  # chance that a change of mood ignores the listener's taste
    plays: Ints  # past and future together
    future: Ints  # those of `plays` that lie in the future


@dataclass(frozen=True, slots=True)
class Leanings:
    """What the listeners of one block lean to, drawn from who they are."""

    taste: Floats  # listeners × scenes, rows add up to 1
    favourites: Ints  # listeners × FAVOURITES, artists
    kinds: Floats  # listeners × kinds of session, rows add up to 1


def gather(flavour: Flavour, listeners: int, plays: int, songs: int, seed: int, held_out: float) -> Crowd:
    """Return the listeners, `plays` shared out among them log-normally; `held_out` is the future's share of plays.

    One listener in six has no future, one in fifty only a future; the first one always has a past.
    """
    rng = np.random.default_rng((seed, 2))
    high = min(songs, max(40 * plays // listeners, -(-plays // listeners)))
    number = spread(plays, rng.lognormal(0, flavour.activity, listeners), 1, high)
    known = rng.random(listeners)
    share = np.where(known < 1 / 6, 0.0, min(1.0, held_out * 1.19))
    future = np.minimum(rng.binomial(number, share), number - 1)
    future = np.where((known > 0.98) & (held_out > 0) & (np.arange(listeners) > 0), number, future)
    return Crowd(
        age=np.clip(13 + rng.gamma(2.6, 5.8, listeners), 13, 85).astype(np.int64),
        female=rng.choice(np.array([-1, 1]), listeners),
        city=np.minimum(rng.geometric(0.3, listeners) - 1, 20),
        theme=np.minimum(rng.geometric(0.08, listeners) - 1, THEMES - 1),
        curiosity=rng.beta(2, 8, listeners),
        plays=number,
        future=future,
    )


def lean(
    world: World, flavour: Flavour, crowd: Crowd, block: slice, themes: Floats | None, rng: np.random.Generator
) -> Leanings:
    """Draw the leanings of the listeners in `block`; `themes` (themes × scenes) takes the place of demographics."""
    prior = public(world, crowd, block) if themes is None else world.scenes.weight * themes[crowd.theme[block]]
    taste = _tastes(world, flavour, prior / prior.sum(axis=1, keepdims=True), rng)
    shares = np.array([kind.share for kind in flavour.kinds])
    kinds = rng.gamma(shares * flavour.kind_spread, size=(len(taste), len(shares))) + 1e-9 * shares
    scenes = pick_rows(taste, rng.random((len(taste), FAVOURITES)))
    favourites = artists_of(world, scenes, rng.random(scenes.shape))
    return Leanings(taste, favourites, kinds / kinds.sum(axis=1, keepdims=True))


def _tastes(world: World, flavour: Flavour, prior: Floats, rng: np.random.Generator) -> Floats:
    """Draw languages, then scenes within each language, so that few listeners are at home in many languages."""
    names = [name for name, _, _ in flavour.languages]
    tongue = np.eye(len(names))[[names.index(name) for name in world.scenes.language]]  # scenes × languages
    share = prior @ tongue
    loyal = rng.gamma(share * flavour.tongue_spread) + 1e-9 * share
    taste = rng.gamma(prior / (share @ tongue.T) * flavour.taste_spread) + 1e-9 * prior
    taste *= (loyal / np.maximum(taste @ tongue, 1e-300)) @ tongue.T
    return np.asarray(taste / taste.sum(axis=1, keepdims=True))


def public(world: World, crowd: Crowd, block: slice) -> Floats:
    """Return how much each scene speaks to people like each listener of the block (listeners × scenes)."""
    scenes = world.scenes
    years = (crowd.age[block, None] - scenes.age[None]) / 14.0
    gender = crowd.female[block, None] * scenes.gender[None]
    city = np.where(crowd.city[block, None] == scenes.city[None], 1.8, 1.0)
    return np.asarray(scenes.weight * np.exp(-0.5 * years**2 + gender) * city)


def theme_leanings(world: World, seed: int) -> Floats:
    """Return how much each theme of playlists leans to each scene (themes × scenes)."""
    rng = np.random.default_rng((seed, 4))
    return rng.lognormal(0.0, 1.3, (THEMES, len(world.scenes.weight)))


def pick_rows(chances: Floats, draws: Floats) -> Ints:
    """Return, for every row of `chances`, the columns that the row's draws in [0, 1) fall on."""
    bounds = cumulative(chances)
    ends = bounds[:, 1:] / bounds[:, -1:]
    steps = np.arange(len(ends))[:, None] * 2.0
    flat = np.searchsorted((ends + steps).ravel(), (draws + steps).ravel(), side="right").reshape(draws.shape)
    return np.asarray(np.minimum(flat - np.arange(len(ends))[:, None] * ends.shape[1], ends.shape[1] - 1))


def artists_of(world: World, scenes: Ints, draws: Floats) -> Ints:
    """Return an artist of each scene, by the artists' weights."""
    low, high = world.scene_first[scenes], world.scene_first[scenes + 1]
    return _fall(world.artist_bounds, low, high, draws)


def songs_of(world: World, artists: Ints, draws: Floats) -> Ints:
    """Return a song of each artist that is out, by the songs' weights."""
    low = world.song_first[artists]
    return _fall(world.song_bounds, low, low + world.song_old[artists], draws)


def _fall(bounds: Floats, low: Ints, high: Ints, draws: Floats) -> Ints:
    aim = bounds[low] + draws * (bounds[high] - bounds[low])
    return np.clip(np.searchsorted(bounds, aim, side="right") - 1, low, high - 1)
