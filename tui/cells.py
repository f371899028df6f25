"""Cells and rows: text of an exact width on the screen, whatever is in it."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from rich.cells import cell_len, set_cell_size
from textual.content import Content

# Overrides and isolates of the writing direction: one of them in a title would turn round the rest of the line.
_DIRECTIONS = {*range(0x202A, 0x202F), *range(0x2066, 0x206A)}
# What joins emoji into one picture, varies or tints them: terminals do not agree on the width of the result, and a
# column that is wrong by a cell breaks the whole row. The joiner stays between letters of scripts that it shapes.
_JOINS = re.compile("[\ufe0e\ufe0f\U0001f3fb-\U0001f3ff]|(?<![\u0600-\u1cff])\u200d|\u200d(?![\u0600-\u1cff])")


@dataclass(frozen=True, slots=True)
class Cell:
    """A piece of a row. `style` names one of the panel's component styles, without its `cell--`."""

    text: str
    style: str = "plain"


Row = tuple[Cell, ...]


@lru_cache(maxsize=8192)
def tame(text: str) -> str:
    """Return `text` on one line, without what steers a terminal or joins emoji; all else stays as it is."""
    if not text.isascii():
        text = _JOINS.sub("", text)
    if text.isprintable():
        return text
    return "".join(_tame_character(character) for character in text)


def _tame_character(character: str) -> str:
    if ord(character) in _DIRECTIONS:
        return ""
    return " " if unicodedata.category(character) in {"Cc", "Cs", "Zl", "Zp"} else character


@lru_cache(maxsize=8192)
def fit(text: str, width: int, right: bool = False) -> str:
    """Return `text` at exactly `width` cells: padded, or cut with an ellipsis. No wide character is cut in half."""
    if width <= 0:
        return ""
    text = tame(text)
    if cell_len(text) > width:
        text = set_cell_size(text, width - 1).rstrip(" ") + "…"
    space = " " * (width - cell_len(text))
    return space + text if right else text + space


def wrap(text: str, width: int) -> list[str]:
    """Return the lines of `text` in `width` cells, broken between words where there are words."""
    return [line.plain.rstrip() for line in Content(tame(text)).wrap(max(width, 1))] if text else []
