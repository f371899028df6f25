"""What is ranked for whom, and against what: the listeners, held-out songs and sampled songs of a protocol."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from musicrec.core.dataset import Dataset, Held, Listeners, take
from musicrec.core.errors import MusicrecError
from musicrec.core.models.negatives import Unplayed
from musicrec.core.ragged import Ragged, blocks, offsets_of
from musicrec.core.records import Listener, Protocol
from musicrec.core.terms import NEGATIVES
from musicrec.core.terms import SEED as SEED

_CELLS = 16_000_000  # random keys held at once: 64 MB
_SPARSE = 20  # songs for each that a listener has no use for: then few drawn songs must be drawn again


@dataclass(frozen=True, slots=True)
class Task:
    """What is ranked: listeners with something held out, what they heard before, and what they should be given.

    `past` L listeners; `held` L rows of songs, none of which the listener heard before; `negatives` (L, n) or None
    for the whole catalogue, or for those of it that `songs` bool (S,) lets in. `shown` L states and who they are,
    `facts` (L,), replace the past where models get to know the listeners as if they were new. `metrics` names those
    that are kept, without their k; none keeps all.
    """

    past: Listeners
    held: Ragged
    protocol: Protocol
    negatives: Tensor | None = None
    songs: Tensor | None = None
    shown: Listeners | None = None
    facts: tuple[Listener, ...] = ()
    metrics: tuple[str, ...] = ()


def make_task(
    data: Dataset,
    split: Held = "test",
    ks: tuple[int, ...] = (10,),
    negatives: int | None = None,
    seed: int = SEED,
    most: int | None = None,
    songs: Tensor | None = None,
) -> Task:
    """Choose the listeners to judge by: those with a play before the split and a song to find in it.

    A held-out song that the listener heard before cannot be recommended and is left out. `negatives` songs that the
    listener never played, drawn once from `seed`, make the sampled protocol; `most` draws so many of the listeners.
    Raises MusicrecError where nobody is left.
    """
    past, held = data.past(split), _distinct(data.held_out(split), data.song_count)
    held = held.keep(~_among(held, past.songs, data.song_count))
    if songs is not None:
        held = held.keep(songs[held.values])
    judged = ((held.lengths > 0) & (past.songs.lengths > 0)).nonzero().squeeze(1)
    if not len(judged):
        raise MusicrecError(
            f"dataset {data.name} has no listener with both a past and a {split} song: nothing to measure"
        )
    generator = torch.Generator().manual_seed(seed)
    drawn = None
    if negatives is not None:  # before listeners are drawn, so that fewer of them have the same songs
        everything = Ragged(data.songs, data.offsets).rows(judged)
        drawn = _draw_negatives(everything, data.song_count, negatives, generator)
    fewer = most is not None and len(judged) > most
    if fewer:
        chosen = torch.randperm(len(judged), generator=generator)[:most].sort().values
        judged, drawn = judged[chosen], None if drawn is None else drawn[chosen]
    count = data.song_count if songs is None else int(songs.sum())
    protocol = Protocol(
        split, "full" if negatives is None else "sampled", negatives, seed, len(judged), count, ks, drawn=fewer
    )
    return Task(take(past, judged), held.rows(judged), protocol, drawn, songs)


def protocol_negatives(
    data: Dataset, split: Held = "test", count: int = NEGATIVES, seed: int = SEED
) -> tuple[Tensor, Tensor]:
    """Draw the sampled songs of the sampled protocol: listeners (L,) and `count` songs for each, (L, count).

    They are those that `make_task` gives with the same values. Raises MusicrecError as it does.
    """
    task = make_task(data, split, negatives=count, seed=seed)
    assert task.negatives is not None
    return task.past.ids, task.negatives


def _distinct(rows: Ragged, songs: int) -> Ragged:
    keys = torch.unique(rows.row_ids() * songs + rows.values)
    lengths = torch.bincount(keys // songs, minlength=len(rows))
    return Ragged(keys % songs, offsets_of(lengths))


def _among(rows: Ragged, others: Ragged, songs: int) -> Tensor:
    return torch.isin(rows.row_ids() * songs + rows.values, others.row_ids() * songs + others.values)


def _draw_negatives(played: Ragged, songs: int, count: int, generator: torch.Generator) -> Tensor:
    sparse = songs > _SPARSE * (count + played.lengths)  # each for themselves: one long past is no burden to others
    drawn = torch.empty((len(played), count), dtype=torch.int64)
    if bool(sparse.any()):
        some = played.rows(sparse.nonzero().squeeze(1))
        drawn[sparse] = Unplayed(some, songs, torch.device("cpu")).draw_distinct(count, generator)
    # Listener by listener in effect, all at once in fact: a random key for every song, the smallest keys win
    dense = (~sparse).nonzero().squeeze(1)
    for part in blocks(len(dense), _CELLS // songs):
        rows = dense[part]
        keys = torch.rand((len(rows), songs), generator=generator)
        heard = played.rows(rows)
        keys[heard.row_ids(), heard.values] = torch.inf
        smallest = keys.topk(min(count, songs), dim=1, largest=False)
        if bool(torch.isinf(smallest.values).any()) or songs < count:
            raise MusicrecError(f"a listener has fewer than {count} unplayed songs: use --protocol full")
        drawn[rows] = smallest.indices
    return drawn
