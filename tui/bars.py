"""Bars of block characters: eight steps to the cell."""

from __future__ import annotations

import math
from collections.abc import Sequence

EIGHTHS = " ▏▎▍▌▋▊▉█"
COLUMNS = "▁▂▃▄▅▆▇█"


def bar(share: float, width: int) -> str:
    """Return a bar over `share` (0 to 1) of `width` cells, padded to them. What is above zero is never invisible."""
    share = min(max(share, 0.0), 1.0) if math.isfinite(share) else 0.0
    steps = max(round(share * width * 8), 1 if share > 0 else 0)
    whole, rest = divmod(steps, 8)
    drawn = "█" * whole + (EIGHTHS[rest] if rest else "")
    return drawn.ljust(width)


def sparkline(shares: Sequence[float]) -> str:
    """Return one small column a share (0 to 1), the highest of them full."""
    highest = max(shares, default=0.0) or 1.0
    return "".join(COLUMNS[min(int(share / highest * len(COLUMNS)), len(COLUMNS) - 1)] for share in shares)


def leftward_bar(share: float, width: int) -> str:
    """Return a bar that grows to the left; blocks that start at the right edge exist in halves only."""
    share = min(max(share, 0.0), 1.0) if math.isfinite(share) else 0.0
    steps = max(round(share * width * 2), 1 if share > 0 else 0)
    whole, rest = divmod(steps, 2)
    return (("▐" if rest else "") + "█" * whole).rjust(width)


def signed_bar(value: float, low: float, high: float, width: int) -> tuple[str, str]:
    """Return the parts of a bar left and right of zero on the scale from `low` (≤ 0) to `high` (≥ 0)."""
    span = (high - low) or 1.0
    left = round(width * -low / span)
    if low < 0:
        left = min(max(left, 1), width - 1)
    negative = leftward_bar(value / low if value < 0 and low < 0 else 0.0, left)
    positive = bar(value / high if value > 0 and high > 0 else 0.0, width - left)
    return negative, positive
