"""Gradient steps on pairs of listeners and songs: forward, backward and Adam in one loop over what a batch touches.

The model is that of `models.ncf` (GMF, MLP, both, with or without biases), as one logit of a pair. Everything is
filled up to multiples of 16 with zeros, which get no gradient and stay. A table has a row (3, D) of float32 for each
listener or song: the weights [MLP (H, filled up) | GMF (F) | bias] and both moments, side by side. The dense parameters
are one such row (1, 3, P): layer after layer, the head being the last, a matrix (inputs + 4, outputs) with the
transposed weight, its bias in the row after it, and three rows of zeros, as every input ends with a 1. The first layer
takes [p, q], the head [last layer, GMF], and only the first of its 16 outputs is used.

A step goes over the rows that its batch touches, each once, to bring them up to date (`lazy_adam`); over blocks of
BLOCK pairs, whose activations stay in the first-level cache, forward and at once backward; and over the rows again, to
move them by their gradients. One thread takes the steps and every sum has one order, so the result is the same however
many threads the machine has; another lays out the batches to come (`lay_out`).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from musicrec.core.kernels.compiled import compiled
from musicrec.core.kernels.lazy_adam import HORIZON, WEIGHT, catch_up, fade, fill_sums, take_step
from musicrec.core.kernels.tiles import fetch, product

BLOCK = 32  # pairs; a multiple of 4
AHEAD = 8  # rows that are fetched before their turn


@compiled
def lay_out(
    order: Any, listeners: Any, songs: Any, drawn: Any, size: int, seen: Any, batch: int, rows: Any, slots: Any,
    counts: Any,
) -> int:  # fmt: skip
    """Lay out the pairs `order` (n,) as batches of `size`, and return the number of the next batch.

    Pair i is play i of `listeners` and `songs` (N,) where i < N, else negative i - N: of listener i modulo N, with the
    song `drawn` (N · negatives,). Filled are, for listeners in line 0 and songs in line 1: `rows` (2, n), the distinct
    rows of each batch from its first pair on; `counts` (2, batches), how many; `slots` (2, n), which of them each pair
    has. `seen` is, for each of both, int64 (rows, 2): the last batch of a row, numbered from `batch` on, and its slot.
    """
    plays = len(listeners)
    for start in range(0, len(order), size):
        at = start // size
        for side in range(2):
            counts[side, at] = 0
        for pair in range(start, min(start + size, len(order))):
            chosen = order[pair]
            row = listeners[chosen % plays]
            if seen[0][row, 0] != batch:
                seen[0][row, 0], seen[0][row, 1] = batch, counts[0, at]
                rows[0, start + counts[0, at]] = row
                counts[0, at] += 1
            slots[0, pair] = seen[0][row, 1]
            row = songs[chosen] if chosen < plays else drawn[chosen - plays]
            if seen[1][row, 0] != batch:
                seen[1][row, 0], seen[1][row, 1] = batch, counts[1, at]
                rows[1, start + counts[1, at]] = row
                counts[1, at] += 1
            slots[1, pair] = seen[1][row, 1]
        batch += 1
    return batch


@compiled
def take_steps(
    shape: Any, tables: Any, latest: Any, dense: Any, order: Any, plays: int, size: int, rows: Any, slots: Any,
    counts: Any, correction: Any, first: int, oldest: int, pace: Any, root: Any, decays: Any, faded: Any, room: Any,
) -> float:  # fmt: skip
    """Take the steps from `first` on, one for each batch of `lay_out`, and return the sum of their mean losses.

    `shape` is (F, H, bias, inputs, outputs): the sizes of GMF and MLP, the latter filled up, whether there are biases,
    and how wide each layer is. `tables` are both tables and
    `latest` (rows,) of each the last step that a row is up to date with;
    `correction` (S,) or (0,) is taken off the logits. Of the steps from `oldest` on, `pace` is lr / bc1, `root`
    1 / sqrt(bc2), and `faded` (steps, 5) keeps the sums of the last HORIZON; `decays` (n, 2) are the powers of b1 and
    b2. `room` is (gradients of rows (2, size, D), of dense (1, P), sums (HORIZON + 1, 5)).
    """
    total, (gradients, dense_gradient, sums) = 0.0, room
    for at in range(counts.shape[1]):
        step, start = first + at, at * size
        stop = min(start + size, len(order))
        fill_sums(step - 1, oldest, pace, root, sums)
        if step - 1 >= oldest:
            faded[step - 1 - oldest] = sums[HORIZON]
        for side in range(2):
            known, table = latest[side], tables[side]
            for slot in range(counts[side, at]):
                fetch(table, rows[side, start + min(slot + AHEAD, counts[side, at] - 1)])  # type: ignore[call-arg]
                row = rows[side, start + slot]
                _catch_up(table, row, known, step - 1, oldest, pace, root, faded, sums)
            gradients[side][: counts[side, at]] = 0
        dense_gradient[:] = 0
        total += _forward_backward(
            shape, tables[0], tables[1], dense, order[start:stop], plays, rows[:, start:stop], slots[:, start:stop],
            correction, gradients[0], gradients[1], dense_gradient,
        ) / (stop - start)  # fmt: skip
        lr, factor = pace[step - oldest], root[step - oldest]
        for side in range(2):
            known, table, gradient = latest[side], tables[side], gradients[side]
            for slot in range(counts[side, at]):
                fetch(table, rows[side, start + min(slot + AHEAD, counts[side, at] - 1)])  # type: ignore[call-arg]
                row = rows[side, start + slot]
                missed = step - 1 - known[row]
                take_step(table, row, gradient, slot, decays[missed + 1, 0], decays[missed + 1, 1], lr, factor)
                known[row] = step
        take_step(dense, 0, dense_gradient, 0, decays[1, 0], decays[1, 1], lr, factor)
    return total


@compiled
def _catch_up(
    table: Any, row: int, latest: Any, step: int, oldest: int, pace: Any, root: Any, faded: Any, sums: Any
) -> None:
    missed = step - latest[row]
    if missed > HORIZON:
        catch_up(table, row, missed, faded, latest[row] + HORIZON - oldest, step, oldest, pace, root)
    elif missed:
        catch_up(table, row, missed, sums, missed, step, oldest, pace, root)


@compiled
def bring_up_to_date(
    table: Any, latest: Any, step: int, oldest: int, pace: Any, root: Any, decays: Any, faded: Any, sums: Any
) -> None:
    """Take the steps up to `step` that the rows of `table` have missed, moments included; see `take_steps`."""
    fill_sums(step, oldest, pace, root, sums)
    for row in range(len(table)):
        _catch_up(table, row, latest, step, oldest, pace, root, faded, sums)
        missed = step - latest[row]
        fade(table, row, decays[missed, 0], decays[missed, 1])
        latest[row] = step


@compiled
def _forward_backward(
    shape: Any, listeners: Any, songs: Any, dense: Any, order: Any, plays: int, rows: Any, slots: Any, correction: Any,
    to_listeners: Any, to_songs: Any, dense_gradient: Any,
) -> float:  # fmt: skip
    """Add up the gradients of the mean loss over the pairs of a batch, and return the sum of their losses."""
    gmf, mlp, bias, widths, outputs = shape
    layers, of_mean, total = len(widths), np.float32(1 / len(order)), 0.0
    zero, one = np.float32(0), np.float32(1)
    value_at, weight_at = np.zeros(layers + 1, np.int64), np.zeros(layers + 1, np.int64)
    for layer in range(layers):
        value_at[layer + 1] = value_at[layer] + BLOCK * (widths[layer] + 4)
        weight_at[layer + 1] = weight_at[layer] + (widths[layer] + 4) * outputs[layer]
    values = np.zeros(value_at[layers], np.float32)  # what goes into each layer (BLOCK, inputs + 4)
    slopes = np.zeros(value_at[layers], np.float32)  # of the loss in `values`
    logits, last_slopes = np.zeros((BLOCK, 16), np.float32), np.zeros((BLOCK, 16), np.float32)
    turned = np.empty(weight_at[layers], np.float32)  # the weights (outputs, inputs)
    for layer in range(layers):
        inputs, each = widths[layer], outputs[layer]
        values[value_at[layer] : value_at[layer + 1]].reshape(BLOCK, inputs + 4)[:, inputs] = one
        for i in range(inputs):
            for o in range(each):
                turned[weight_at[layer] + o * inputs + i] = dense[0, WEIGHT, weight_at[layer] + i * each + o]
    head = layers - 1
    first = values[: value_at[1]].reshape(BLOCK, widths[0] + 4)
    joined = values[value_at[head] :].reshape(BLOCK, widths[head] + 4)
    first_slopes = slopes[: value_at[1]].reshape(BLOCK, widths[0] + 4)
    joined_slopes = slopes[value_at[head] :].reshape(BLOCK, widths[head] + 4)
    after = outputs[head - 1] if mlp else 0  # where GMF stands in what is joined
    for start in range(0, len(order), BLOCK):
        pairs = min(BLOCK, len(order) - start)
        for b in range(pairs if mlp else 0):
            p, q = rows[0, slots[0, start + b]], rows[1, slots[1, start + b]]
            for i in range(mlp):
                first[b, i] = listeners[p, WEIGHT, i]
            for i in range(mlp):
                first[b, mlp + i] = songs[q, WEIGHT, i]
        for layer in range(head):
            inputs, each = widths[layer], outputs[layer]
            x = values[value_at[layer] : value_at[layer + 1]].reshape(BLOCK, inputs + 4)
            flat = values[value_at[layer + 1] : value_at[layer + 2]]
            weight = dense[0, WEIGHT, weight_at[layer] : weight_at[layer + 1]].reshape(inputs + 4, each)
            product(flat.reshape(BLOCK, widths[layer + 1] + 4), x, weight, BLOCK, inputs + 1, each, False)
            for i in range(len(flat)):
                flat[i] = flat[i] if flat[i] > zero else zero
        for b in range(pairs):
            p, q = rows[0, slots[0, start + b]], rows[1, slots[1, start + b]]
            for f in range(gmf):
                joined[b, after + f] = listeners[p, WEIGHT, mlp + f] * songs[q, WEIGHT, mlp + f]
        weight = dense[0, WEIGHT, weight_at[head] : weight_at[layers]].reshape(widths[head] + 4, 16)
        product(logits, joined, weight, BLOCK, widths[head] + 1, 16, False)
        for b in range(pairs):
            song = rows[1, slots[1, start + b]]
            logit = logits[b, 0]
            if bias:
                listener = rows[0, slots[0, start + b]]
                logit += listeners[listener, WEIGHT, mlp + gmf] + songs[song, WEIGHT, mlp + gmf]
            if len(correction):
                logit -= correction[song]
            small = np.exp(-abs(logit))  # never overflows
            played = one if order[start + b] < plays else zero
            total += np.log1p(small) + (logit if logit > zero else zero) - logit * played
            last_slopes[b, 0] = ((one if logit >= zero else small) / (one + small) - played) * of_mean
        for b in range(pairs, BLOCK):
            last_slopes[b, 0] = zero
        gradient = dense_gradient[0, weight_at[head] : weight_at[layers]].reshape(widths[head] + 4, 16)
        product(gradient, joined.T, last_slopes, widths[head] + 4, BLOCK, 16, True)
        weight = turned[weight_at[head] : weight_at[head] + 16 * widths[head]].reshape(16, widths[head])
        product(joined_slopes, last_slopes, weight, BLOCK, 1, widths[head], False)
        for b in range(pairs):
            to_p, to_q = slots[0, start + b], slots[1, start + b]
            p, q = rows[0, to_p], rows[1, to_q]
            for f in range(gmf):
                to_listeners[to_p, mlp + f] += joined_slopes[b, after + f] * songs[q, WEIGHT, mlp + f]
            for f in range(gmf):
                to_songs[to_q, mlp + f] += joined_slopes[b, after + f] * listeners[p, WEIGHT, mlp + f]
            if bias:
                to_listeners[to_p, mlp + gmf] += last_slopes[b, 0]
                to_songs[to_q, mlp + gmf] += last_slopes[b, 0]
        for layer in range(head - 1, -1, -1):
            inputs, each = widths[layer], outputs[layer]
            x = values[value_at[layer] : value_at[layer + 1]].reshape(BLOCK, inputs + 4)
            flat, seen = slopes[value_at[layer + 1] : value_at[layer + 2]], values[value_at[layer + 1] :]
            for i in range(len(flat)):
                flat[i] = flat[i] if seen[i] > zero else zero
            back = flat.reshape(BLOCK, widths[layer + 1] + 4)
            gradient = dense_gradient[0, weight_at[layer] : weight_at[layer + 1]].reshape(inputs + 4, each)
            product(gradient, x.T, back, inputs + 4, BLOCK, each, True)
            weight = turned[weight_at[layer] : weight_at[layer] + each * inputs].reshape(each, inputs)
            into = slopes[value_at[layer] : value_at[layer + 1]].reshape(BLOCK, inputs + 4)
            product(into, back, weight, BLOCK, each, inputs, False)
        for b in range(pairs if mlp else 0):
            to_p, to_q = slots[0, start + b], slots[1, start + b]
            for i in range(mlp):
                to_listeners[to_p, i] += first_slopes[b, i]
            for i in range(mlp):
                to_songs[to_q, i] += first_slopes[b, mlp + i]
    return total
