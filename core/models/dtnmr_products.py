"""What the recurrent cells of a training on the CPU are computed with: products, memory that is used again, dropout."""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn import functional as F

_MASKS = 4  # numbers of 16 bits that a random one of 64 has


class Room:
    """Memory for what a backward pass needs, kept from one batch to the next."""

    def __init__(self) -> None:
        self.free: list[Tensor] = []

    def take(self, *shape: int, dtype: torch.dtype) -> Tensor:
        """Return a tensor that holds anything."""
        size = math.prod(shape)
        fitting = [number for number, each in enumerate(self.free) if each.dtype == dtype and len(each) >= size]
        if not fitting:
            self.free.clear()  # too small for these batches, and so for the next
            return torch.empty(size, dtype=dtype).view(shape)
        return self.free.pop(min(fitting, key=lambda number: len(self.free[number])))[:size].view(shape)

    def give_back(self, *tensors: Tensor) -> None:
        """Let tensors be used again."""
        self.free += [each.new_empty(0).set_(each.untyped_storage()) for each in tensors]


def product(x: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    """Return x · weightᵀ + bias by oneDNN, also in float32, for which torch itself calls another library."""
    if x.dtype == torch.float32 and _ONEDNN:
        found: Tensor = torch.ops.mkldnn._linear_pointwise(x, weight, bias, "none", [], "")
        return found
    return F.linear(x, weight, bias)


def weight_gradient(pulls: Tensor, x: Tensor) -> Tensor:
    """Return pullsᵀ · x."""
    if not len(x):
        return pulls.new_zeros(pulls.shape[1], x.shape[1])
    if x.dtype == torch.float32:
        return product(x.t().contiguous(), pulls.t()).t()  # so the smaller one of both is copied
    return pulls.t() @ x


def dropout(x: Tensor, rate: float) -> Tensor:
    """Drop numbers at `rate`, in steps of 1 / 65536 and short of all, and let the others make up for it."""
    rate = min(rate, 1 - 2**-16)
    # 16 random bits decide on a number: of 64 drawn at once that takes a tenth of the time
    drawn = torch.empty(-(-x.numel() // _MASKS), dtype=torch.int64).random_(-(2**63), None)
    kept = drawn.view(torch.int16)[: x.numel()].view(x.shape) >= round(rate * 2**16) - 2**15
    return x * (kept.to(x.dtype) / (1 - rate))


_ONEDNN = bool(torch._C._has_mkldnn) and hasattr(torch.ops.mkldnn, "_linear_pointwise")
