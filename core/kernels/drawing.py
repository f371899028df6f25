"""Draws by the million: a song by its chance, and whether a listener has played it."""

from __future__ import annotations

from typing import Any

import numpy as np

from musicrec.core.kernels.compiled import compiled


@compiled
def find_songs(running: Any, guide: Any, chances: Any, found: Any, first: int, end: int) -> None:
    """Fill `found[first:end]` with the first songs whose running sum of chances is above each of `chances` (n,).

    `running` (S,) is float64 and does not fall; `guide` (G,) holds, for each G-th part of its last value, the song to
    begin at (Chen & Asau, AIIE Transactions, 1974): at or before the one that is sought, and near it.
    """
    songs, parts = len(running), len(guide)
    scale = parts / running[-1]
    for at in range(first, end):
        chance = chances[at]
        song = guide[min(int(chance * scale), parts - 1)]
        while song < songs - 1 and running[song] <= chance:
            song += 1
        found[at] = song


@compiled
def make_guide(running: Any, guide: Any) -> None:
    """Fill the `guide` of `find_songs`; a part begins one song early, for a chance that rounding brought into it."""
    song, parts = 0, len(guide)
    for part in range(parts):
        least = running[-1] * part / parts
        while song < len(running) - 1 and running[song] <= least:
            song += 1
        guide[part] = max(song - 1, 0)


@compiled
def mark_played(
    offsets: Any, played: Any, listeners: Any, songs: Any, marks: Any, catalogue: int, first: int, end: int
) -> None:
    """Set `marks[first:end]` where a pair of `listeners` (n,) and `songs` (n,) of `catalogue` songs is played.

    Listener l played the songs `played[offsets[l]:offsets[l + 1]]`. Pairs of one listener should stand together: what
    one listener played is laid open, a byte a song, until the next comes.
    """
    open_songs, begin, stop, listener = np.zeros(catalogue, np.bool_), 0, 0, -1
    for at in range(first, end):
        if listeners[at] != listener:
            for each in range(begin, stop):
                open_songs[played[each]] = False
            listener = listeners[at]
            begin, stop = offsets[listener], offsets[listener + 1]
            for each in range(begin, stop):
                open_songs[played[each]] = True
        marks[at] = open_songs[songs[at]]
