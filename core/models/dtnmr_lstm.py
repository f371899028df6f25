"""The LSTM of a training on the CPU, with its products where they are fastest.

`torch.nn.LSTM` leaves float32 products to a library that reaches half the speed of oneDNN on processors of AMD, a
tanh takes nine times as long as a sigmoid, and a fifth of its time goes into memory that the system hands out page by
page. Here products go to oneDNN, tanh(x) is 2 · sigmoid(2x) - 1, and memory is used again. The layers are those of
`torch.nn.LSTM` (Hochreiter and Schmidhuber, 1997, with forget gates), to a rounding.
"""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

_NAMES = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
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


def last_states(lstm: nn.LSTM, steps: Tensor, lengths: Tensor, room: Room) -> Tensor:
    """Return the last layer's state at each row's last step: (B, H), in the type of `steps`.

    `steps` (B, T, inputs) on the CPU, of which the first `lengths` (B,) count, at least one in each row. Under autocast
    products and states are of its type, gates and cells of float32.
    """
    dtype = torch.get_autocast_dtype("cpu") if torch.is_autocast_enabled("cpu") else steps.dtype
    with torch.autocast("cpu", enabled=False):
        states = steps.transpose(0, 1).contiguous()
        for layer in range(lstm.num_layers):
            if layer and lstm.dropout and lstm.training:
                states = _dropout(states, lstm.dropout)
            weights = [getattr(lstm, f"{name}_l{layer}") for name in _NAMES]
            states = _Layer.apply(states, dtype, room, *weights)  # type: ignore[no-untyped-call]
        at = (lengths - 1) * states.shape[1] + torch.arange(len(lengths))
        return F.embedding(at, states.flatten(0, 1)).to(steps.dtype)


class _Layer(torch.autograd.Function):
    """One layer: `steps` (T, B, inputs) to the states after each, (T, B, H) in the type of the products."""

    @staticmethod
    def forward(
        ctx: Any,
        steps: Tensor,
        dtype: torch.dtype,
        room: Room,
        weight_ih: Tensor,
        weight_hh: Tensor,
        bias_ih: Tensor,
        bias_hh: Tensor,
    ) -> Tensor:
        x, ih, hh = steps.to(dtype), weight_ih.to(dtype), weight_hh.to(dtype)
        kept = _forward(x, ih, hh, (bias_ih + bias_hh).to(dtype), room)
        ctx.save_for_backward(x, ih, hh, *kept)
        ctx.given, ctx.room = (steps.dtype, weight_ih.dtype), room
        return kept[-1]

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor | None, ...]:
        x, ih, hh, gates, cells, bent, states = ctx.saved_tensors
        of_steps, of_weights = ctx.given
        pulls = _backward(gates, cells, bent, hh, grads[0], ctx.room)
        ctx.room.give_back(gates, cells, bent)
        flat = pulls.flatten(0, 1)
        to_ih = _weight_gradient(flat, x.flatten(0, 1)).to(of_weights)
        to_hh = _weight_gradient(pulls[1:].flatten(0, 1), states[:-1].flatten(0, 1)).to(of_weights)
        bias = flat.sum(0, dtype=of_weights)
        to_steps = _product(flat, ih.t()).view_as(x).to(of_steps) if ctx.needs_input_grad[0] else None
        ctx.room.give_back(pulls)
        return to_steps, None, None, to_ih, to_hh, bias, bias


