"""From what a run keeps of every listener to its figures by slice."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, get_args

import numpy as np

from musicrec.core.errors import MusicrecError, UsageError
from musicrec.core.figures import metric_figure, metric_title
from musicrec.core.measurements import read_measurement
from musicrec.core.places import Places
from musicrec.core.records import By, Evaluation
from musicrec.core.runs import CARD
from musicrec.core.slices import (
    BY_SONG,
    FEW,
    UNKNOWN,
    Groups,
    Slice,
    Sliced,
    by_decade,
    by_quarter,
    by_third,
    by_value,
    of_listeners,
    of_songs,
    thirds,
)
from musicrec.core.tables.traits import ListenerTraits, SongTraits, listener_traits, song_plays, song_traits
from musicrec.core.tabular import Cell, Sheet

if TYPE_CHECKING:
    from musicrec.core.tables.measured import Measured

_SHOWN = ("hr", "recall", "ndcg")


def slices_by(typed: str) -> tuple[By, ...]:
    """Read what to slice by, with commas between. Raises UsageError for what there is not."""
    kinds: tuple[By, ...] = get_args(By)
    asked = [word.strip() for word in typed.split(",") if word.strip()]
    if strange := [word for word in asked if word not in kinds]:
        raise UsageError(f"--by {strange[0]}: slices go by {', '.join(kinds[:-1])} or {kinds[-1]}")
    return tuple(kind for kind in kinds if kind in asked)


def sliced(places: Places, dataset: Path, evaluations: Sequence[Evaluation], by: By) -> tuple[Sliced, ...]:
    """Slice the kept figures of these evaluations; what keeps no figures of each listener (a baseline that is no run,
    scores of a file) is left out.

    Raises NotFound where a run was not measured, UsageError where nothing is known to slice by.
    """
    kept = [each for each in evaluations if (places.run(each.run) / CARD).is_file()]
    groups = _SongGroups(dataset, by) if by in BY_SONG else _ListenerGroups(dataset, by)
    return tuple(
        Sliced(each.run, each.model, by, each.protocol, groups.slices(each, found))
        for each in kept
        for found in (read_measurement(places, each.run, each.protocol),)  # one at a time: held-out songs are many
    )


class _ListenerGroups:
    def __init__(self, dataset: Path, by: By) -> None:
        self.dataset, self.by = dataset, by
        self._known: dict[str, dict[str, ListenerTraits]] = {}

    def slices(self, evaluation: Evaluation, measured: Measured) -> tuple[Slice, ...]:
        split = evaluation.protocol.split
        if split not in self._known:
            self._known[split] = listener_traits(self.dataset, split)
        known = self._known[split]
        traits = [known[each] for each in _all_known(list(measured.listeners), known, self.dataset)]
        return of_listeners(self._groups(traits), measured.columns, evaluation.protocol.seed)

    def _groups(self, traits: Sequence[ListenerTraits]) -> Groups:
        match self.by:
            case "activity":
                return by_quarter(np.array([each.plays for each in traits], dtype=np.int64), "plays")
            case "age":
                groups = by_decade([each.age for each in traits])
            case "gender":
                groups = by_value([_one(each.gender) for each in traits])
            case _:
                groups = by_value([_one(each.city) for each in traits])
        return _worth_it(groups, self.dataset, self.by, "the listeners")


class _SongGroups:
    def __init__(self, dataset: Path, by: By) -> None:
        self.dataset, self.by = dataset, by
        self._third = thirds(song_plays(dataset)) if by == "popularity" else None

    def slices(self, evaluation: Evaluation, measured: Measured) -> tuple[Slice, ...]:
        held = [song for songs in measured.held for song in songs]
        known = song_traits(self.dataset, set(held))
        traits = [known[song] for song in _all_known(held, known, self.dataset)]
        owner = np.repeat(np.arange(len(measured.held)), [len(songs) for songs in measured.held])
        rank = np.array([rank for ranks in measured.ranks for rank in ranks], dtype=np.int64)
        protocol, shown = evaluation.protocol, {name for name in evaluation.metrics if "@" in name}
        slices = of_songs(self._groups(traits), owner, rank, protocol.ks, protocol.seed)
        return tuple(
            replace(each, metrics={name: value for name, value in each.metrics.items() if name in shown})
            for each in slices
        )

    def _groups(self, traits: Sequence[SongTraits]) -> Groups:
        if self._third is not None:
            return by_third(np.array([each.number for each in traits], dtype=np.int64), self._third)
        if self.by == "language":
            groups = by_value([_one(each.language) for each in traits])
        else:
            groups = by_value([each.genres for each in traits])
        return _worth_it(groups, self.dataset, self.by, "the held-out songs")


def _one(value: str | None) -> tuple[str, ...]:
    return () if value is None else (value,)


def _all_known(ids: Sequence[str], known: Collection[str], dataset: Path) -> Sequence[str]:
    if strange := set(ids).difference(known):
        raise MusicrecError(f"dataset {dataset.stem} has no {min(strange)!r} that was measured: evaluate the run again")
    return ids


def _worth_it(groups: Groups, dataset: Path, by: By, of: str) -> Groups:
    if [name for name, _ in groups] == [UNKNOWN]:
        raise UsageError(f"dataset {dataset.stem} knows the {by} of none of {of}: slice by something else")
    return groups


def slices_sheet(answers: Sequence[Sliced]) -> Sheet:
    """One row a slice and run, with figures at 10 where they were measured, else at the fewest places."""
    protocol, by = answers[0].protocol, answers[0].by
    k = 10 if 10 in protocol.ks else protocol.ks[0]
    there = {name for answer in answers for each in answer.slices for name in each.metrics}
    names = [name for name in (f"{metric}@{k}" for metric in _SHOWN) if name in there]
    rows: list[tuple[Cell, ...]] = []
    for name in dict.fromkeys(each.name for answer in answers for each in answer.slices):
        for answer in answers:
            who = (answer.run, answer.protocol.first_plays)
            for each in (each for each in answer.slices if each.name == name):
                figures = (metric_figure(each.metrics[metric]) for metric in names)
                rows.append((name, *who, each.listeners, each.songs, *figures, _mark(each)))
    columns = (by, "run", "plays shown", "listeners", "songs", *map(metric_title, names), "mark")
    notes = (
        replace(protocol, first_plays=None).label,
        f"slices of {'held-out songs' if by in BY_SONG else 'listeners'}; ± is half the bootstrap 95 % interval",
    )
    return Sheet(f"By {by}", columns, tuple(rows), notes)


def _mark(slice: Slice) -> str:
    return f"fewer than {FEW} listeners" if slice.few else ""
