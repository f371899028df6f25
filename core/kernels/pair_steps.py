"""Gradient steps on pairs of listeners and songs: forward, backward and Adam in one loop over what a batch touches.

The model is that of `models.ncf` (GMF, MLP, both, with or without biases), as one logit of a pair. Shapes: a table has
a row (3, D) of float32 for each listener or song, weights and both moments side by side, where D is the row of the
model, [GMF (F) | MLP (H) | bias], filled up with zeros to a multiple of 16. The dense parameters are (3, P): for each
layer its transposed weight (inputs, outputs) and its bias (outputs), then the head [GMF, last layer] and its bias, each
filled up to multiples of 16 likewise: zeros, which get no gradient and stay.

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
from musicrec.core.kernels.tiles import add_product

BLOCK = 32  # pairs; a multiple of 4


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

    `shape` is (F, H, bias, widths): the sizes of the branches, whether there are biases, and the widths of the layers,
    filled up. `tables` are both tables and `latest` (rows,) of each the last step that a row is up to date with;
    `correction` (S,) or (0,) is taken off the logits. Of the steps from `oldest` on, `pace` is lr / bc1, `root`
    1 / sqrt(bc2), and `faded` (steps, 5) keeps the sums of the last HORIZON; `decays` (n, 2) are the powers of b1 and
    b2. `room` is (gradients of rows (2, size, D), of dense (P,), sums (HORIZON + 1, 5)).
    """
    total, (gradients, dense_gradient, sums) = 0.0, room
    for at in range(counts.shape[1]):
        step, start = first + at, at * size
        stop = min(start + size, len(order))
        fill_sums(step - 1, oldest, pace, root, sums)
        if step - 1 >= oldest:
            faded[step - 1 - oldest] = sums[HORIZON]
        for side in range(2):
            for slot in range(counts[side, at]):
                row = rows[side, start + slot]
                missed = step - 1 - latest[side][row]
                if missed > HORIZON:
                    line = faded[latest[side][row] + HORIZON - oldest]
                    catch_up(tables[side][row], missed, line, step - 1, oldest, pace, root)
                elif missed:
                    catch_up(tables[side][row], missed, sums[missed], step - 1, oldest, pace, root)
                gradients[side, slot] = 0
        dense_gradient[:] = 0
        total += _forward_backward(
            shape, tables, dense[WEIGHT], order[start:stop], plays, rows[:, start:stop], slots[:, start:stop],
            correction, gradients, dense_gradient,
        ) / (stop - start)  # fmt: skip
        lr, factor = pace[step - oldest], root[step - oldest]
        for side in range(2):
            for slot in range(counts[side, at]):
                row = rows[side, start + slot]
                missed = step - 1 - latest[side][row]
                b1, b2 = decays[missed + 1, 0], decays[missed + 1, 1]
                take_step(tables[side][row], gradients[side, slot], b1, b2, lr, factor)
                latest[side][row] = step
        take_step(dense, dense_gradient, decays[1, 0], decays[1, 1], lr, factor)
    return total


@compiled
def bring_up_to_date(
    table: Any, latest: Any, step: int, oldest: int, pace: Any, root: Any, decays: Any, faded: Any, sums: Any
) -> None:
    """Take the steps up to `step` that the rows of `table` have missed, moments included; see `take_steps`."""
    fill_sums(step, oldest, pace, root, sums)
    for row in range(len(table)):
        missed = step - latest[row]
        if missed > HORIZON:
            catch_up(table[row], missed, faded[latest[row] + HORIZON - oldest], step, oldest, pace, root)
        elif missed:
            catch_up(table[row], missed, sums[missed], step, oldest, pace, root)
        if missed:
            fade(table[row], decays[missed, 0], decays[missed, 1])
        latest[row] = step