def _forward(x: Tensor, ih: Tensor, hh: Tensor, bias: Tensor, room: Room) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    # The four gates after their functions, the cells, their tanh, and the states
    (steps, rows, _), size, wide = x.shape, hh.shape[1], torch.promote_types(x.dtype, torch.float32)
    twice = torch.ones(4 * size, dtype=x.dtype)
    twice[2 * size : 3 * size] = 2  # exact: the cell gate's tanh is a sigmoid of twice as much
    into = _product(x.flatten(0, 1), ih * twice[:, None], bias * twice).view(steps, rows, -1)
    hh, minus = hh * twice[:, None], torch.tensor(-1, dtype=wide)
    gates = room.take(steps, rows, 4 * size, dtype=wide)
    cells, bent = room.take(steps, rows, size, dtype=wide), room.take(steps, rows, size, dtype=wide)
    states = torch.empty(steps, rows, size, dtype=x.dtype)
    for now in range(steps):
        entering, cell_now, bent_now = into[now], cells[now], bent[now]
        if now:
            entering.add_(_product(states[now - 1], hh))
        gate = torch.sigmoid(entering, out=gates[now]) if wide == x.dtype else gates[now].copy_(entering).sigmoid_()
        enter, forget, cell, leave = gate.chunk(4, 1)
        torch.add(minus, cell, alpha=2, out=cell)
        torch.mul(enter, cell, out=cell_now)
        if now:
            cell_now.addcmul_(forget, cells[now - 1])
        torch.mul(cell_now, 2, out=bent_now).sigmoid_()
        torch.add(minus, bent_now, alpha=2, out=bent_now)
        states[now] = leave * bent_now
    return gates, cells, bent, states


def _backward(gates: Tensor, cells: Tensor, bent: Tensor, hh: Tensor, grad: Tensor, room: Room) -> Tensor:
    # Gradients of what enters the gates, (T, B, 4 H), in the type of the products
    (steps, rows, size), wide, dtype = cells.shape, cells.dtype, hh.dtype
    pulls = room.take(steps, rows, 4 * size, dtype=dtype)
    narrow = torch.empty(rows, 4 * size, dtype=wide)
    of_cell, back = torch.zeros(rows, size, dtype=wide), hh.t().contiguous()
    of_state = of_cell.clone()
    squash, bend = torch.ops.aten.sigmoid_backward, torch.ops.aten.tanh_backward
    for now in range(steps - 1, -1, -1):
        enter, forget, cell, leave = gates[now].chunk(4, 1)
        out = pulls[now] if dtype == wide else narrow
        to_enter, to_forget, to_cell, to_leave = out.chunk(4, 1)
        of_state += grad[now]
        squash.grad_input(of_state * bent[now], leave, grad_input=to_leave)
        of_cell += bend(of_state.mul_(leave), bent[now])
        squash.grad_input(of_cell * cell, enter, grad_input=to_enter)
        bend.grad_input(of_cell * enter, cell, grad_input=to_cell)
        if now:
            squash.grad_input(of_cell * cells[now - 1], forget, grad_input=to_forget)
            of_cell *= forget
        else:
            to_forget.zero_()
        if dtype != wide:
            pulls[now] = out
        if now:
            of_state = _product(pulls[now], back).to(wide)
    return pulls


def _product(x: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    # x · weightᵀ + bias by oneDNN, also in float32, for which torch itself calls another library
    if x.dtype == torch.float32 and _ONEDNN:
        found: Tensor = torch.ops.mkldnn._linear_pointwise(x, weight, bias, "none", [], "")
        return found
    return F.linear(x, weight, bias)


def _weight_gradient(pulls: Tensor, x: Tensor) -> Tensor:
    # pullsᵀ · x
    if not len(x):
        return pulls.new_zeros(pulls.shape[1], x.shape[1])
    if x.dtype == torch.float32:
        return _product(x.t().contiguous(), pulls.t()).t()  # so the smaller one of both is copied
    return pulls.t() @ x


def _dropout(x: Tensor, rate: float) -> Tensor:
    # 16 random bits decide on a number: of 64 drawn at once that takes a tenth of the time
    drawn = torch.empty(-(-x.numel() // _MASKS), dtype=torch.int64).random_(-(2**63), None)
    kept = drawn.view(torch.int16)[: x.numel()].view(x.shape) >= round(rate * 2**16) - 2**15
    return x * (kept.to(x.dtype) / (1 - rate))


_ONEDNN = bool(torch._C._has_mkldnn) and hasattr(torch.ops.mkldnn, "_linear_pointwise")
