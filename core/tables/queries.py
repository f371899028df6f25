"""The language of the search boxes: words, and filters like `age:20-29 tag:"rainy day" plays:>100`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from musicrec.core.errors import UsageError
from musicrec.core.text import fold

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

Kind = Literal["range", "text", "gender", "prefix", "part", "item", "genre"]

_TOKEN = re.compile(r'(?:(?P<name>[^\s":]+):)?(?:"(?P<quoted>[^"]*)"?|(?P<plain>(?(name)\S*|\S+)))')
_RANGE = re.compile(r"(?:(?P<sign>[<>]=?)(?P<bound>\d+)|(?P<exact>\d+)|(?P<low>\d*)-(?P<high>\d*))", re.ASCII)
_LARGEST = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Filter:
    """What a filter compares: the SQL of its left side and how the value is read."""

    kind: Kind
    left: str


@dataclass(frozen=True, slots=True)
class Condition:
    """A test of one row: SQL with a ? for each of `values`, which are only ever bound."""

    sql: str
    values: tuple[object, ...]


# `search` holds its fields line by line, folded, and the items of a list between tabs.
LISTENER_FILTERS: dict[str, Filter] = {
    "age": Filter("range", "age"),
    "city": Filter("text", "city"),
    "gender": Filter("gender", "gender"),
    "plays": Filter("range", "plays"),
    "tag": Filter("item", "split_part(search, chr(10), 2)"),
    "id": Filter("prefix", "id"),
}
SONG_FILTERS: dict[str, Filter] = {
    "artist": Filter("part", "split_part(search, chr(10), 2)"),
    "genre": Filter("genre", "genres"),
    "language": Filter("text", "language"),
    "year": Filter("range", "released // 10000"),
    "plays": Filter("range", "plays"),
    "id": Filter("prefix", "id"),
}


def conditions(
    query: str, filters: Mapping[str, Filter], genres: Iterable[tuple[str, str]] = ()
) -> tuple[Condition, ...]:
    """Return the conditions that `query` stands for, all of which must hold.

    A word must occur in the folded search text; quotes make one word of several and of what looks like a filter.
    `genres` are the (code, name) pairs that `genre:` is looked up in. Raises UsageError naming an unknown filter or a
    value that a filter cannot take.
    """
    found = []
    for name, value in tokens(bindable(query)):
        if name is None:
            found.append(Condition("contains(search, ?)", (fold(value),)))
        elif name not in filters:
            known = ", ".join(f"{known}:" for known in filters)
            raise UsageError(
                f'there is no filter {name}: (known: {known}); quote "{name}:{value}" to search for it as text'
            )
        elif value:
            found.append(condition(name, filters[name], value, genres))
    return tuple(found)


def bindable(text: str) -> str:
    """Return `text` as a database takes it: bytes of the command line that were no UTF-8 become U+FFFD."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def tokens(query: str) -> Iterator[tuple[str | None, str]]:
    """Split a query into (filter or None, value). A filter whose value is not typed yet has an empty one."""
    for token in _TOKEN.finditer(query):
        name = token["name"]
        value = token["quoted"] if token["quoted"] is not None else token["plain"]
        if name is not None or value:
            yield name and name.lower(), value


def condition(name: str, filter: Filter, value: str, genres: Iterable[tuple[str, str]]) -> Condition:
    """Return the condition of one filter."""
    folded = fold(value)
    match filter.kind:
        case "range":
            low, high = bounds(name, value)
            return Condition(f"{filter.left} BETWEEN ? AND ?", (low, high))
        case "gender":
            return gender(filter, folded)
        case "text":
            return Condition(f"lower({filter.left}) = ?", (folded,))
        case "prefix":
            return Condition(f"starts_with({filter.left}, ?)", (value,))
        case "part":
            return Condition(f"contains({filter.left}, ?)", (folded,))
        case "item":
            return Condition(f"contains(chr(9) || {filter.left} || chr(9), ?)", (f"\t{folded}\t",))
        case "genre":
            return Condition(f"list_has_any({filter.left}, CAST(? AS VARCHAR[]))", (genre_codes(folded, genres),))


def genre_codes(folded: str, genres: Iterable[tuple[str, str]]) -> list[str]:
    """Return the codes of the genres that go by this name or code, else of those whose name holds it."""
    spelled = [(code, fold(code), fold(name)) for code, name in genres]
    exact = [code for code, low_code, low_name in spelled if folded in (low_code, low_name)]
    return exact or [code for code, _, low_name in spelled if folded in low_name]


def gender(filter: Filter, value: str) -> Condition:
    """Return the condition of a gender: male, female, or unknown."""
    if value == "unknown":
        return Condition(f"{filter.left} IS NULL", ())
    if value not in ("male", "female"):
        raise UsageError(f"gender:{value} is none of gender:male, gender:female, gender:unknown")
    return Condition(f"{filter.left} = ?", (value,))


def bounds(name: str, value: str) -> tuple[int, int]:
    """Return both ends, included, of a range: `25`, `20-29`, `20-`, `-29`, `>100`, `>=100`, `<5`, `<=5`."""
    found = _RANGE.fullmatch(value)
    if found is None or value == "-":
        raise UsageError(
            f"{name}:{value} is no number or range: write {name}:20, {name}:20-29, {name}:>20 or {name}:<20"
        )
    if found["exact"]:
        return limited(found["exact"]), limited(found["exact"])
    if found["sign"] is None:
        low, high = limited(found["low"] or "0"), limited(found["high"] or str(_LARGEST))
        if low > high:
            raise UsageError(f"{name}:{value}: the first number is above the last")
        return low, high
    bound, step = limited(found["bound"]), 0 if found["sign"].endswith("=") else 1
    return (bound + step, _LARGEST) if found["sign"].startswith(">") else (0, bound - step)


def limited(digits: str) -> int:
    """Return the number, held within what a column can hold."""
    return min(int(digits.lstrip("0")[:12] or "0"), _LARGEST)
