"""Rows of unequal length as two flat tensors: what plays and features are made of."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor


def spans(starts: Tensor, lengths: Tensor) -> Tensor:
    """Return the positions start, start+1, … of every span, one span after another: int64 (sum of lengths,)."""
    ends = lengths.cumsum(0)
    total = int(ends[-1]) if len(ends) else 0
    shift = torch.repeat_interleave(starts - (ends - lengths), lengths, output_size=total)
    return shift + torch.arange(total, device=starts.device)


def offsets_of(lengths: Tensor) -> Tensor:
    """Return where each row starts, and the total at the end: int64 (rows + 1,)."""
    return torch.cat([lengths.new_zeros(1), lengths.cumsum(0)])


def blocks(count: int, size: int, device: torch.device | None = None) -> Iterator[Tensor]:
    """Yield 0 … count - 1 in order, at most `size` at a time: int64 (≤ size,)."""
    for start in range(0, count, max(size, 1)):
        yield torch.arange(start, min(start + max(size, 1), count), device=device)


@dataclass(frozen=True, slots=True)
class Ragged:
    """`values` (total,) and `offsets` int64 (rows + 1,): row r is `values[offsets[r]:offsets[r + 1]]`."""

    values: Tensor
    offsets: Tensor

    @classmethod
    def of(cls, rows: Sequence[Sequence[int]]) -> Ragged:
        """Build int64 rows from Python sequences (for a handful of rows; data sets come as tensors)."""
        lengths = torch.tensor([len(row) for row in rows], dtype=torch.int64)
        flat = [value for row in rows for value in row]
        return cls(torch.tensor(flat, dtype=torch.int64), offsets_of(lengths))

    def __len__(self) -> int:
        return len(self.offsets) - 1

    @property
    def lengths(self) -> Tensor:
        """Length of each row: int64 (rows,)."""
        return self.offsets.diff()

    def row_ids(self) -> Tensor:
        """The row of each value: int64 (total,)."""
        return torch.repeat_interleave(
            torch.arange(len(self), device=self.offsets.device), self.lengths, output_size=len(self.values)
        )

    def rows(self, index: Tensor) -> Ragged:
        """Gather rows by number, in that order."""
        if len(index) == 1:  # one listener is asked about more often than any other number of them
            first, end = self.offsets[int(index) :][:2].tolist()
            return Ragged(self.values[first:end].clone(), self.offsets.new_tensor([0, end - first]))
        return self.prefixes(index, self.offsets[index + 1] - self.offsets[index])

    def prefixes(self, index: Tensor, lengths: Tensor) -> Ragged:
        """Gather the first `lengths[i]` values of row `index[i]`."""
        return Ragged(self.values[spans(self.offsets[index], lengths)], offsets_of(lengths))

    def keep(self, mask: Tensor) -> Ragged:
        """Keep the values where `mask` (total,) is true; rows stay, some shorter."""
        return Ragged(self.values[mask], offsets_of(self.count(mask)))

    def count(self, mask: Tensor) -> Tensor:
        """Count in each row the values where `mask` (total,) is true: int64 (rows,)."""
        running = offsets_of(mask.to(torch.int64))
        return running[self.offsets[1:]] - running[self.offsets[:-1]]

    def padded(self, filler: int = 0) -> Tensor:
        """Stand the rows side by side, with `filler` to the right of the shorter ones: (rows, longest)."""
        longest = int(self.lengths.max()) if len(self) else 0
        wide = self.values.new_full((len(self), longest), filler)
        owners = self.row_ids()
        wide[owners, torch.arange(len(owners), device=owners.device) - self.offsets[owners]] = self.values
        return wide

    def to(self, device: torch.device) -> Ragged:
        """Move to a device."""
        return Ragged(self.values.to(device), self.offsets.to(device))
