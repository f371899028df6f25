"""A catalogue in 16 bits: no score is further off than its bound, and none of the best songs is missing."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

search = pytest.importorskip("musicrec.core.models.catalogue_search", reason="there is no numba for this Python")
narrow = pytest.importorskip("musicrec.core.models.narrow_catalogue")

BLOCKS, SONGS = 9, 9 * 32 - 5
NOBODY, EVERYTHING = np.zeros(0, np.int64), np.zeros(0, np.bool_)


def _world(seed: int, spread: float, depth: int, factors: int) -> tuple[Any, Any, Any, Any]:
    """Draw blocks of songs, layers, a head, and what a listener asks; rows of songs differ `spread` decades in size."""
    draw = np.random.default_rng(seed)
    widths = draw.integers(1, 5, depth + 1) * 8
    sizes = 10 ** draw.uniform(-spread, spread / 2, widths[0] + factors)

    def numbers(*shape: int) -> Any:
        return draw.standard_normal(shape).astype(np.float32) * np.float32(0.5)

    blocks = (numbers(BLOCKS, len(sizes), 32) * sizes[:, None]).astype(np.float32)
    layers = [numbers(1 + inner, outer) for inner, outer in pairwise(widths)]
    return blocks, layers, numbers(widths[-1]), (numbers(1, widths[0]), numbers(1, factors), numbers(1))


def _scores(blocks: Any, asked: Any, network: Any) -> Any:
    values, places = search.search(blocks, SONGS, asked, network, NOBODY, EVERYTHING, SONGS)
    scores = np.empty(SONGS, np.float32)
    scores[places[0]] = values[0]
    return scores


@settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 10_000), spread=st.sampled_from([0.0, 1.0, 4.0]), depth=st.integers(1, 4),
    factors=st.integers(0, 20), k=st.integers(1, 30),
)  # fmt: skip
def test_no_score_is_off_by_more_than_the_bound(seed: int, spread: float, depth: int, factors: int, k: int) -> None:
    blocks, layers, head, asked = _world(seed, spread, depth, factors)
    given = narrow.NarrowCatalogue(blocks, SONGS, layers, head)
    units, first = given._units, blocks.shape[1] - factors
    scaled = (asked[0] / units[:first]).astype(np.float32), (asked[1] * units[first:]).astype(np.float32), asked[2]
    exact = _scores(blocks, asked, search.Network.of(layers, head))
    there = _scores(given._blocks, scaled, given._network)
    bound = given.bound(asked)
    assert np.abs(exact.astype(np.float64) - there).max() <= bound
    assert np.abs(exact.astype(np.float64) - _in_float64(blocks, layers, head, asked)).max() <= bound
    found = given.candidates(asked, NOBODY, EVERYTHING, k)
    assume(found is not None)  # scores that crowd are looked at in float32
    best = np.lexsort((np.arange(SONGS), -exact))[:k]
    assert set(best.tolist()) <= set(found.tolist())
    assert len(found) <= k + narrow._MORE + k // narrow._SHARE


def _in_float64(blocks: Any, layers: Any, head: Any, asked: Any) -> Any:
    songs = blocks.transpose(0, 2, 1).reshape(-1, blocks.shape[1])[:SONGS].astype(np.float64)
    shifts, factors, constants = (each[0].astype(np.float64) for each in asked)
    x = np.maximum(songs[:, : len(shifts)] + shifts, 0)
    for layer in layers:
        x = np.maximum(x @ layer[1:].astype(np.float64) + layer[0], 0)
    return x @ head.astype(np.float64) + songs[:, len(shifts) :] @ factors + constants


def test_the_bound_is_small_beside_what_tells_songs_apart() -> None:
    blocks, layers, head, asked = _world(3, 0.0, 2, 8)
    given = narrow.NarrowCatalogue(blocks, SONGS, layers, head)
    assert given.bound(asked) < 0.01 * _scores(blocks, asked, search.Network.of(layers, head)).std()
    found = given.candidates(asked, NOBODY, EVERYTHING, 10)
    assert found is not None
    assert len(found) < 15


def test_songs_that_all_score_alike_are_left_to_float32() -> None:
    blocks, layers, head, asked = _world(3, 0.0, 2, 8)
    alike = np.ascontiguousarray(np.broadcast_to(blocks[:1, :, :1], blocks.shape))
    given = narrow.NarrowCatalogue(alike, SONGS, layers, head)
    assert given.candidates(asked, NOBODY, EVERYTHING, 10) is None
