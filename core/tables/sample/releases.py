"""New releases: songs that weigh nothing in the stream and come up where their artist is played after they are out."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from musicrec.core.tables.sample.crowd import Crowd
from musicrec.core.tables.sample.stream import Plays
from musicrec.core.tables.sample.world import Bools, World


def in_future(crowd: Crowd, plays: Plays) -> Bools:
    """Return which plays lie in the future: the last ones of each listener, as many as the crowd says."""
    total, future = crowd.plays[plays.block], crowd.future[plays.block]
    rank = np.arange(len(plays.song)) - np.searchsorted(plays.listener, np.arange(len(total)))[plays.listener]
    return np.asarray(rank >= (total - future)[plays.listener])


def released(world: World, plays: Plays, chance: np.ndarray, rng: np.random.Generator) -> tuple[Plays, Bools]:
    """Turn each play, by its chance, into one of a new release by the same artist.

    Returns the plays and which of them to keep: of two that became the same (listener, song) the first one.
    """
    artist = world.song_artist[plays.song]
    fresh = np.diff(world.song_first)[artist] - world.song_old[artist]
    turned = (fresh > 0) & (rng.random(len(artist)) < chance)
    latest = world.song_first[artist] + world.song_old[artist] + (rng.random(len(artist)) * fresh).astype(np.int64)
    song = np.where(turned, latest, plays.song)
    kept = np.zeros(len(song), dtype=np.bool_)
    kept[np.unique(plays.listener * world.songs + song, return_index=True)[1]] = True
    return replace(plays, song=song), kept
