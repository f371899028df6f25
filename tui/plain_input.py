"""A field to type into that takes no character that could turn or steer the line on which it is drawn."""

from __future__ import annotations

import re

from textual.widgets import Input

# Control characters, marks and overrides of direction, separators of lines, what has no width
_STEERING = re.compile(
    "[\x00-\x1f\x7f-\x9f\xad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff\U000e0000-\U000e007f]"
)


class PlainInput(Input):
    """An input whose value, typed, pasted or set, is text of one line and one direction."""

    def validate_value(self, value: str) -> str:
        """Drop what cannot be drawn as a character of its own."""
        return _STEERING.sub("", value)
