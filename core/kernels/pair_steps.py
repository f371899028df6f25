"""Gradient steps on pairs of listeners and songs: forward, backward and Adam in one loop over what a batch touches.

The model is that of `models.ncf` (GMF, MLP, both, with or without biases), as one logit of a pair; that of `models.mf`
is GMF with biases and a head of ones, which stays so. Everything is
filled up to multiples of 16 with zeros, which get no gradient and stay. A table has a row (3, D) of float32 for each
listener or song: the weights [MLP (H, filled up) | GMF (F) | bias] and both moments, side by side. The dense parameters
are such rows too, of PIECE each: layer after layer, the head being the last, a matrix (inputs + 4, outputs) with the
transposed weight, its bias in the row after it, and three rows of zeros, as every input ends with a 1. The first layer
takes [p, q], the head [last layer, GMF], and only the first of its 16 outputs is used.

A step goes over the rows that its batch touches, each once, to bring them up to date (`lazy_adam`); over blocks of
BLOCK pairs, whose activations stay in the first-level cache, forward and at once backward, which leaves the gradients
of each pair and one of the dense parameters for some blocks together; and over the rows again, to add up what pairs
left for them and to move them.

Any number of threads may run `take_steps` on the same arrays. What they share is cut into portions, which they claim
one by one, and nobody goes on before a phase is finished; but nobody waits for a thread that has claimed nothing, so
one that the system holds up costs the others little. Who did what leaves no trace: every sum has one order, and the
result is the same with any number of threads.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from musicrec.core.kernels.compiled import compiled
from musicrec.core.kernels.lazy_adam import HORIZON, catch_up, fill_sums, move
from musicrec.core.kernels.pair_gradients import BLOCK, PIECE, copy_dense, forward_backward, own_room
from musicrec.core.kernels.tiles import fetch
from musicrec.core.kernels.together import add, wait

PORTION = 64  # rows claimed together
BLOCKS = 4  # blocks claimed together, or more where that would make over MOST portions of a batch
MOST = 32
PHASES = 3  # of a step
APART = 8  # counters on a line of the cache
FORESEEN = 32  # pairs that are fetched before their turn


@compiled
def take_steps(
    shape: Any, tables: Any, latest: Any, dense: Any, plays: Any, order: Any, size: int, correction: Any, first: int,
    schedule: Any, faded: Any, losses: Any, laid: Any, seen: Any, room: Any, counters: Any,
) -> None:  # fmt: skip
    """Take part in the steps from `first` on, one for each `size` pairs of `order` (n,), and fill their mean `losses`.

    `shape` is (F, H, bias, dot, inputs, outputs): the sizes of GMF and MLP, the latter filled up, whether there are
    biases, whether the head is the sum of its inputs and its bias, and how wide each layer is. `tables` are both
    tables, and `latest` (rows,) of each, and of `dense`, the last step that a row is up to date with. `plays` is
    (listeners (N,), songs (N,), negatives (N · n,)), the songs by their rows: pair i is play i where i < N, else
    negative i - N, of listener i modulo N. `correction` (rows,) or (0,) is taken off the logits. `schedule` is (oldest,
    pace, root, decays, kept): of the steps from `oldest` on, lr / bc1 and 1 / sqrt(bc2), the powers (n, 2) of b1 and
    b2, and what weight decay keeps (`lazy_adam`); `faded` (steps, 5) keeps the sums of the last HORIZON. What is laid
    out and in between is seen in `rooms_for`; `seen` is this thread's own, for listeners and songs int32 (rows, 2), and
    `counters` are 0.
    """
    dot, widths, outputs = shape[3], shape[4], shape[5]
    oldest, pace, root, decays, kept = schedule
    rows, slots, counts, starts, members, sums = laid
    to_rows, to_dense, of_portions = room
    own = own_room(widths, outputs)
    batches, pieces, summed = len(losses), np.arange(len(dense)), 0
    starts_of_dense, members_of_dense = np.arange(len(dense) + 1), np.empty(MOST * len(dense), np.int64)
    at = add(counters, 0)
    while at < batches:
        _lay_out(plays, order, size, at, first, seen, rows, slots, counts, starts, members)
        fill_sums(first + at - 1, oldest, pace, root, kept, sums[at])
        if first + at - 1 >= oldest:
            faded[first + at - 1 - oldest] = sums[at, HORIZON]
        add(counters, APART)
        at = add(counters, 0)
    wait(counters, APART, batches)
    for at in range(batches):
        step, start = first + at, at * size
        stop = min(start + size, len(order))
        together = BLOCK * max(BLOCKS, -(-(stop - start) // (BLOCK * MOST)))
        portions = -(-(stop - start) // together)
        if portions != summed:  # portion by portion, all pieces after each other
            summed = portions
            for piece in range(len(dense)):
                starts_of_dense[piece + 1] = (piece + 1) * portions
                for each in range(portions):
                    members_of_dense[piece * portions + each] = each * len(dense) + piece
        of_listeners, of_songs = -(-counts[0, at] // PORTION), -(-counts[1, at] // PORTION)
        phase = 2 * APART * (1 + PHASES * at)

        portion = add(counters, phase)
        while portion < of_listeners + of_songs:
            side = 0 if portion < of_listeners else 1
            begin = PORTION * (portion - side * of_listeners)
            end = min(begin + PORTION, counts[side, at])
            catch_up(
                tables[side], latest[side], rows[side, start : start + counts[side, at]], begin, end, step - 1, oldest,
                pace, root, kept, faded, sums[at],
            )  # fmt: skip
            add(counters, phase + APART)
            portion = add(counters, phase)
        wait(counters, phase + APART, of_listeners + of_songs)

        phase += 2 * APART
        portion = add(counters, phase)
        if portion < portions:
            copy_dense(dense, dot, widths, outputs, own)
        while portion < portions:
            begin, end = start + portion * together, min(start + (portion + 1) * together, stop)
            to_dense[portion] = 0
            of_portions[portion] = forward_backward(
                shape, tables[0], tables[1], order, len(plays[0]), begin, end, start, np.float32(1 / (stop - start)),
                rows, slots, correction, to_rows, to_dense[portion].reshape(1, -1), own,
            )  # fmt: skip
            add(counters, phase + APART)
            portion = add(counters, phase)
        wait(counters, phase + APART, portions)

        phase += 2 * APART
        lr, factor = pace[step - oldest], root[step - oldest]
        left = np.exp(kept[step - oldest + 1] - kept[step - oldest])
        portion = add(counters, phase)
        while portion < of_listeners + of_songs + len(dense):
            if portion < len(dense):
                move(
                    dense, latest[2], pieces, portion, portion + 1, step, to_dense.reshape(-1, 1, PIECE),
                    starts_of_dense, members_of_dense, decays, lr, factor, left,
                )  # fmt: skip
                if portion == 0:
                    total = 0.0
                    for each in range(portions):
                        total += of_portions[each]
                    losses[at] = total / (stop - start)
            else:
                side = 0 if portion < len(dense) + of_listeners else 1
                begin = PORTION * (portion - len(dense) - side * of_listeners)
                end = min(begin + PORTION, counts[side, at])
                move(
                    tables[side], latest[side], rows[side, start : start + counts[side, at]], begin, end, step,
                    to_rows[side], starts[side, at], members[side, start:stop], decays, lr, factor, left,
                )  # fmt: skip
            add(counters, phase + APART)
            portion = add(counters, phase)
        wait(counters, phase + APART, of_listeners + of_songs + len(dense))


def rooms_for(pairs: int, size: int, width: int, pieces: int) -> tuple[tuple[Any, ...], tuple[Any, ...], Any]:
    """Make what threads share over the steps of so many `pairs` by `size`: what is laid out, room, and counters.

    Laid out are, for listeners in line 0 and songs in line 1: `rows` (2, n), the distinct rows of each batch from its
    first pair on; `slots` (2, n), which of them each pair has; `counts` (2, batches), how many they are; `starts` (2,
    batches, size + 1) and `members` (2, n), the pairs of each slot, counted from the first of the batch; and the `sums`
    of each step. The room is of the gradients of rows (2, size, width), by pair, and of the dense parameters and the
    loss, by portion.
    """
    batches = -(-pairs // size)
    lines, numbers = np.empty((3, 2, pairs), np.int32), np.empty((2, batches), np.int64)
    starts, sums = np.empty((2, batches, size + 1), np.int32), np.zeros((batches, HORIZON + 1, 5))
    portions = min(MOST, -(-size // (BLOCK * BLOCKS))) + 1
    gradients = np.zeros((2, size, 1, width), np.float32), np.zeros((portions, pieces * PIECE), np.float32)
    counters = np.zeros(2 * APART * (1 + PHASES * batches), np.int64)
    return (lines[0], lines[1], numbers, starts, lines[2], sums), (*gradients, np.zeros(portions)), counters


@compiled
def _lay_out(
    plays: Any, order: Any, size: int, at: int, first: int, seen: Any, rows: Any, slots: Any, counts: Any, starts: Any,
    members: Any,
) -> None:  # fmt: skip
    """Lay out batch `at`; `seen` holds the last batch that each row was in, and its slot."""
    listeners, songs, drawn = plays
    start, stop, batch = at * size, min((at + 1) * size, len(order)), first + at
    counts[0, at] = counts[1, at] = 0
    for pair in range(start, stop):
        ahead = order[min(pair + FORESEEN, stop - 1)]
        fetch(listeners, ahead % len(listeners))
        if ahead < len(listeners):
            fetch(songs, ahead)
        else:
            fetch(drawn, ahead - len(listeners))
        chosen = order[pair]
        listener = listeners[chosen % len(listeners)]
        song = songs[chosen] if chosen < len(listeners) else drawn[chosen - len(listeners)]
        for side in range(2):
            row = listener if side == 0 else song
            if seen[side][row, 0] != batch:
                slot = counts[side, at]
                seen[side][row, 0], seen[side][row, 1] = batch, slot
                rows[side, start + slot] = row
                starts[side, at, slot] = 0
                counts[side, at] += 1
            slot = seen[side][row, 1]
            slots[side, pair] = slot
            starts[side, at, slot] += 1
    for side in range(2):
        end = 0
        for slot in range(counts[side, at]):
            end += starts[side, at, slot]
            starts[side, at, slot] = end
        starts[side, at, counts[side, at]] = end
        for pair in range(stop - 1, start - 1, -1):
            slot = slots[side, pair]
            starts[side, at, slot] -= 1
            members[side, start + starts[side, at, slot]] = pair - start
