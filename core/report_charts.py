"""Charts as inline SVG: lines over passes, and means with their intervals. Colours come from the page's style."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from musicrec.core.report_markup import Markup, tag, together

COLOURS = 8  # classes c0 … c7 of the page's style
_WIDTH, _LEFT, _RIGHT = 760, 64, 20


@dataclass(frozen=True, slots=True)
class Line:
    """Points (x, y) of one run, by rising x, in one of the colours; `marked` is the x of the point to stress."""

    name: str
    points: tuple[tuple[float, float], ...]
    colour: int
    marked: float | None = None


@dataclass(frozen=True, slots=True)
class Bar:
    """A mean with its interval, in one of the colours."""

    name: str
    mean: float
    low: float
    high: float
    colour: int


def ticks(low: float, high: float, most: int = 6) -> list[float]:
    """Round numbers from `low` to `high`, at most `most` of them, evenly apart: 1, 2 or 5 times a power of ten."""
    if not high > low:
        return [low]
    rough = (high - low) / max(most - 1, 1)
    power = 10.0 ** math.floor(math.log10(rough))
    step = next((power * each for each in (1, 2, 5, 10) if power * each >= rough * (1 - 1e-9)), power * 10)
    first = math.ceil(low / step - 1e-9)
    return [number * step for number in range(first, math.floor(high / step + 1e-9) + 1)]


def line_chart(title: str, x: str, y: str, lines: Sequence[Line], height: int = 300) -> Markup:
    """Draw lines over a common scale, with a legend below where there are several."""
    points = [point for line in lines for point in line.points]
    left, right = min(at for at, _ in points), max(at for at, _ in points)
    low, high = min(value for _, value in points), max(value for _, value in points)
    margin = (high - low) * 0.06 or abs(high) * 0.1 or 1
    across = _Scale(left, max(right, left + 1), _LEFT, _WIDTH - _RIGHT)
    down = _Scale(low - margin, high + margin, height - 40, 12)
    whole = [at for at in ticks(left, right, 11) if at == round(at)]
    axes = [
        *(_level(down(at), f"{at:.4g}") for at in ticks(low - margin, high + margin)),
        *(tag("text", f"{at:.0f}", x=across(at), y=height - 22, text_anchor="middle") for at in whole),
        tag("text", x, x=(_LEFT + _WIDTH - _RIGHT) / 2, y=height - 4, text_anchor="middle"),
        tag("text", y, x=14, y=height / 2, text_anchor="middle", transform=f"rotate(-90 14 {height // 2})"),
    ]
    drawn = [_drawn(line, across, down) for line in lines]
    picture = tag("svg", *axes, *drawn, viewBox=f"0 0 {_WIDTH} {height}", role="img", aria_label=title)
    legend = _legend(lines) if len(lines) > 1 else together()
    return tag("figure", tag("figcaption", title), picture, legend)


def interval_chart(title: str, bars: Sequence[Bar]) -> Markup:
    """Draw a row for each mean: a dot, and a line over its interval."""
    left, height = min(340, 24 + 8 * max(len(bar.name) for bar in bars)), 26 * len(bars) + 36
    low, high = min(bar.low for bar in bars), max(bar.high for bar in bars)
    margin = (high - low) * 0.05 or 0.05
    low = 0.0 if 0 <= low < high - low else low - margin
    across = _Scale(low, high + margin, left, _WIDTH - _RIGHT - 60)
    parts = [_mark(across(at), height, f"{at:.4g}") for at in ticks(low, high + margin)]
    for number, bar in enumerate(bars):
        y, kind = 20 + 26 * number, f"c{bar.colour % COLOURS}"
        told = tag("title", f"{bar.name}: {bar.mean:.4f}, {bar.low:.4f} to {bar.high:.4f}")
        parts += [
            tag("text", _cut(bar.name, left // 8 - 2), tag("title", bar.name), x=left - 10, y=y + 4, text_anchor="end"),
            tag("line", x1=across(bar.low), x2=across(bar.high), y1=y, y2=y, class_=f"line {kind}"),
            tag("circle", told, cx=across(bar.mean), cy=y, r=5, class_=f"dot {kind}"),
            tag("text", f"{bar.mean:.4f}", x=_WIDTH - _RIGHT, y=y + 4, text_anchor="end"),
        ]
    picture = tag("svg", *parts, viewBox=f"0 0 {_WIDTH} {height}", role="img", aria_label=title)
    return tag("figure", tag("figcaption", title), picture)


@dataclass(frozen=True, slots=True)
class _Scale:
    """Where a value between `low` and `high` lies between two places of the picture."""

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        return self.start + (value - self.low) / (self.high - self.low) * (self.end - self.start)


def _drawn(line: Line, across: _Scale, down: _Scale) -> Markup:
    places = " ".join(f"{across(x):.1f},{down(y):.1f}" for x, y in line.points)
    dots = [
        tag(
            "circle",
            tag("title", f"{line.name}: {y:.4f} at {x:.0f}"),
            cx=across(x),
            cy=down(y),
            r=5 if x == line.marked else 2,
            class_=f"dot c{line.colour % COLOURS}",
        )
        for x, y in line.points
    ]
    return together(tag("polyline", points=places, class_=_kind(line.colour)), *dots)


def _level(y: float, told: str) -> Markup:
    line = tag("line", x1=_LEFT, x2=_WIDTH - _RIGHT, y1=y, y2=y, class_="grid")
    return together(line, tag("text", told, x=_LEFT - 8, y=y + 4, text_anchor="end"))


def _mark(x: float, height: int, told: str) -> Markup:
    line = tag("line", x1=x, x2=x, y1=6, y2=height - 26, class_="grid")
    return together(line, tag("text", told, x=x, y=height - 8, text_anchor="middle"))


def _legend(lines: Sequence[Line]) -> Markup:
    samples = [tag("line", x1=0, x2=26, y1=6, y2=6, class_=_kind(line.colour)) for line in lines]
    keys = [tag("svg", sample, viewBox="0 0 26 12", class_="key", aria_hidden="true") for sample in samples]
    return tag("ul", *(tag("li", key, line.name) for key, line in zip(keys, lines, strict=True)), class_="legend")


def _kind(number: int) -> str:
    return f"line c{number % COLOURS} d{number // COLOURS % 3}"  # dashed where colours begin anew


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"
