"""Where a KKBOX play began: the tabs, screens and sources of the real files with their shares, by kind of session."""

from __future__ import annotations

from typing import Final

import numpy as np

from musicrec.core.tables.sample.flavours import Flavour, choose
from musicrec.core.tables.sample.stream import Plays
from musicrec.core.tables.sample.world import Bools, Floats, Ints

_MORE, _ONLINE = "Local playlist more", "Online playlist more"

# (tab, screen, source, share): as often as in the first rows of the real train.csv
CONTEXTS: Final[dict[str, tuple[tuple[str, str, str, int], ...]]] = {
    "my library": (
        ("my library", _MORE, "local-library", 9220), ("my library", _MORE, "local-playlist", 4442),
        ("my library", "My library", "local-library", 198), ("my library", "My library", "local-playlist", 146),
        ("my library", "Album more", "album", 140), ("my library", "Search", "online-playlist", 67),
        ("my library", "", "top-hits-for-artist", 62), ("", "", "", 50), ("my library", _MORE, "artist", 13),
        ("my library", "My library_Search", "local-library", 16), ("null", "", "online-playlist", 7),
    ),
    "discover": (
        ("discover", _ONLINE, "online-playlist", 1576), ("discover", "Discover Chart", "online-playlist", 404),
        ("discover", "Discover Feature", "song-based-playlist", 233), ("discover", "Album more", "album", 133),
        ("discover", "Discover Feature", "online-playlist", 230), ("discover", _ONLINE, "song-based-playlist", 162),
        ("discover", "", "online-playlist", 132), ("discover", "", "top-hits-for-artist", 126),
        ("discover", "Discover Genre", "online-playlist", 110), ("discover", "Unknown", "online-playlist", 80),
        ("discover", _MORE, "local-library", 72), ("discover", "Artist more", "top-hits-for-artist", 55),
        ("discover", "Search Trends", "song", 11), ("discover", "Discover New", "online-playlist", 5),
        ("notification", "", "topic-article-playlist", 2),
    ),
    "search": (
        ("search", "Artist more", "top-hits-for-artist", 313), ("search", "Search", "song", 144),
        ("search", "Album more", "album", 123), ("search", _ONLINE, "online-playlist", 110),
        ("search", _MORE, "local-library", 22), ("search", "Search Home", "online-playlist", 6),
    ),
    "radio": (("radio", "Radio", "radio", 631), ("radio", "Album more", "album", 10)),
    "listen with": (
        ("listen with", "Others profile more", "listen-with", 282), ("listen with", _ONLINE, "online-playlist", 20),
    ),
    "explore": (
        ("explore", "Explore", "online-playlist", 120), ("explore", _ONLINE, "online-playlist", 59),
        ("explore", "Album more", "album", 11),
    ),
}  # fmt: skip

# Log-odds that a song is played again within a month, before what the listener likes is counted.
_AGAIN: Final = {"my library": 1.3, "discover": 0.3, "search": -0.3, "radio": -1.4, "listen with": -0.8, "explore": 0.0}


def all_contexts(flavour: Flavour) -> list[tuple[str, str, str]]:
    """Return every (tab, screen, source), in the order that `draw_contexts` numbers them."""
    return [row[:3] for kind in flavour.kinds for row in CONTEXTS[kind.name]]


def draw_contexts(flavour: Flavour, plays: Plays, rng: np.random.Generator) -> Ints:
    """Return the number of each play's context: one for each segment, with one play in twenty on its own."""
    shares = _shares(flavour)
    first = np.flatnonzero(np.diff(plays.segment, prepend=-1))
    usual = choose(shares[plays.kind[first]], rng.random(len(first)))
    own = choose(shares[plays.kind], rng.random(len(plays.song)))
    return np.where(rng.random(len(own)) < 0.05, own, np.repeat(usual, np.diff(first, append=len(own))))


def draw_repeats(flavour: Flavour, plays: Plays, rng: np.random.Generator) -> Bools:
    """Return which plays were repeated: likelier in the library, for favourites, and in scenes the listener is in."""
    base = np.array([_AGAIN[kind.name] for kind in flavour.kinds])
    habit = rng.normal(0, 0.5, int(plays.listener[-1]) + 1)
    odds = base[plays.kind] + 0.9 * plays.favourite + plays.at_home + habit[plays.listener]
    return np.asarray(rng.random(len(odds)) < 1 / (1 + np.exp(-odds)))


def _shares(flavour: Flavour) -> Floats:
    rows = [(number, row[3]) for number, kind in enumerate(flavour.kinds) for row in CONTEXTS[kind.name]]
    shares = np.zeros((len(flavour.kinds), len(rows)))
    for column, (number, share) in enumerate(rows):
        shares[number, column] = share
    return shares
