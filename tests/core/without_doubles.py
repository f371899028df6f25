"""A stand-in for the device mps, which this machine may not have: tensors that know no double precision."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor
from torch.overrides import TorchFunctionMode
from torch.utils._pytree import tree_leaves, tree_map

MPS = torch.device("mps")
_MOVING = {Tensor.to, Tensor.cpu}


class OnMPS(Tensor):
    """A tensor that says that it is on mps. Its numbers are on the CPU."""


def _plain(value: Any) -> Any:
    if isinstance(value, torch.device):
        return torch.device("cpu")
    return value.as_subclass(Tensor) if isinstance(value, OnMPS) else value


def _moved(value: Any) -> Any:
    if not isinstance(value, Tensor):
        return value
    if value.dtype == torch.float64:
        raise TypeError("Cannot convert a MPS Tensor to float64 dtype as the MPS framework doesn't support float64.")
    return value.as_subclass(OnMPS)


class Mps(TorchFunctionMode):
    """Within it `to(mps)` moves there, and what is computed of tensors there is there, none of others among them."""

    def __torch_function__(
        self, func: Callable[..., Any], types: Sequence[type], args: Any = (), kwargs: Any = None
    ) -> Any:
        given = (args, kwargs or {})
        tensors = [each for each in tree_leaves(given) if isinstance(each, Tensor)]
        devices = [each for each in tree_leaves(given) if isinstance(each, torch.device)]
        there = any(isinstance(each, OnMPS) for each in tensors)
        if func == Tensor.device.__get__:  # type: ignore[attr-defined]
            return MPS if there else torch.device("cpu")
        if func not in _MOVING and any(isinstance(each, OnMPS) is not there and each.dim() for each in tensors):
            raise RuntimeError("Expected all tensors to be on the same device")
        wanted = MPS in devices if devices else there and func is not Tensor.cpu
        args, kwargs = tree_map(_plain, given)
        found = func(*args, **kwargs)
        return tree_map(_moved, found) if wanted else found
