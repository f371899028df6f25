"""The named protocols: what each of them ranks for whom, and what it asks of a dataset."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import get_args

import torch
from torch import Tensor

from musicrec.core.cold import first_plays
from musicrec.core.dataset import TEST, Dataset, Held
from musicrec.core.errors import MusicrecError, UsageError
from musicrec.core.models.configs import CONFIGS
from musicrec.core.models.pair_config import PairConfig
from musicrec.core.records import DatasetCard, ProtocolName, RunCard
from musicrec.core.tables.cards import card_of
from musicrec.core.tables.catalogue import open_catalogue
from musicrec.core.tasks import Task, make_task
from musicrec.core.terms import FIRST_PLAYS, KS_OF, NEGATIVES, SEED, USUAL_KS

_METRICS: dict[str, tuple[str, ...]] = {
    "ncf-reference": ("hr", "ndcg"),
    "dtnmr-paper": ("recall", "precision", "f1", "map", "user_coverage", "auc"),
}


@dataclass(frozen=True, slots=True)
class ProtocolOptions:
    """A protocol and what can be told it.

    `ks` are those of the protocol where None is given. `negatives` songs are sampled by `sampled` and `ncf-reference`,
    `first` numbers of plays are shown by `cold-listeners`, which measures each; `most` draws so many of the listeners.
    """

    name: ProtocolName = "full"
    split: Held = "test"
    ks: tuple[int, ...] | None = None
    negatives: int = NEGATIVES
    seed: int = SEED
    first: tuple[int, ...] = FIRST_PLAYS
    most: int | None = None


def tasks_for(data: Dataset, options: ProtocolOptions) -> tuple[Task, ...]:
    """Make what a protocol measures: one task, for `cold-listeners` one for each number of first plays.

    Raises UsageError where the options do not go with the protocol, MusicrecError where the dataset does not.
    """
    check_name(options.name)
    ks, common = options.ks or KS_OF.get(options.name, USUAL_KS), (options.seed, options.most)
    match options.name:
        case "full":
            task = make_task(data, options.split, ks, None, *common)
        case "sampled":
            task = make_task(data, options.split, ks, options.negatives, *common)
        case "ncf-reference":
            _on_test(options)
            _check_split(data, "latest-issue", "ncf-reference holds out each playlist's song of the latest issue date")
            task = make_task(data, "test", ks, options.negatives, *common)
        case "dtnmr-paper":
            _on_test(options)
            _check_split(data, "files", "dtnmr-paper goes from the train.csv of KKBOX to its test.csv")
            task = make_task(data, "test", ks, None, *common, songs=songs_of_both(data))
        case "cold-songs":
            songs = cold_songs(data, options.split)
            if not bool(songs[data.held_out(options.split).values].any()):
                raise MusicrecError(
                    f"dataset {data.name} has no {options.split} play of a song without a play before: cold-songs has "
                    "nothing to measure"
                )
            task = make_task(data, options.split, ks, None, *common, songs=songs)
        case "cold-listeners":
            return _as_new(data, make_task(data, options.split, ks, None, *common), options.first)
    protocol = replace(task.protocol, name=options.name)
    return (replace(task, protocol=protocol, metrics=_METRICS.get(options.name, ())),)


def check_name(name: str) -> None:
    """Raise UsageError unless there is a protocol called `name`."""
    if name not in get_args(ProtocolName):
        raise UsageError(f"no protocol is called {name!r}: choose one of {', '.join(get_args(ProtocolName))}")


def notices_for(card: RunCard, task: Task) -> tuple[str, ...]:
    """Say what must be known of this run under this protocol, a line each."""
    protocol = task.protocol
    if protocol.name != "ncf-reference" or "epochs" not in card.config:  # others learn from no sampled songs
        return ()
    if card.config.get("spare_negatives") == protocol.negatives and protocol.seed == SEED:
        return ()
    told = f"its training may have seen the {protocol.negatives} sampled songs as negatives"
    if not issubclass(CONFIGS[card.model], PairConfig):
        return (told,)
    return (f"{told}: train it with --spare-negatives {protocol.negatives} and evaluate with --seed {SEED}",)


def songs_of_both(data: Dataset) -> Tensor:
    """Say of every song whether it was played both before the test and in it: bool (S,)."""
    before = torch.zeros(data.song_count, dtype=torch.bool)
    after = before.clone()
    before[data.songs[data.split != TEST]] = True
    after[data.songs[data.split == TEST]] = True
    return before & after


def cold_songs(data: Dataset, split: Held) -> Tensor:
    """Say of every song whether nobody had played it before `split`: bool (S,)."""
    cold = torch.ones(data.song_count, dtype=torch.bool)
    cold[data.past(split).songs.values] = False
    return cold


def _as_new(data: Dataset, task: Task, first: tuple[int, ...]) -> tuple[Task, ...]:
    if data.path is None:
        raise ValueError("no file behind this dataset to read listeners from")
    catalogue = open_catalogue(data.path)
    try:
        everyone = catalogue.find_listeners(limit=data.listener_count).items
    finally:
        catalogue.close()
    facts = tuple(everyone[listener] for listener in task.past.ids.tolist())
    return tuple(
        replace(
            task,
            protocol=replace(task.protocol, name="cold-listeners", first_plays=count),
            shown=first_plays(task.past, count),
            facts=facts,
        )
        for count in first
    )


def _on_test(options: ProtocolOptions) -> None:
    if options.split != "test":
        raise UsageError(f"protocol {options.name} measures the test split: leave out --split {options.split}")


def _check_split(data: Dataset, split: str, what: str) -> None:
    if data.path is None:
        raise ValueError("no file behind this dataset to read its split from")
    card = card_of(data.path)
    if isinstance(card, DatasetCard) and card.split != split:
        near = "sampled" if split == "latest-issue" else "full"
        remedy = f"import its files anew with --split {split}, or use --protocol {near}"
        raise MusicrecError(f"{what}, but the split of dataset {data.name} is {card.split}: {remedy}")
