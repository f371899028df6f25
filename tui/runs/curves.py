"""Line charts of braille dots: two dots wide and four high to the cell, each one cell in every terminal."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

from musicrec.tui.cells import Cell, Row, fit

DOTS = ((0x01, 0x02, 0x04, 0x40), (0x08, 0x10, 0x20, 0x80))  # braille bits by column, then row
BEST = "⠅"  # of the column of the marked pass, where the line is not
AXIS = 8  # cells that the scale takes
LEAST_WIDTH, LEAST_HEIGHT = AXIS + 6, 4  # a smaller chart shows nothing
Point = tuple[int, float]  # the pass, from 1, and its value


def chart(
    points: Sequence[Point], last: int, width: int, height: int, *, mark: int | None = None, style: str = "bar"
) -> list[Row]:
    """Return `height` rows of `width` cells: the scale, the line through `points`, and the passes from 1 to `last`.

    The column of the pass `mark` is drawn apart. No rows where there is no room or fewer than two points.
    """
    points = [(at, value) for at, value in points if math.isfinite(value)]
    if len(points) < 2 or width < LEAST_WIDTH or height < LEAST_HEIGHT:
        return []
    across, down = width - AXIS, height - 1
    low, high = min(value for _, value in points), max(value for _, value in points)
    last = max(last, points[-1][0], 2)
    grid = _line(points, last, low, high, across, down)
    column = None if mark is None else _column(mark, last, across)
    rows: list[Row] = []
    for y, line in enumerate(grid):
        label = number(high) if y == 0 else number(low) if y == down - 1 else ""
        scale = Cell(fit(label, AXIS - 2, right=True) + " │", "muted")
        rows.append((scale, *_pieces(line, column, style)))
    rows.append(_passes(last, mark, column, across))
    return rows


def number(value: float) -> str:
    """Return `value` in at most six characters."""
    size = abs(value)
    if size and (size < 0.001 or size >= 100_000):
        return f"{value:.0e}"
    digits = 4 if size < 10 else 2 if size < 1000 else 0
    return f"{value:.{digits}f}"


def _column(at: int, last: int, across: int) -> int:
    return _dot(at, last, across) // 2


def _dot(at: int, last: int, across: int) -> int:
    return round((at - 1) / (last - 1) * (across * 2 - 1))


def _line(points: Sequence[Point], last: int, low: float, high: float, across: int, down: int) -> list[list[int]]:
    grid = [[0] * across for _ in range(down)]
    spread = high - low

    def height_of(value: float) -> float:
        share = (high - value) / spread if spread else 0.5
        return share * (down * 4 - 1)

    def dot(x: int, y: int) -> None:
        grid[y // 4][x // 2] |= DOTS[x % 2][y % 4]

    for (at, value), (then, next_value) in pairwise(points):
        x0, x1, y0, y1 = _dot(at, last, across), _dot(then, last, across), height_of(value), height_of(next_value)
        steps = max(x1 - x0, round(abs(y1 - y0)), 1)
        for step in range(steps + 1):
            dot(round(x0 + (x1 - x0) * step / steps), round(y0 + (y1 - y0) * step / steps))
    return grid


def _pieces(line: list[int], column: int | None, style: str) -> list[Cell]:
    text = [chr(0x2800 + bits) if bits else " " for bits in line]
    if column is None:
        return [Cell("".join(text), style)]
    best = text[column] if line[column] else BEST
    return [Cell("".join(text[:column]), style), Cell(best, "good"), Cell("".join(text[column + 1 :]), style)]


def _passes(last: int, mark: int | None, column: int | None, across: int) -> Row:
    if mark is None or column is None:
        return Cell(" " * AXIS), Cell(fit("1", across - len(str(last))) + str(last), "muted")
    best = f"best {mark}"
    start = min(max(column - len(best) + 1 if column > across // 2 else column, 0), across - len(best))
    room = across - start - len(best)
    left = fit("1", start) if start > 1 else " " * start
    right = fit(str(last), room, right=True) if room > len(str(last)) else " " * room
    return Cell(" " * AXIS), Cell(left, "muted"), Cell(best, "good"), Cell(right, "muted")
