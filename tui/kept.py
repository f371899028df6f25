"""What the explorer remembers from one session to the next: one small file that may be lost without harm."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any, TypeVar

from platformdirs import user_state_path

from musicrec.core.browsing import LISTENER_SORTS, SONG_SORTS
from musicrec.core.drafts import UNFILTERED, Filters
from musicrec.core.errors import MusicrecError, UsageError
from musicrec.core.runs import write_atomically
from musicrec.tui.view import Order

SORTS = {"listener_order": LISTENER_SORTS, "song_order": SONG_SORTS}
HIGHEST = {"k": 200, "per_artist": 200, "first_year": 9999, "last_year": 9999}  # the numbers; the least is 1


@dataclass(frozen=True, slots=True)
class Bookmark:
    """Where a person was in one dataset, and how they looked at it."""

    place: str | None = None
    run: str | None = None
    other: str | None = None  # the run that it was compared with
    listener: str | None = None  # original id
    song: str | None = None  # original id
    k: int = 10
    filters: Filters = UNFILTERED
    listener_order: Order = Order()
    song_order: Order = Order()


@dataclass(frozen=True, slots=True)
class Kept:
    """The theme, the dataset that was open last, and a bookmark for each dataset by its name."""

    theme: str | None = None
    dataset: str | None = None
    bookmarks: Mapping[str, Bookmark] = field(default_factory=dict)

    def bookmark(self, dataset: str) -> Bookmark:
        """Return the bookmark in a dataset; a new one where there is none."""
        return self.bookmarks.get(dataset, Bookmark())

    def with_bookmark(self, dataset: str, bookmark: Bookmark) -> Kept:
        """Return these with a bookmark set, and with its dataset as the last one."""
        return replace(self, dataset=dataset, bookmarks={**self.bookmarks, dataset: bookmark})


Record = TypeVar("Record", bound=Kept | Bookmark | Filters | Order)


def state_file() -> Path:
    """Return where the file is: in the folder MUSICREC_STATE, or in the one for such files on this platform."""
    folder = os.environ.get("MUSICREC_STATE")
    return (Path(folder) if folder else user_state_path("musicrec", appauthor=False)) / "state.json"


def load(path: Path | None = None) -> Kept:
    """Read what was kept. What is missing, damaged or of the wrong kind stays at its default, each for itself."""
    try:
        found = json.loads((path or state_file()).read_text("utf-8"))
    except (OSError, ValueError, RecursionError):
        return Kept()
    table = found if isinstance(found, dict) else {}
    bookmarks = table.get("bookmarks")
    named = bookmarks.items() if isinstance(bookmarks, dict) else ()
    read = {name: _filled(Bookmark(), each) for name, each in named if _is_text(name) and isinstance(each, dict)}
    return replace(_filled(Kept(), table), bookmarks=read)


def save(kept: Kept, path: Path | None = None) -> bool:
    """Write what is to be kept, as a whole or not at all; return whether it could be written."""
    try:
        write_atomically(path or state_file(), (json.dumps(asdict(kept), indent=1) + "\n").encode())
    except MusicrecError:
        return False
    return True


def _filled(blank: Record, found: object) -> Record:
    table = found if isinstance(found, dict) else {}
    changes: dict[str, Any] = {}
    for name in (each.name for each in fields(blank)):
        default, value = getattr(blank, name), table.get(name)
        if isinstance(default, Filters):
            changes[name] = _meetable(_filled(default, value))
        elif isinstance(default, Order):
            order = _filled(default, value)
            changes[name] = order if order.key in SORTS[name] else default
        elif _fits(name, default, value):
            changes[name] = value
    return replace(blank, **changes)


def _meetable(filters: Filters) -> Filters:
    try:
        filters.check()
    except UsageError:
        return replace(filters, first_year=None, last_year=None)
    return filters


def _fits(name: str, default: object, value: object) -> bool:
    if name in HIGHEST:
        return isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= HIGHEST[name]
    if isinstance(default, bool):
        return isinstance(value, bool)
    return (default is None or isinstance(default, str)) and _is_text(value)


def _is_text(value: object) -> bool:
    # Half of a surrogate pair is a string to JSON, but no terminal can be sent it
    return isinstance(value, str) and not any("\ud800" <= character <= "\udfff" for character in value)
