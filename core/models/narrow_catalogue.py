"""A folded catalogue in 16 bits a number, and a bound on what that changes: half the memory to read, and no other list.

Row r of the catalogue, in float32, is kept as integers n of 16 bits and a step d, the greatest |s| / 32767, so that
|s - n d| ≤ 0.51 d. The loops of `kernels.folded` score it as they score float32: d goes into the first layer's weights.

Let f be a song's score in float32 and g its score here, |f - g| ≤ e for all songs. If t is the k-th best g, then k
songs have g ≥ t, so f ≥ t - e, and the k-th best f is t - e at least. A song among the best k by f has f ≥ t - e, so
g ≥ t - 2 e. All such songs are scored again in float32, from the very numbers and by the very sums of the whole
catalogue, and the best of them are the best of all, bit for bit.

e is found for each listener from the greatest |s| of each row, layer by layer, with ReLU changing no difference for the
worse. Writing E for the difference of inputs that are X at most, a layer W x + b of n inputs turns it into
|W| E + 2 γ (|b| + |W| (X + E)), where γ = m u / (1 - m u), m = 2 n + 4, u = 2^-24 covers the rounding of products, sums
and scaled weights in either way of scoring (Higham, Accuracy and Stability of Numerical Algorithms, §3.1).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from musicrec.core.models.catalogue_search import Asked, Bools, Floats, Network, search

_MORE, _SHARE = 16, 2  # songs that are kept beside the best k, and one for so many of them
_LEAST_STEP = 1e-9  # so that what is divided by steps stays finite
_AT_ONCE = 1024  # blocks
_ROUNDING = 2.0**-24
_HIGHEST, _QUANTISED = 32767, 0.51  # and how many steps a number is off at most: half of one, and rounding in float32
_SCALE = 65536  # the loops read integers in the upper half of 32 bits


class NarrowCatalogue:
    """Finds which songs of a float32 catalogue may be a listener's best.

    `blocks` (blocks, rows, 32) has finite numbers of `songs` songs; `layers` are each (1 + in, out), biases first, and
    there is one at least; `head` (out of the last,).
    """

    def __init__(self, blocks: Floats, songs: int, layers: Sequence[Floats], head: Floats) -> None:
        self._songs = songs
        self._most = _greatest(blocks)
        self._steps = np.maximum(self._most / _HIGHEST, _LEAST_STEP)  # (rows,)
        self._blocks = _rounded(blocks, self._steps)
        self._first = len(layers[0]) - 1
        self._units = self._steps / _SCALE
        scaled = layers[0].astype(np.float64)
        scaled[1:] *= self._units[: self._first, None]
        self._network = Network.of([scaled.astype(np.float32), *layers[1:]], head)
        self._sizes = [np.abs(each.astype(np.float64)) for each in layers]
        self._head = np.abs(head.astype(np.float64))

    def candidates(self, asked: Asked, heard: NDArray[np.int64], allowed: Bools, k: int) -> NDArray[np.int64] | None:
        """Return songs with the best `k` of one listener among them; None where they are too many, or no numbers."""
        shifts, factors, constants = asked
        units, first = self._units, self._first
        scaled = (shifts / units[:first]).astype(np.float32), (factors * units[first:]).astype(np.float32), constants
        kept = search(self._blocks, self._songs, scaled, self._network, heard, allowed, k + _MORE + k // _SHARE)
        if kept is None:
            return None
        values, places = kept[0].astype(np.float64), kept[1]
        limit = np.sort(values, axis=None)[-k] - 2 * self.bound(asked)
        # What a thread passed by is not above the worst that it kept, which is -inf where it kept all
        if not limit > values.min(axis=1).max():
            return None
        chosen: NDArray[np.int64] = places[values >= limit]
        return chosen

    def bound(self, asked: Asked) -> float:
        """Return how far scores here are from those in float32, at most, for one listener."""
        shifts, factors, constants = (np.abs(each[0].astype(np.float64)) for each in asked)
        first = self._first
        x = self._most[:first] + shifts
        error = _QUANTISED * self._steps[:first] + 4 * _ROUNDING * x
        for size in self._sizes:
            high = size[0] + (x + error) @ size[1:]
            error = error @ size[1:] + 2 * _rounding(len(size)) * high
            x = 1.001 * high
        terms = len(self._head) + len(factors)
        high = constants + self._head @ (x + error) + factors @ (self._most + self._steps)[first:]
        own = self._head @ error + _QUANTISED * factors @ self._steps[first:]
        return float(1.001 * (own + 2 * _rounding(terms) * high) + 1e-20)


def _rounding(terms: int) -> float:
    all_of_it = (2 * terms + 4) * _ROUNDING
    return all_of_it / (1 - all_of_it)


def _greatest(blocks: Floats) -> NDArray[np.float64]:
    parts = (blocks[start : start + _AT_ONCE] for start in range(0, len(blocks), _AT_ONCE))
    greatest: NDArray[np.float64] = np.max([np.abs(part).max((0, 2)) for part in parts], axis=0).astype(np.float64)
    return greatest


def _rounded(blocks: Floats, steps: NDArray[np.float64]) -> NDArray[np.int16]:
    # Column i stands beside column 16 + i, as two halves of 32 bits
    found = np.empty((*blocks.shape[:2], blocks.shape[2] // 2, 2), np.int16)
    for start in range(0, len(blocks), _AT_ONCE):
        part = np.rint(blocks[start : start + _AT_ONCE] / steps[:, None].astype(np.float32))
        found[start : start + _AT_ONCE] = part.reshape(*part.shape[:2], 2, -1).swapaxes(2, 3)
    return found.reshape(blocks.shape)
