"""How far two lists agree, in numbers."""

from __future__ import annotations

import pytest

from musicrec.core.pages import Comparison
from musicrec.core.records import Listener, Recommendation, Recommendations, Song


def ranked(*songs: int) -> Recommendations:
    items = (Recommendation(rank, Song(n, f"s{n}"), 1.0, 1.0, False, False, False) for rank, n in enumerate(songs, 1))
    return Recommendations(Listener(0, "a"), "run", tuple(items), 99, 1.0)


def compared(one: tuple[int, ...], other: tuple[int, ...]) -> Comparison:
    return Comparison(ranked(*one), ranked(*other), (), (), len({*one} & {*other}), (), None)


@pytest.mark.parametrize(
    ("one", "other", "jaccard", "correlation"),
    [
        ((1, 2, 3), (1, 2, 3), 1.0, 1.0),
        ((1, 2, 3), (3, 2, 1), 1.0, -1.0),
        ((1, 9, 2, 8, 3), (7, 1, 3, 6, 2), 3 / 7, 0.5),  # only the order among the shared ones counts
        ((1, 2), (2, 3), 1 / 3, None),
        ((1, 2), (3, 4), 0.0, None),
        ((), (), None, None),
    ],
)
def test_agreement(one, other, jaccard, correlation):
    found = compared(one, other)
    assert found.jaccard == pytest.approx(jaccard) if jaccard is not None else found.jaccard is None
    assert found.correlation == pytest.approx(correlation) if correlation is not None else found.correlation is None
