"""Where some columns of each row of scores stand among all, and which stand first."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from musicrec.core import compiled_ranking
from musicrec.core.models.base import check_scores
from musicrec.core.ordering import best
from musicrec.core.ragged import Ragged, blocks

_CELLS = 4_000_000  # comparisons held at once
_SCORES = 32_000  # of a part, at least: handing one to a thread takes as long as placing some hundreds


@dataclass(frozen=True, slots=True)
class Places:
    """How many candidates score above each of P columns and alike, `higher` and `tied` (P,), itself included;
    `candidates` (B,) counts them, and `lists` (B, k) has the best columns, -1 where there are no more.
    """

    higher: Tensor
    tied: Tensor
    candidates: Tensor
    lists: Tensor


def place(scores: Tensor, barred: Ragged, let_in: Tensor | None, asked: Ragged, k: int) -> Places:
    """Place the columns `asked` of each row of `scores` (B, n), which gets -inf for what is no candidate.

    No candidates are a row's `barred` columns, and all but `let_in` bool (n,). Raises MusicrecError where a score is
    not finite.
    """
    loops = compiled_ranking.loops()
    if loops is None or scores.device.type != "cpu" or scores.dtype != torch.float32:
        return _placed_by_torch(scores, barred, let_in, asked, k)
    counts = torch.empty(2, len(asked.values), dtype=torch.int64)
    candidates = torch.empty(len(scores), dtype=torch.int64)
    lists = torch.empty(len(scores), min(k, scores.shape[1]), dtype=torch.int64)
    every = torch.empty(0, dtype=torch.bool) if let_in is None else let_in
    given = (scores, barred.values, barred.offsets, every, asked.values, asked.offsets, *counts, candidates, lists)
    arrays = [each.detach().contiguous().numpy() for each in given]
    least = max(1, _SCORES // max(scores.shape[1], 1))
    compiled_ranking.in_parts(len(scores), lambda first, end: loops.place_rows(*arrays, first, end), least)
    if bool((candidates < 0).any()):
        check_scores(scores.new_tensor([torch.nan]))
    return Places(counts[0], counts[1], candidates, torch.nn.functional.pad(lists, (0, k - lists.shape[1]), value=-1))


def _placed_by_torch(scores: Tensor, barred: Ragged, let_in: Tensor | None, asked: Ragged, k: int) -> Places:
    check_scores(scores)
    scores[barred.row_ids(), barred.values] = -torch.inf
    if let_in is not None:
        scores[:, ~let_in] = -torch.inf
    owner = asked.row_ids()
    own = scores[owner, asked.values]
    higher, tied = torch.empty_like(owner), torch.empty_like(owner)
    for part in blocks(len(owner), _CELLS // scores.shape[1], owner.device):
        rows = scores[owner[part]]
        higher[part], tied[part] = (rows > own[part, None]).sum(1), (rows == own[part, None]).sum(1)
    lists, candidates = _first(scores, k), scores.shape[1] - torch.isinf(scores).sum(1)
    return Places(higher, tied, candidates, torch.nn.functional.pad(lists, (0, k - lists.shape[1]), value=-1))


def _first(scores: Tensor, k: int) -> Tensor:
    """Return the columns of the best of each row, the first of equal ones first, -1 for -inf: (B, ≤ k)."""
    top = scores.topk(min(k + 1, scores.shape[1]), dim=1)  # one more shows where equal ones stand at the end
    columns, order = top.indices[:, :k].sort(dim=1)
    values, order = top.values[:, :k].gather(1, order).sort(dim=1, descending=True, stable=True)
    columns = columns.gather(1, order)
    if k and top.values.shape[1] > k:
        last = values[:, -1]
        for row in ((top.values[:, k] == last) & (last > -torch.inf)).nonzero().squeeze(1).tolist():
            columns[row] = best(scores[row], k)
    return torch.where(torch.isinf(values), -1, columns)
