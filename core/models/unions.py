"""The union of the features of every song played so far, without building a set."""

from __future__ import annotations

import torch
from torch import Tensor

from musicrec.core.dataset import Listeners
from musicrec.core.ragged import Ragged, offsets_of


def first_appearances(songs: Ragged, features: Ragged, size: int) -> tuple[Ragged, Ragged]:
    """Return each listener's distinct features in order of first appearance, and the position each first appeared at.

    `songs` are plays, oldest first; `features` the codes (below `size`) of every song. The union before position t is
    then the prefix of features whose first position is below t.
    """
    bags = features.rows(songs.values)  # one row a play
    owner = torch.repeat_interleave(songs.row_ids(), bags.lengths, output_size=len(bags.values))
    position = torch.arange(len(songs.values), device=owner.device) - songs.offsets[songs.row_ids()]
    position = torch.repeat_interleave(position, bags.lengths, output_size=len(bags.values))
    keys, order = torch.sort(owner * size + bags.values, stable=True)
    fresh = torch.ones_like(keys, dtype=torch.bool)
    fresh[1:] = keys[1:] != keys[:-1]
    first = order[fresh].sort().values  # back in the order of listeners and positions
    offsets = offsets_of(torch.bincount(owner[first], minlength=len(songs)))
    return Ragged(bags.values[first], offsets), Ragged(position[first], offsets)


def union_sizes(first: Ragged, plays: Ragged) -> Tensor:
    """Count, for every play, the distinct features before it: int64 (plays,), from the positions of `first`."""
    longest = int(plays.lengths.max()) + 1 if len(plays.values) else 1
    keys = first.row_ids() * longest + first.values  # rising: listeners, then positions
    owner = plays.row_ids()
    position = torch.arange(len(owner), device=owner.device) - plays.offsets[owner]
    return torch.searchsorted(keys, owner * longest + position) - first.offsets[owner]


def unions(listeners: Listeners, features: Ragged, size: int) -> Ragged:
    """Return the distinct features of everything that each listener played."""
    return first_appearances(listeners.songs, features, size)[0]
