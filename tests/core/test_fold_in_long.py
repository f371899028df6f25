"""Folding in after edits of a long past: what of it is left, and no tensor of every play by every song."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode

from musicrec.core.models.fold_in import _kept

PLAYS = st.lists(st.integers(0, 5), max_size=12)


class _Largest(TorchDispatchMode):
    """Notes how many values the largest tensor has that is made within."""

    values = 0

    def __torch_dispatch__(
        self, func: Callable[..., Any], types: Sequence[type], args: Any = (), kwargs: Any = None
    ) -> Any:
        found = func(*args, **(kwargs or {}))
        made = [each for each in (found if isinstance(found, list | tuple) else [found]) if isinstance(each, Tensor)]
        self.values = max([self.values, *(each.numel() for each in made)])
        return found


@given(PLAYS, PLAYS)
def test_each_play_that_is_still_there_counts_once(original: list[int], plays: list[int]) -> None:
    left = (Counter(original) & Counter(plays)).total()
    kept = _kept(torch.tensor(original, dtype=torch.int64), torch.tensor(plays, dtype=torch.int64))
    assert kept == left / max(len(original), 1)


def test_a_long_past_takes_memory_by_its_length() -> None:
    past = torch.arange(10_000) % 4_000
    with _Largest() as largest:
        assert _kept(past, past[1:]) == 1 - 1 / len(past)
    assert largest.values <= 2 * len(past)
