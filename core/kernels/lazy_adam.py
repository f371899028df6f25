"""Adam that touches a row of a table only when a batch does, and gives what dense Adam gives.

A row that no batch touches has the gradient 0, yet dense Adam (Kingma & Ba, ICLR 2015) still moves it: k steps after
its last gradient by lr · m b1^k / bc1 / (sqrt(v b2^k / bc2) + eps), where bc1 = 1 - b1^t and bc2 = 1 - b2^t. With
s = sqrt(v), a_k = lr b1^k / bc1 and c_k = b2^(k/2) / sqrt(bc2) the n steps that a row has missed move it by
m · sum of a_k / (s c_k + eps) over k = 1 … n. Since a_k fades fast and c_k hardly changes, that sum is

    m r (M0 + u² M2 - u³ M3 + …),   r = 1 / (s c + eps),   u = s c r,

with c the mean of c_k weighted by a_k and Mj = sum of a_k (c_k / c - 1)^j, which are the same for all rows that
missed the same steps. They are computed once a step, from the last step backwards; then a row is brought up to date by
one root and one quotient, however many steps it missed. Where the term that is left out could be above a float32
rounding (about the first 500 steps, while bc2 moves) the steps are taken one by one. After HORIZON steps nothing is
left of m that a float32 would show.

Decoupled weight decay (AdamW, Loshchilov & Hutter, ICLR 2019) multiplies a weight by 1 - lr · decay before each step:
the weight by all of these of the steps missed, a_k by those that come after its step. `kept` (steps + 1,) are the sums
of their logarithms, from 0 before the step `oldest` on; all are 0 for Adam.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from musicrec.core.kernels.compiled import compiled
from musicrec.core.kernels.lanes import LANES, all_of, load, minus, over, plus, root_of, store, times
from musicrec.core.kernels.tiles import fetch

HORIZON = 160  # 0.9^160 < 2^-24
BETA1, BETA2, EPSILON = 0.9, 0.999, 1e-8
LEFT_OUT = 1e-7  # of the whole sum
AHEAD = 8  # rows that are fetched before their turn
WEIGHT, FIRST, SECOND = 0, 1, 2  # of a row (3, D): the weights, and the moments m and v


@compiled
def fill_sums(step: int, oldest: int, pace: Any, root: Any, kept: Any, sums: Any) -> None:
    """Fill `sums` (HORIZON + 1, 5) for rows that missed the last n steps up to `step`, where none is before `oldest`.

    A line is c, M0, M2, M3, and 1 where they are exact enough. `pace` and `root` are lr / bc1 and 1 / sqrt(bc2) of the
    steps from `oldest` on, in double precision.
    """
    decay = np.sqrt(BETA2)
    r0 = r1 = r2 = r3 = r4 = 0.0  # sums of a_k c_k^j
    for n in range(1, min(HORIZON, step - oldest + 1) + 1):
        at = step - oldest - n + 1
        a, c = BETA1 * pace[at] * np.exp(kept[step - oldest + 1] - kept[at + 1]), decay * root[at]
        r0 = a + BETA1 * r0
        r1 = a * c + BETA1 * decay * r1
        r2 = a * c * c + BETA1 * decay**2 * r2
        r3 = a * c * c * c + BETA1 * decay**3 * r3
        r4 = a * c * c * c * c + BETA1 * decay**4 * r4
        mean = r1 / r0 if r0 > 0 else 1.0
        two, three, four = r2 / mean**2, r3 / mean**3, r4 / mean**4
        sums[n, 0] = mean
        sums[n, 1] = r0
        sums[n, 2] = two - r0
        sums[n, 3] = three - 3 * two + 2 * r0
        sums[n, 4] = four - 4 * three + 6 * two - 3 * r0 <= LEFT_OUT * r0


@compiled
def catch_up(
    table: Any, latest: Any, rows: Any, begin: int, end: int, step: int, oldest: int, pace: Any, root: Any, kept: Any,
    faded: Any, sums: Any,
) -> None:  # fmt: skip
    """Move the weights of rows[begin:end] of `table` (rows, 3, D) by the steps up to `step` that each has missed.

    Their moments stay as they are. `latest` (rows,) is the last step that a row is up to date with, `sums` those of
    `step`, and `faded` (steps, 5) the last lines of the sums of each step from `oldest` on; see `fill_sums`.
    """
    epsilon, one = np.float32(EPSILON), np.float32(1)
    powers, taken = np.zeros((2, HORIZON + 1)), np.empty((2, HORIZON + 1), np.float32)  # where steps go one by one
    for slot in range(begin, end):
        fetch(table, rows[min(slot + AHEAD, len(rows) - 1)])
        row = rows[slot]
        missed = step - latest[row]
        if missed == 0:
            continue
        at = latest[row] + HORIZON - oldest  # where there are more steps than the sums have lines
        left, later = one, one  # what weight decay leaves of the weight, and of how far the first HORIZON steps move it
        if kept[step - oldest + 1] != 0:
            left = np.float32(np.exp(kept[step - oldest + 1] - kept[latest[row] - oldest + 1]))
            if missed > HORIZON:
                later = np.float32(np.exp(kept[step - oldest + 1] - kept[at + 1]))
        if (sums[missed, 4] if missed <= HORIZON else faded[at, 4]) == 0:
            if powers[0, 0] == 0:
                for k in range(HORIZON + 1):
                    powers[0, k], powers[1, k] = BETA1**k, BETA2 ** (0.5 * k)
            count = min(missed, HORIZON)
            for k in range(1, count + 1):
                each = step - oldest - missed + k
                after = np.exp(kept[step - oldest + 1] - kept[each + 1]) if kept[step - oldest + 1] != 0 else 1.0
                taken[0, k], taken[1, k] = pace[each] * powers[0, k] * after, root[each] * powers[1, k]
            for column in range(0, table.shape[2], LANES):
                weight, first = times(all_of(left), load(table, row, WEIGHT, column)), load(table, row, FIRST, column)
                slow = root_of(load(table, row, SECOND, column))
                for k in range(1, count + 1):
                    pull = plus(times(slow, all_of(taken[1, k])), all_of(epsilon))
                    weight = minus(weight, over(times(all_of(taken[0, k]), first), pull))
                store(table, row, WEIGHT, column, weight)
            continue
        mean = np.float32(sums[missed, 0] if missed <= HORIZON else faded[at, 0])
        m0 = np.float32(sums[missed, 1] if missed <= HORIZON else faded[at, 1])
        m2 = np.float32(sums[missed, 2] if missed <= HORIZON else faded[at, 2])
        m3 = np.float32(sums[missed, 3] if missed <= HORIZON else faded[at, 3])
        m0, m2, m3 = later * m0, later * m2, later * m3
        for column in range(0, table.shape[2], LANES):
            weight, first = times(all_of(left), load(table, row, WEIGHT, column)), load(table, row, FIRST, column)
            slow = times(root_of(load(table, row, SECOND, column)), all_of(mean))
            r = over(all_of(one), plus(slow, all_of(epsilon)))
            u = times(slow, r)
            series = plus(all_of(m0), times(times(u, u), minus(all_of(m2), times(u, all_of(m3)))))
            store(table, row, WEIGHT, column, minus(weight, times(times(first, r), series)))


@compiled
def move(
    table: Any, latest: Any, rows: Any, begin: int, end: int, step: int, gradients: Any, starts: Any, members: Any,
    decays: Any, pace: float, root: float, left: float,
) -> None:  # fmt: skip
    """Take `step` with rows[begin:end] of `table`, whose weights are up to date with the step before.

    The gradient of slot s is the sum of the `gradients` (n, 1, D) `members[starts[s]:starts[s + 1]]`, in their order.
    `decays` (n, 2) are the powers of b1 and b2, by which moments fade over all the steps that were missed. `left` is
    what the weight decay of the step leaves of a weight.
    """
    n1, n2, epsilon = all_of(np.float32(1 - BETA1)), all_of(np.float32(1 - BETA2)), all_of(np.float32(EPSILON))
    lr, factor, still = all_of(np.float32(pace)), all_of(np.float32(root)), all_of(np.float32(left))
    for slot in range(begin, end):
        fetch(table, rows[min(slot + AHEAD, len(rows) - 1)])
        row = rows[slot]
        faded = step - latest[row]
        b1, b2 = all_of(decays[faded, 0]), all_of(decays[faded, 1])
        for column in range(0, table.shape[2], LANES):
            g = load(gradients, members[starts[slot]], 0, column)
            for each in range(starts[slot] + 1, starts[slot + 1]):
                g = plus(g, load(gradients, members[each], 0, column))
            m = plus(times(b1, load(table, row, FIRST, column)), times(n1, g))
            v = plus(times(b2, load(table, row, SECOND, column)), times(n2, times(g, g)))
            store(table, row, FIRST, column, m)
            store(table, row, SECOND, column, v)
            moved = over(times(lr, m), plus(times(root_of(v), factor), epsilon))
            store(table, row, WEIGHT, column, minus(times(still, load(table, row, WEIGHT, column)), moved))
        latest[row] = step


@compiled
def bring_up_to_date(
    table: Any, latest: Any, step: int, oldest: int, pace: Any, root: Any, decays: Any, kept: Any, faded: Any,
    sums: Any,
) -> None:  # fmt: skip
    """Take all the steps up to `step` that rows of `table` have missed, moments included; `sums` is room for them."""
    fill_sums(step, oldest, pace, root, kept, sums)
    catch_up(table, latest, np.arange(len(table)), 0, len(table), step, oldest, pace, root, kept, faded, sums)
    for row in range(len(table)):
        missed = step - latest[row]
        for d in range(table.shape[2]):
            table[row, FIRST, d] *= decays[missed, 0]
            table[row, SECOND, d] *= decays[missed, 1]
        latest[row] = step
