"""Batches by rows: what a process takes of a batch that several share."""

from __future__ import annotations

from dataclasses import fields, is_dataclass, replace
from typing import Any

from torch import Tensor

from musicrec.core.ragged import Ragged


def count_rows(batch: Any) -> int:
    """Count the rows of a batch: of a tensor, of a ragged one, or of the first field of a dataclass."""
    if isinstance(batch, Tensor | Ragged):
        return len(batch)
    return count_rows(getattr(batch, fields(batch)[0].name))


def pick_rows(batch: Any, index: Tensor) -> Any:
    """Pick rows of a batch by number: of every tensor, ragged tensor and dataclass among the fields of a dataclass.

    A part with a method `rows`, as Ragged has it, picks its own. Raises ValueError for a tensor with other rows.
    """
    return _pick(batch, index, count_rows(batch))


def _pick(part: Any, index: Tensor, rows: int) -> Any:
    if isinstance(part, Tensor):
        if len(part) != rows:
            raise ValueError(f"a tensor of {len(part)} rows in a batch of {rows}: give its dataclass a method `rows`")
        return part[index]
    if hasattr(part, "rows"):
        return part.rows(index)
    if is_dataclass(part) and not isinstance(part, type):
        return replace(part, **{each.name: _pick(getattr(part, each.name), index, rows) for each in fields(part)})
    return part
