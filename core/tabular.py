"""Tables as values, and the forms in which they and the records leave: CSV, JSON, JSON lines."""

from __future__ import annotations

import csv
import dataclasses
import io
import json
import re
from dataclasses import dataclass
from datetime import date
from typing import Any

# Control characters, separators of lines and paragraphs, overrides of direction: what could end or turn a line
_TURNS = "\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069"
# What has no width, or none that terminals agree on; the joiners stay, which Arabic, Indic scripts and emoji need
_NO_WIDTH = "\xad\u061c\u180e\u200b\u200e\u200f\u2060-\u2064\u206a-\u206f\ufeff\ufff9-\ufffb\U000e0000-\U000e007f"
_HALVES = "\ud800-\udfff"  # of a character: no encoding has them
_BREAKS = re.compile(f"[\\s{_TURNS}]+")
_HIDDEN = re.compile(f"[{_NO_WIDTH}]")
_HALF = re.compile(f"[{_HALVES}]")
_ESCAPED = re.compile(f"[{_TURNS}{_NO_WIDTH}{_HALVES}]")
_FORMULA = re.compile("[=+\\-@\t\r\n\uff1d\uff0b\uff0d\uff20]")  # full-width ones too, which some spreadsheets take

Cell = str | int | float | None


@dataclass(frozen=True, slots=True)
class Sheet:
    """A titled table; numbers stay numbers, so that CSV keeps them whole."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    notes: tuple[str, ...] = ()


class _Lines(io.StringIO):
    # The writer quotes a carriage return only where lines end in one
    def write(self, line: str) -> int:
        return super().write(line.removesuffix("\r\n") + "\n")


def to_csv(sheet: Sheet, safe: bool = False) -> str:
    """Write the sheet as RFC 4180 with a header line, but for lines that end in a line feed alone.

    `safe` puts an apostrophe before text that a spreadsheet would take for a formula. Numbers stay as they are.
    """
    text = _Lines()
    writer = csv.writer(text)
    writer.writerow(sheet.columns)
    writer.writerows([_harmless(cell) if safe else "" if cell is None else cell for cell in row] for row in sheet.rows)
    return text.getvalue()


def _harmless(cell: Cell) -> str | int | float:
    if isinstance(cell, str):
        return f"'{cell}" if _FORMULA.match(cell) else cell
    return "" if cell is None else cell


def to_lines(sheet: Sheet) -> str:
    """Write the columns and the rows as lines with tabs between, for a clipboard: no cell breaks its line."""
    rows = (sheet.columns, *sheet.rows)
    return "\n".join("\t".join("" if cell is None else one_line(str(cell)) for cell in row) for row in rows)


def one_line(text: str) -> str:
    """Return `text` with a space for all that could end or turn a line, and without what cannot be seen."""
    return _BREAKS.sub(" ", _HALF.sub("\N{REPLACEMENT CHARACTER}", _HIDDEN.sub("", text))).strip()


def in_lines(sheet: Sheet) -> Sheet:
    """Return the sheet with all text on one line, for a terminal."""
    rows = tuple(tuple(one_line(cell) if isinstance(cell, str) else cell for cell in row) for row in sheet.rows)
    return dataclasses.replace(sheet, rows=rows)


def to_json(value: object) -> str:
    """Write records as one JSON document; dates are ISO 8601, and what would steer a terminal is escaped."""
    text = json.dumps(_plain(value), ensure_ascii=False, indent=2)
    return _ESCAPED.sub(lambda found: found[0] if found[0] == "\n" else json.dumps(found[0])[1:-1], text)


def to_json_line(value: object) -> str:
    """Write records as one line of ASCII, so that whoever reads a pipe need not know its encoding."""
    return json.dumps(_plain(value)) + "\n"


def _plain(value: object) -> Any:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {each.name: _plain(getattr(value, each.name)) for each in dataclasses.fields(value)}
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value.isoformat() if isinstance(value, date) else value
