"""Losses of pairs and their gradients, by blocks of pairs; `pair_steps` says what the model is and how it lies."""

from __future__ import annotations

from typing import Any

import numpy as np

from musicrec.core.kernels.compiled import compiled
from musicrec.core.kernels.lazy_adam import WEIGHT
from musicrec.core.kernels.tiles import product

BLOCK = 32  # pairs; a multiple of 4
PIECE = 256  # dense parameters in a row


@compiled
def own_room(widths: Any, outputs: Any) -> Any:
    """Room of a thread: where layers stand, what goes into each (BLOCK, inputs + 4), slopes of the loss in it, logits
    and slopes in them, the weights, and the weights (outputs, inputs)."""
    layers = len(widths)
    value_at, weight_at = np.zeros(layers + 1, np.int64), np.zeros(layers + 1, np.int64)
    for layer in range(layers):
        value_at[layer + 1] = value_at[layer] + BLOCK * (widths[layer] + 4)
        weight_at[layer + 1] = weight_at[layer] + (widths[layer] + 4) * outputs[layer]
    values, slopes = np.zeros(value_at[layers], np.float32), np.zeros(value_at[layers], np.float32)
    for layer in range(layers):
        values[value_at[layer] : value_at[layer + 1]].reshape(BLOCK, widths[layer] + 4)[:, widths[layer]] = 1
    logits = np.zeros((2, BLOCK, 16), np.float32)
    weights, turned = np.zeros(weight_at[layers], np.float32), np.zeros(weight_at[layers], np.float32)
    return value_at, weight_at, values, slopes, logits, weights, turned


@compiled
def copy_dense(dense: Any, dot: bool, widths: Any, outputs: Any, own: Any) -> None:
    """Copy the dense parameters of a step into the room of a thread, those of the head as ones where it is `dot`."""
    weight_at, weights, turned = own[1], own[5], own[6]
    for piece in range(len(dense)):
        for d in range(min(PIECE, len(weights) - piece * PIECE)):
            weights[piece * PIECE + d] = dense[piece, WEIGHT, d]
    if dot:
        for i in range(widths[-1]):
            weights[weight_at[len(widths) - 1] + i * outputs[-1]] = 1
    for layer in range(len(widths)):
        for i in range(widths[layer]):
            for o in range(outputs[layer]):
                turned[weight_at[layer] + o * widths[layer] + i] = weights[weight_at[layer] + i * outputs[layer] + o]


