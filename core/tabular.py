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
_BREAKS = re.compile("[\\s\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]+")

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


def to_csv(sheet: Sheet) -> str:
    """Write the sheet as RFC 4180 with a header line, but for lines that end in a line feed alone."""
    text = _Lines()
    writer = csv.writer(text)
    writer.writerow(sheet.columns)
    writer.writerows(["" if cell is None else cell for cell in row] for row in sheet.rows)
    return text.getvalue()


def to_lines(sheet: Sheet) -> str:
    """Write the columns and the rows as lines with tabs between, for a clipboard: no cell breaks its line."""
    rows = (sheet.columns, *sheet.rows)
    return "\n".join("\t".join("" if cell is None else one_line(str(cell)) for cell in row) for row in rows)


def one_line(text: str) -> str:
    """Return `text` with a space for all that could end or turn a line."""
    return _BREAKS.sub(" ", text).strip()


def to_json(value: object) -> str:
    """Write records as one JSON document; dates are ISO 8601."""
    return json.dumps(_plain(value), ensure_ascii=False, indent=2)


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
