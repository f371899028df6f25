"""The recurrent cells of a training on the CPU, with their products where they are fastest.

`torch.nn.LSTM` and `torch.nn.GRU` leave float32 products to a library that reaches half the speed of oneDNN on
processors of AMD, a tanh takes nine times as long as a sigmoid, and a fifth of their time goes into memory that the
system hands out page by page. Here products go to oneDNN, tanh(x) is 2 · sigmoid(2x) - 1, and memory is used again.
The layers are those of torch, to a rounding.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from musicrec.core.models.dtnmr_gru import GRULayer
from musicrec.core.models.dtnmr_lstm import LSTMLayer
from musicrec.core.models.dtnmr_products import Room, dropout

_NAMES = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")


def last_states(cell: nn.LSTM | nn.GRU, steps: Tensor, lengths: Tensor, room: Room) -> Tensor:
    """Return the last layer's state at each row's last step: (B, H), in the type of `steps`.

    `steps` (B, T, inputs) on the CPU, of which the first `lengths` (B,) count, at least one in each row. Under autocast
    products and states are of its type, gates and cells of float32.
    """
    dtype = torch.get_autocast_dtype("cpu") if torch.is_autocast_enabled("cpu") else steps.dtype
    layer_of = LSTMLayer if isinstance(cell, nn.LSTM) else GRULayer
    with torch.autocast("cpu", enabled=False):
        states = steps.transpose(0, 1).contiguous()
        for layer in range(cell.num_layers):
            if layer and cell.dropout and cell.training:
                states = dropout(states, cell.dropout)
            weights = [getattr(cell, f"{name}_l{layer}") for name in _NAMES]
            states = layer_of.apply(states, dtype, room, *weights)  # type: ignore[no-untyped-call]
        at = (lengths - 1) * states.shape[1] + torch.arange(len(lengths))
        return F.embedding(at, states.flatten(0, 1)).to(steps.dtype)
