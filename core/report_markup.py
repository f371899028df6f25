"""Markup in which all text is escaped: HTML and SVG as values, made of nothing but tags and plain strings."""

from __future__ import annotations

from html import escape

from musicrec.core.tabular import one_line


class Markup(str):
    """Text that is markup already; any other string is text, and is escaped wherever it goes."""

    __slots__ = ()


def tag(name: str, /, *children: str, **attributes: str | int | float | None) -> Markup:
    """Make an element. `class_` stands for class, underscores for hyphens; an attribute of None is left out.

    Control characters and overrides of direction in text become spaces: a title cannot reorder what stands around it.
    """
    told = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escape(one_line(_written(value)))}"'
        for key, value in attributes.items()
        if value is not None
    )
    inside = "".join(child if isinstance(child, Markup) else escape(one_line(child)) for child in children)
    return Markup(f"<{name}{told}>" if name == "meta" else f"<{name}{told}>{inside}</{name}>")


def together(*parts: str) -> Markup:
    """Put markup and text side by side."""
    return Markup("".join(part if isinstance(part, Markup) else escape(one_line(part)) for part in parts))


def _written(value: str | int | float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)
