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
"""

from __future__ import annotations

from typing import Any

import numpy as np

from musicrec.core.kernels.compiled import compiled

HORIZON = 160  # 0.9^160 < 2^-24
BETA1, BETA2, EPSILON = 0.9, 0.999, 1e-8
LEFT_OUT = 1e-7  # of the whole sum
WEIGHT, FIRST, SECOND = 0, 1, 2  # of a row (3, D): the weights, and the moments m and v


@compiled
def fill_sums(step: int, oldest: int, pace: Any, root: Any, sums: Any) -> None:
    """Fill `sums` (HORIZON + 1, 5) for rows that missed the last n steps up to `step`, where none is before `oldest`.

    A line is c, M0, M2, M3, and 1 where they are exact enough. `pace` and `root` are lr / bc1 and 1 / sqrt(bc2) of the
    steps from `oldest` on, in double precision.
    """
    decay = np.sqrt(BETA2)
    r0 = r1 = r2 = r3 = r4 = 0.0  # sums of a_k c_k^j
    for n in range(1, min(HORIZON, step - oldest + 1) + 1):
        a, c = BETA1 * pace[step - oldest - n + 1], decay * root[step - oldest - n + 1]
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
    table: Any, row: int, missed: int, sums: Any, line: int, step: int, oldest: int, pace: Any, root: Any
) -> None:
    """Move the weights of a row of `table` (rows, 3, D) by the `missed` steps up to `step`, but not the moments.

    `line` of `sums` (n, 5) is that of these steps; see `fill_sums` for the others.
    """
    epsilon, one = np.float32(EPSILON), np.float32(1)
    if sums[line, 4] == 0:
        for k in range(1, min(missed, HORIZON) + 1):
            at = step - oldest - missed + k
            a, c = np.float32(pace[at] * BETA1**k), np.float32(root[at] * BETA2 ** (0.5 * k))
            for d in range(table.shape[2]):
                table[row, WEIGHT, d] -= a * table[row, FIRST, d] / (np.sqrt(table[row, SECOND, d]) * c + epsilon)
        return
    mean, m0 = np.float32(sums[line, 0]), np.float32(sums[line, 1])
    m2, m3 = np.float32(sums[line, 2]), np.float32(sums[line, 3])
    for d in range(table.shape[2]):
        slow = np.sqrt(table[row, SECOND, d]) * mean
        r = one / (slow + epsilon)
        u = slow * r
        table[row, WEIGHT, d] -= table[row, FIRST, d] * r * (m0 + u * u * (m2 - u * m3))


@compiled
def take_step(table: Any, row: int, gradients: Any, slot: int, b1: float, b2: float, pace: float, root: float) -> None:
    """Take the step of `gradients[slot]` (D,); `b1` and `b2` fade the moments of the row by it and all missed steps."""
    n1, n2, epsilon = np.float32(1 - BETA1), np.float32(1 - BETA2), np.float32(EPSILON)
    lr, factor = np.float32(pace), np.float32(root)
    for d in range(table.shape[2]):
        g = gradients[slot, d]
        m, v = b1 * table[row, FIRST, d] + n1 * g, b2 * table[row, SECOND, d] + n2 * g * g
        table[row, FIRST, d] = m
        table[row, SECOND, d] = v
        table[row, WEIGHT, d] -= lr * m / (np.sqrt(v) * factor + epsilon)


@compiled
def fade(table: Any, row: int, b1: float, b2: float) -> None:
    """Let the moments of a row of `table` (rows, 3, D) fade."""
    for d in range(table.shape[2]):
        table[row, FIRST, d] *= b1
        table[row, SECOND, d] *= b2
