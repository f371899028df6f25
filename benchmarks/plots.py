"""Curves over a logarithmic scale, as one SVG."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from math import ceil, floor, log10

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 560, 340, 62, 205, 50, 44
COLOURS = ("#0b6bcb", "#c2410c", "#0f7b4f", "#8b3fc7", "#b3261e", "#4a5568")  # on white at least 4.5 : 1
GAP = 14  # pixels between two names


@dataclass(frozen=True, slots=True)
class Curve:
    """A line with its name: where, and how much; all above zero."""

    name: str
    at: Sequence[float]
    values: Sequence[float]


@dataclass(frozen=True, slots=True)
class Panel:
    """One plot: its title, what its axes count, and its curves; `even` has the upright axis linear, from zero."""

    title: str
    across: str
    up: str
    curves: Sequence[Curve]
    even: bool = False


@dataclass(frozen=True, slots=True)
class Axis:
    """From the value `low` at pixel `start` to `high` at `end`, in powers of ten or in even steps."""

    low: float
    high: float
    start: float
    end: float
    even: bool = False

    def at(self, value: float) -> float:
        """Return the pixel of a value."""
        low, high, here = (self.low, self.high, value) if self.even else map(log10, (self.low, self.high, value))
        return self.start + (self.end - self.start) * (here - low) / (high - low)

    def marks(self) -> list[tuple[float, str]]:
        """Return what to write beside the axis, and at which pixel."""
        if not self.even:
            powers = range(round(log10(self.low)), round(log10(self.high)) + 1)
            return [(self.at(10.0**power), _power(power)) for power in powers]
        step = 10.0 ** floor(log10(self.high - self.low))
        step = next(step * part for part in (0.1, 0.2, 0.5, 1) if self.high <= 6 * step * part or part == 1)
        return [
            (self.at(number * step), f"{number * step:.3g}") for number in range(floor(self.high / step + 1e-9) + 1)
        ]


def picture(panels: Sequence[Panel]) -> str:
    """Draw the panels, two in a row."""
    rows = ceil(len(panels) / 2)
    parts = [_panel(panel, WIDTH * (number % 2), HEIGHT * (number // 2)) for number, panel in enumerate(panels)]
    size = f'width="{2 * WIDTH}" height="{rows * HEIGHT}" viewBox="0 0 {2 * WIDTH} {rows * HEIGHT}"'
    style = 'font-family="system-ui, sans-serif" font-size="12"'
    back = '<rect width="100%" height="100%" fill="#ffffff"/>'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size} {style}>\n{back}\n' + "\n".join(parts) + "\n</svg>\n"


def _panel(panel: Panel, x: int, y: int) -> str:
    across = Axis(*_decades([at for curve in panel.curves for at in curve.at]), LEFT, WIDTH - RIGHT)
    values = [value for curve in panel.curves for value in curve.values]
    bounds = (0.0, max(values) * 1.05) if panel.even else _decades(values)
    up = Axis(*bounds, HEIGHT - BOTTOM, TOP, panel.even)
    parts = [f'<g transform="translate({x} {y})">', _text(LEFT, 20, panel.title, weight="600")]
    for at, name in across.marks():
        parts += [_line(at, TOP, at, HEIGHT - BOTTOM), _text(at, HEIGHT - BOTTOM + 18, name, "middle")]
    for at, name in up.marks():
        parts += [_line(LEFT, at, WIDTH - RIGHT, at), _text(LEFT - 8, at + 4, name, "end")]
    parts += [
        _text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 8, panel.across, "middle"),
        _text(LEFT, TOP - 10, panel.up),
    ]
    ends = _spread([up.at(curve.values[-1]) for curve in panel.curves])
    for curve, end, colour in zip(panel.curves, ends, COLOURS, strict=False):
        spots = [(across.at(at), up.at(value)) for at, value in zip(curve.at, curve.values, strict=True)]
        path = " ".join(f"{a:.1f},{b:.1f}" for a, b in spots)
        parts.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
        parts += [f'<circle cx="{a:.1f}" cy="{b:.1f}" r="3" fill="{colour}"/>' for a, b in spots]
        parts.append(_text(WIDTH - RIGHT + 10, end + 4, curve.name, fill=colour))
    return "\n".join([*parts, "</g>"])


def _decades(values: Sequence[float]) -> tuple[float, float]:
    low, high = floor(log10(min(values))), ceil(log10(max(values)))
    return 10.0**low, 10.0 ** max(high, low + 1)


def _spread(heights: Sequence[float]) -> list[float]:
    # Names that would overlap move down, in the order of their curves
    placed, last = list(heights), float("-inf")
    for number in sorted(range(len(heights)), key=heights.__getitem__):
        placed[number] = last = max(heights[number], last + GAP)
    return placed


def _power(power: int) -> str:
    digits = "".join("⁰¹²³⁴⁵⁶⁷⁸⁹"[int(each)] for each in str(abs(power)))
    return f"10{'⁻' if power < 0 else ''}{digits}"


def _line(x1: float, y1: float, x2: float, y2: float) -> str:
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="#d7dce3"/>'


def _text(x: float, y: float, text: str, anchor: str = "start", fill: str = "#1c2430", weight: str = "400") -> str:
    where = f'x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"'
    return f'<text {where} fill="{fill}" font-weight="{weight}">{escape(text)}</text>'
