"""What people type, as values: years, positions, the edits of a draft."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from musicrec.core.drafts import Draft
from musicrec.core.errors import UsageError
from musicrec.core.records import Song

UNKNOWN = "unknown"
MOST_PLACES = 10_000  # of the lists that are measured: of each listener so many songs are kept


def edited(
    draft: Draft,
    facts: Mapping[str, str],
    removed: Sequence[int] = (),
    moves: Iterable[tuple[int, int]] = (),
    added: Iterable[Song] = (),
) -> Draft:
    """Set facts, remove plays, move plays (from, to), then add songs as the latest plays, in this order.

    `facts` are any of age, gender and city, `unknown` for None; `removed` are positions before any edit, each move
    finds the plays as the one before left them. Raises UsageError for a value or a position that cannot be.
    """
    if facts:
        who = draft.listener
        age = _age(facts["age"]) if "age" in facts else who.age
        gender = _known(facts["gender"]) if "gender" in facts else who.gender
        city = _known(facts["city"]) if "city" in facts else who.city
        draft = draft.with_facts(age=age, gender=gender, city=city)
    for position in sorted(set(removed), reverse=True):
        draft = draft.without(position)
    for position, to in moves:
        draft = draft.moved(position, to)
    for song in added:
        draft = draft.with_song(song)
    return draft


def read_toml(path: Path, option: str) -> dict[str, Any]:
    """Read the TOML file that `option` names. Raises UsageError where it cannot be read."""
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise UsageError(f"{option} {path}: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{option} {path} is not TOML: {error}") from error
    except RecursionError:
        raise UsageError(f"{option} {path} is nested too deep") from None


def years(text: str) -> tuple[int | None, int | None]:
    """Read `1995`, `1990-1999`, `1990-` or `-1999`: the first and the last year, None where open. Raises UsageError."""
    found = re.fullmatch(r"(\d{4})|(?!-$)(\d{4})?-(\d{4})?", text.strip(), re.ASCII)
    if found is None:
        raise UsageError(f"years are written 1995, 1990-1999, 1990- or -1999, not {text!r}")
    exact, first, last = (int(year) if year else None for year in found.groups())
    if first is not None and last is not None and first > last:
        raise UsageError(f"years {text}: the first one is after the last one")
    return (first, last) if exact is None else (exact, exact)


def move(text: str) -> tuple[int, int]:
    """Read `FROM:TO`. Raises UsageError."""
    found = re.fullmatch(r"(\d{1,9}):(\d{1,9})", text.strip(), re.ASCII)
    if found is None:
        raise UsageError(f"a move is written as two positions such as 3:0, not {text!r}")
    return int(found[1]), int(found[2])


def places(text: str) -> tuple[int, ...]:
    """Read the k of a table of metrics, such as `5,10,20`; each once, rising. Raises UsageError."""
    found = _whole(text, "--k", "5,10,20")
    if found[0] < 1 or found[-1] > MOST_PLACES:
        raise UsageError(f"--k must be from 1 to {MOST_PLACES:,}, not {min(found[0], 1) and found[-1]}")
    return found


def counts(text: str) -> tuple[int, ...]:
    """Read numbers of plays that are shown, such as `0,1,5,10`; each once, rising. Raises UsageError."""
    return _whole(text, "--first", "0,1,5,10")


def _whole(text: str, option: str, example: str) -> tuple[int, ...]:
    parts = [part.strip() for part in text.split(",")]
    if not all(part.isascii() and part.isdecimal() and len(part) < 10 for part in parts):
        raise UsageError(f"{option} takes whole numbers with commas between, such as {example}, not {text!r}")
    return tuple(sorted(set(map(int, parts))))


def _age(text: str) -> int | None:
    known = _known(text)
    if known is None:
        return None
    if not (known.isdecimal() and known.isascii()):
        raise UsageError(f"age takes a whole number or {UNKNOWN}, not {text!r}")
    return int(known.lstrip("0")[:9] or "0")


def _known(text: str) -> str | None:
    return None if text.strip().casefold() in ("", UNKNOWN) else text.strip()
