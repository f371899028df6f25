"""A layer of the GRU of a training on the CPU."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from musicrec.core.models.dtnmr_products import Room, product, weight_gradient


class GRULayer(torch.autograd.Function):
    """One layer of `torch.nn.GRU`, to a rounding (Cho et al., 2014): the reset gate is on what the state becomes.

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
        kept = _forward(x, ih, hh, (bias_ih.to(dtype), bias_hh.to(dtype)), room)
        ctx.save_for_backward(x, ih, hh, *kept)
        ctx.given, ctx.room = (steps.dtype, weight_ih.dtype), room
        return kept[-1]

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor | None, ...]:
        x, ih, hh, gates, inner, states = ctx.saved_tensors
        of_steps, of_weights = ctx.given
        entering, keeping = _backward(gates, inner, states, hh, grads[0], ctx.room)
        ctx.room.give_back(gates, inner)
        flat, kept = entering.flatten(0, 1), keeping.flatten(0, 1)
        to_ih = weight_gradient(flat, x.flatten(0, 1)).to(of_weights)
        to_hh = weight_gradient(keeping[1:].flatten(0, 1), states[:-1].flatten(0, 1)).to(of_weights)
        biases = flat.sum(0, dtype=of_weights), kept.sum(0, dtype=of_weights)
        to_steps = product(flat, ih.t()).view_as(x).to(of_steps) if ctx.needs_input_grad[0] else None
        ctx.room.give_back(entering, keeping)
        return to_steps, None, None, to_ih, to_hh, *biases


def _forward(
    x: Tensor, ih: Tensor, hh: Tensor, biases: tuple[Tensor, Tensor], room: Room
) -> tuple[Tensor, Tensor, Tensor]:
    # The three gates after their functions (T, B, 3 H: reset, update, new), what the state adds to the new one before
    # the reset gate (T, B, H), and the states
    (steps, rows, _), size, wide = x.shape, hh.shape[1], torch.promote_types(x.dtype, torch.float32)
    twice = torch.ones(3 * size, dtype=x.dtype)
    twice[2 * size :] = 2  # exact: the new state's tanh is a sigmoid of twice as much
    of_x, of_state = biases
    into = product(x.flatten(0, 1), ih * twice[:, None], of_x * twice).view(steps, rows, -1)
    hh, of_state, minus = hh * twice[:, None], of_state * twice, torch.tensor(-1, dtype=wide)
    gates, inner = room.take(steps, rows, 3 * size, dtype=wide), room.take(steps, rows, size, dtype=wide)
    states = torch.empty(steps, rows, size, dtype=x.dtype)
    for now in range(steps):
        from_state = product(states[now - 1], hh, of_state) if now else of_state.expand(rows, -1)
        both, new = gates[now, :, : 2 * size], gates[now, :, 2 * size :]
        torch.add(into[now, :, : 2 * size], from_state[:, : 2 * size], out=both).sigmoid_()
        reset, update = both.chunk(2, 1)
        inner[now] = from_state[:, 2 * size :]
        torch.addcmul(into[now, :, 2 * size :], reset, inner[now], out=new).sigmoid_()
        torch.add(minus, new, alpha=2, out=new)
        states[now] = torch.lerp(new, states[now - 1].to(wide), update) if now else new - new * update
    return gates, inner, states


def _backward(
    gates: Tensor, inner: Tensor, states: Tensor, hh: Tensor, grad: Tensor, room: Room
) -> tuple[Tensor, Tensor]:
    # Gradients of what enters the gates from the steps, and of what enters them from the states: (T, B, 3 H) each, in
    # the type of the products
    (steps, rows, size), wide, dtype = inner.shape, inner.dtype, hh.dtype
    entering, keeping = (room.take(steps, rows, 3 * size, dtype=dtype) for _ in range(2))
    pull, back = torch.empty(rows, 3 * size, dtype=wide), hh.t().contiguous()
    to_reset, to_update, to_new = pull.chunk(3, 1)
    both = pull[:, : 2 * size]
    of_state = torch.zeros(rows, size, dtype=wide)
    squash, bend = torch.ops.aten.sigmoid_backward, torch.ops.aten.tanh_backward
    for now in range(steps - 1, -1, -1):
        reset, update, new = gates[now].chunk(3, 1)
        of_state += grad[now]
        before = states[now - 1].to(wide) if now else torch.zeros(rows, size, dtype=wide)
        squash.grad_input(of_state * (before - new), update, grad_input=to_update)
        kept = of_state * update
        bend.grad_input(of_state.sub_(kept), new, grad_input=to_new)
        # `inner` is twice what torch has there, as the weights that it comes from were
        squash.grad_input(to_new * inner[now] * 0.5, reset, grad_input=to_reset)
        entering[now] = pull
        keeping[now, :, : 2 * size] = both
        torch.mul(to_new, reset, out=to_new)
        keeping[now, :, 2 * size :] = to_new
        if now:
            of_state = kept.add_(product(keeping[now], back).to(wide))
    return entering, keeping
