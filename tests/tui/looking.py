"""Looking at drawn lines: each has its exact width, and nothing in it steers the terminal."""

from __future__ import annotations

import re
from collections.abc import Iterable

from rich.cells import cell_len
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from musicrec.tui.panel import Panel

STEERS = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\u2028\u2029\u202a-\u202e\u2066-\u2069]")


class Box(Widget):
    """Where a panel stands: some have ids of their own."""

    DEFAULT_CSS = "Box { width: auto; height: auto; layout: vertical; }"


def steers(text: str) -> bool:
    """Whether anything in `text` would be an order to the terminal, or cannot be sent to one."""
    return STEERS.search(text) is not None


def check(widget: Widget) -> None:
    """Look at every line of a widget, its border included."""
    width, height = widget.outer_size
    widget.refresh()
    look_at(widget, widget.render_lines(Region(0, 0, width, height)), width)


def check_rows(panel: Panel) -> None:
    """Look at the lines within the border, also at some that cannot be seen without scrolling, and at the titles."""
    width = panel.scrollable_content_region.width
    look_at(panel, (panel.render_line(y) for y in range(panel.size.height)), width)
    if not panel.has_notice:
        hidden = range(panel.size.height - 1, min(panel.count(), panel.size.height + 8))
        look_at(panel, (panel.strip(panel.row(index, width), width) for index in hidden), width)
    for title in (panel._border_title, panel._border_subtitle):
        assert title is None or (not title.spans and not steers(title.plain)), f"{panel}: {title!a}"


def look_at(widget: Widget, strips: Iterable[Strip], width: int) -> None:
    for strip in strips:
        assert sum(cell_len(segment.text) for segment in strip) == width, f"{widget}: {strip.text!a}"
        assert not any(steers(segment.text) for segment in strip), f"{widget}: {strip.text!a}"