@compiled
def forward_backward(
    shape: Any, listeners: Any, songs: Any, order: Any, plays: int, begin: int, end: int, start: int, of_mean: Any,
    rows: Any, slots: Any, correction: Any, to_rows: Any, to_dense: Any, own: Any,
) -> float:  # fmt: skip
    """Leave the gradients of the pairs `begin` … `end` - 1 of the batch from `start` on; return the sum of losses."""
    gmf, mlp, bias, _, widths, outputs = shape
    value_at, weight_at, values, slopes, logits, weights, turned = own
    last_slopes, head, total = logits[1], len(widths) - 1, 0.0
    zero, one = np.float32(0), np.float32(1)
    first = values[: value_at[1]].reshape(BLOCK, widths[0] + 4)
    joined = values[value_at[head] :].reshape(BLOCK, widths[head] + 4)
    first_slopes = slopes[: value_at[1]].reshape(BLOCK, widths[0] + 4)
    joined_slopes = slopes[value_at[head] :].reshape(BLOCK, widths[head] + 4)
    after = outputs[head - 1] if mlp else 0  # where GMF stands in what is joined
    for block in range(begin, end, BLOCK):
        pairs = min(BLOCK, end - block)
        for b in range(pairs if mlp else 0):
            p, q = rows[0, start + slots[0, block + b]], rows[1, start + slots[1, block + b]]
            for i in range(mlp):
                first[b, i] = listeners[p, WEIGHT, i]
            for i in range(mlp):
                first[b, mlp + i] = songs[q, WEIGHT, i]
        for layer in range(head):
            inputs, each = widths[layer], outputs[layer]
            x = values[value_at[layer] : value_at[layer + 1]].reshape(BLOCK, inputs + 4)
            flat = values[value_at[layer + 1] : value_at[layer + 2]]
            weight = weights[weight_at[layer] : weight_at[layer + 1]].reshape(inputs + 4, each)
            product(flat.reshape(BLOCK, widths[layer + 1] + 4), x, weight, BLOCK, inputs + 1, each, False)
            for i in range(len(flat)):
                flat[i] = flat[i] if flat[i] > zero else zero
        for b in range(pairs):
            p, q = rows[0, start + slots[0, block + b]], rows[1, start + slots[1, block + b]]
            for f in range(gmf):
                joined[b, after + f] = listeners[p, WEIGHT, mlp + f] * songs[q, WEIGHT, mlp + f]
        weight = weights[weight_at[head] :].reshape(widths[head] + 4, 16)
        product(logits[0], joined, weight, BLOCK, widths[head] + 1, 16, False)
        for b in range(pairs):
            song = rows[1, start + slots[1, block + b]]
            logit = logits[0, b, 0]
            if bias:
                listener = rows[0, start + slots[0, block + b]]
                logit += listeners[listener, WEIGHT, mlp + gmf] + songs[song, WEIGHT, mlp + gmf]
            if len(correction):
                logit -= correction[song]
            small = np.exp(-abs(logit))  # never overflows
            played = one if order[block + b] < plays else zero
            total += np.log1p(small) + (logit if logit > zero else zero) - logit * played
            last_slopes[b, 0] = ((one if logit >= zero else small) / (one + small) - played) * of_mean
        for b in range(pairs, BLOCK):
            last_slopes[b, 0] = zero
        gradient = to_dense[0, weight_at[head] : weight_at[head + 1]].reshape(widths[head] + 4, 16)
        product(gradient, joined.T, last_slopes, widths[head] + 4, BLOCK, 16, True)
        weight = turned[weight_at[head] : weight_at[head] + 16 * widths[head]].reshape(16, widths[head])
        product(joined_slopes, last_slopes, weight, BLOCK, 1, widths[head], False)
        for b in range(pairs):
            p, q, to = rows[0, start + slots[0, block + b]], rows[1, start + slots[1, block + b]], block + b - start
            for f in range(gmf):
                to_rows[0, to, 0, mlp + f] = joined_slopes[b, after + f] * songs[q, WEIGHT, mlp + f]
            for f in range(gmf):
                to_rows[1, to, 0, mlp + f] = joined_slopes[b, after + f] * listeners[p, WEIGHT, mlp + f]
            if bias:
                to_rows[0, to, 0, mlp + gmf] = to_rows[1, to, 0, mlp + gmf] = last_slopes[b, 0]
        for layer in range(head - 1, -1, -1):
            inputs, each = widths[layer], outputs[layer]
            x = values[value_at[layer] : value_at[layer + 1]].reshape(BLOCK, inputs + 4)
            flat, there = slopes[value_at[layer + 1] : value_at[layer + 2]], values[value_at[layer + 1] :]
            for i in range(len(flat)):
                flat[i] = flat[i] if there[i] > zero else zero
            back = flat.reshape(BLOCK, widths[layer + 1] + 4)
            gradient = to_dense[0, weight_at[layer] : weight_at[layer + 1]].reshape(inputs + 4, each)
            product(gradient, x.T, back, inputs + 4, BLOCK, each, True)
            weight = turned[weight_at[layer] : weight_at[layer] + each * inputs].reshape(each, inputs)
            into = slopes[value_at[layer] : value_at[layer + 1]].reshape(BLOCK, inputs + 4)
            product(into, back, weight, BLOCK, each, inputs, False)
        for b in range(pairs if mlp else 0):
            to = block + b - start
            for i in range(mlp):
                to_rows[0, to, 0, i] = first_slopes[b, i]
            for i in range(mlp):
                to_rows[1, to, 0, i] = first_slopes[b, mlp + i]
    return total
