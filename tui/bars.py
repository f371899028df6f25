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


def merged(shares: Sequence[float], count: int) -> list[float]:
    """Return `count` shares or fewer: the means of neighbours, which stand for stretches of one length."""
    size = -(-len(shares) // count) if count > 0 and shares else 1
    return [sum(part) / len(part) for part in (shares[at : at + size] for at in range(0, len(shares), size))]


def sparkline(shares: Sequence[float]) -> str:
    """Return one small column a share (0 to 1), the highest of them full."""
    shares = [share if math.isfinite(share) else 0.0 for share in shares]
    highest = max(shares, default=0.0) or 1.0
    return "".join(COLUMNS[min(int(share / highest * len(COLUMNS)), len(COLUMNS) - 1)] for share in shares)


def span_bar(start: float, end: float, low: float, high: float, width: int) -> str:
    """Return a bar from `start` to `end` on the scale from `low` to `high`, padded to `width` cells.

    Blocks that begin within a cell exist in halves only; what is not empty is never invisible. What is not finite, as
    the scores of a training that went astray, has no bar.
    """
    if start == end or width <= 0 or not all(map(math.isfinite, (start, end, low, high))):
        return " " * max(width, 0)
    scale = width / ((high - low) or 1.0)
    left, right = (min(max((edge - low) * scale, 0.0), float(width)) for edge in (min(start, end), max(start, end)))
    cell, part = divmod(left, 1.0)
    first = "█" if part < 0.25 else "▐" if part < 0.75 else " "
    whole, rest = divmod(round((right - int(cell)) * 8), 8)
    if whole == 0 or (whole == 1 and rest == 0 and first == " "):
        drawn = EIGHTHS[max(rest, 1)] if part < 0.5 else "▐"
    else:
        drawn = first + "█" * (whole - 1) + (EIGHTHS[rest] if rest else "")
    return (" " * int(cell) + drawn)[:width].ljust(width)