@compiled
def _forward_backward(
    shape: Any, tables: Any, dense: Any, order: Any, plays: int, rows: Any, slots: Any, correction: Any,
    gradients: Any, dense_gradient: Any,
) -> float:  # fmt: skip
    """Add up the gradients of the mean loss over the pairs of a batch, and return the sum of their losses."""
    gmf, mlp, bias, widths = shape
    layers, both, of_mean = len(widths) - 1, gmf + mlp, np.float32(1 / len(order))
    widest = widths.max() if mlp else 16
    values = np.zeros((layers + 1, BLOCK, widest), np.float32)
    slopes = np.zeros((layers + 1, BLOCK, widest), np.float32)  # of the loss in `values`
    offset = np.zeros(layers + 1, np.int64)  # where the parameters of each layer begin
    for layer in range(layers):
        offset[layer + 1] = offset[layer] + (widths[layer] + 1) * widths[layer + 1]
    turned = np.empty(offset[layers], np.float32)  # the weights (outputs, inputs)
    for layer in range(layers):
        inputs, outputs = widths[layer], widths[layer + 1]
        for i in range(inputs):
            for o in range(outputs):
                turned[offset[layer] + o * inputs + i] = dense[offset[layer] + i * outputs + o]
    last = widths[layers] if mlp else 0
    gmf_filled = (gmf + 15) // 16 * 16
    gmf_head = dense[offset[layers] : offset[layers] + gmf]
    mlp_head = dense[offset[layers] + gmf_filled : offset[layers] + gmf_filled + last]
    head_bias = offset[layers] + gmf_filled + last
    gmf_slope, mlp_slope = (
        dense_gradient[offset[layers] : offset[layers] + gmf],
        dense_gradient[offset[layers] + gmf_filled : offset[layers] + gmf_filled + last],
    )
    total = 0.0
    for start in range(0, len(order), BLOCK):
        pairs = min(BLOCK, len(order) - start)
        if mlp:
            for b in range(pairs):
                p = tables[0][rows[0, slots[0, start + b]], WEIGHT]
                q = tables[1][rows[1, slots[1, start + b]], WEIGHT]
                into = values[0, b]
                for i in range(mlp):
                    into[i] = p[gmf + i]
                for i in range(mlp):
                    into[mlp + i] = q[gmf + i]
            for layer in range(layers):
                inputs, outputs, begin = widths[layer], widths[layer + 1], offset[layer]
                weight = dense[begin : begin + inputs * outputs].reshape(inputs, outputs)
                shift = dense[begin + inputs * outputs : begin + (inputs + 1) * outputs]
                for b in range(BLOCK):
                    into = values[layer + 1, b]
                    for o in range(outputs):
                        into[o] = shift[o]
                add_product(values[layer + 1], values[layer], weight, BLOCK, inputs, outputs)
                for b in range(BLOCK):
                    into = values[layer + 1, b]
                    for o in range(outputs):
                        into[o] = max(into[o], np.float32(0))
        for b in range(pairs):
            one, other = slots[0, start + b], slots[1, start + b]
            song = rows[1, other]
            p, q = tables[0][rows[0, one], WEIGHT], tables[1][song, WEIGHT]
            logit = dense[head_bias]
            for f in range(gmf):
                logit += gmf_head[f] * p[f] * q[f]
            x = values[layers, b]
            for o in range(last):
                logit += mlp_head[o] * x[o]
            if bias:
                logit += p[both] + q[both]
            if len(correction):
                logit -= correction[song]
            small = np.exp(-abs(logit))  # never overflows
            played = order[start + b] < plays
            total += np.log1p(small) + max(logit, np.float32(0)) - (logit if played else np.float32(0))
            chance = (np.float32(1) if logit >= 0 else small) / (np.float32(1) + small)
            slope = (chance - (np.float32(1) if played else np.float32(0))) * of_mean
            to_p, to_q = gradients[0, one], gradients[1, other]
            for f in range(gmf):
                gmf_slope[f] += slope * p[f] * q[f]
                to_p[f] += slope * gmf_head[f] * q[f]
                to_q[f] += slope * gmf_head[f] * p[f]
            if bias:
                to_p[both] += slope
                to_q[both] += slope
            dense_gradient[head_bias] += slope
            back = slopes[layers, b]
            for o in range(last):
                mlp_slope[o] += slope * x[o]
                back[o] = slope * mlp_head[o] if x[o] > 0 else np.float32(0)
        if mlp:
            for b in range(pairs, BLOCK):
                slopes[layers, b] = 0
            for layer in range(layers - 1, -1, -1):
                inputs, outputs, begin = widths[layer], widths[layer + 1], offset[layer]
                add_product(
                    dense_gradient[begin : begin + inputs * outputs].reshape(inputs, outputs),
                    values[layer].T, slopes[layer + 1], inputs, BLOCK, outputs,
                )  # fmt: skip
                shift = dense_gradient[begin + inputs * outputs : begin + (inputs + 1) * outputs]
                for b in range(pairs):
                    back = slopes[layer + 1, b]
                    for o in range(outputs):
                        shift[o] += back[o]
                weight = turned[begin : begin + inputs * outputs].reshape(outputs, inputs)
                slopes[layer] = 0
                add_product(slopes[layer], slopes[layer + 1], weight, BLOCK, outputs, inputs)
                if layer:
                    for b in range(BLOCK):
                        back, x = slopes[layer, b], values[layer, b]
                        for i in range(inputs):
                            back[i] = back[i] if x[i] > 0 else np.float32(0)
            for b in range(pairs):
                to_p, to_q = gradients[0, slots[0, start + b]], gradients[1, slots[1, start + b]]
                back = slopes[0, b]
                for i in range(mlp):
                    to_p[gmf + i] += back[i]
                for i in range(mlp):
                    to_q[gmf + i] += back[mlp + i]
    return total
