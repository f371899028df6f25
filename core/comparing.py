"""Two rankings side by side: where songs stand in each, and what was measured of both runs alike."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from musicrec.core.ordering import Order
from musicrec.core.pages import Shift
from musicrec.core.paired_figures import alike_pairs, shared_ks
from musicrec.core.records import Evaluation, Recommendations, Song


def shifts(songs: Sequence[Song], before: Order, after: Order) -> tuple[Shift, ...]:
    """Say where each song stands in two orders."""
    numbers = [song.song for song in songs]
    ranks = zip(songs, before.ranks(numbers), after.ranks(numbers), strict=True)
    return tuple(Shift(song, one, other) for song, one, other in ranks)


def gone(before: Recommendations, after: Recommendations) -> tuple[Song, ...]:
    """Return the songs of one list that are not in the other, best first."""
    there = {item.song.song for item in after.items}
    return tuple(item.song for item in before.items if item.song.song not in there)


def measured_alike(one: Iterable[Evaluation], other: Iterable[Evaluation]) -> tuple[Evaluation, Evaluation] | None:
    """Return the full-ranking test figures of two runs, at the ks of both; None without such under one protocol."""
    pairs = alike_pairs(*([each for each in several if _full_test(each)] for several in (one, other)))
    for first, second in pairs:
        if ks := shared_ks(first, second):
            return _at(first, ks), _at(second, ks)
    return None


def _full_test(evaluation: Evaluation) -> bool:
    protocol = evaluation.protocol
    return protocol.split == "test" and protocol.name == protocol.candidates == "full"


def _at(evaluation: Evaluation, ks: tuple[int, ...]) -> Evaluation:
    kept = {name: value for name, value in evaluation.metrics.items() if "@" not in name or _k(name) in ks}
    return replace(evaluation, protocol=replace(evaluation.protocol, ks=ks), metrics=kept)


def _k(metric: str) -> int:
    return int(metric.rpartition("@")[2])
