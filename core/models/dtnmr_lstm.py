"""A layer of the LSTM of a training on the CPU."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from musicrec.core.models.dtnmr_products import Room, product, weight_gradient


class LSTMLayer(torch.autograd.Function):
    """One layer of `torch.nn.LSTM`, to a rounding (Hochreiter and Schmidhuber, 1997, with forget gates).

    `steps` (T, B, inputs) to the states after each, (T, B, H) in the type of the products.
    """

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
        to_ih = weight_gradient(flat, x.flatten(0, 1)).to(of_weights)
        to_hh = weight_gradient(pulls[1:].flatten(0, 1), states[:-1].flatten(0, 1)).to(of_weights)
        bias = flat.sum(0, dtype=of_weights)
        to_steps = product(flat, ih.t()).view_as(x).to(of_steps) if ctx.needs_input_grad[0] else None
        ctx.room.give_back(pulls)
        return to_steps, None, None, to_ih, to_hh, bias, bias


def _forward(x: Tensor, ih: Tensor, hh: Tensor, bias: Tensor, room: Room) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    # The four gates after their functions, the cells, their tanh, and the states
    (steps, rows, _), size, wide = x.shape, hh.shape[1], torch.promote_types(x.dtype, torch.float32)
    twice = torch.ones(4 * size, dtype=x.dtype)
    twice[2 * size : 3 * size] = 2  # exact: the cell gate's tanh is a sigmoid of twice as much
    into = product(x.flatten(0, 1), ih * twice[:, None], bias * twice).view(steps, rows, -1)
    hh, minus = hh * twice[:, None], torch.tensor(-1, dtype=wide)
    gates = room.take(steps, rows, 4 * size, dtype=wide)
    cells, bent = room.take(steps, rows, size, dtype=wide), room.take(steps, rows, size, dtype=wide)
    states = torch.empty(steps, rows, size, dtype=x.dtype)
    for now in range(steps):
        entering, cell_now, bent_now = into[now], cells[now], bent[now]
        if now:
            entering.add_(product(states[now - 1], hh))
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
            of_state = product(pulls[now], back).to(wide)
    return pulls
