"""The places: what they are called, in the order of their number keys, and how each is made."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from musicrec.tui.place import Place


@dataclass(frozen=True, slots=True)
class Entry:
    """A place in the list of places. `make` imports the place only when somebody goes there: start-up is for one."""

    title: str
    make: Callable[[], Place]


def _explore() -> Place:
    from musicrec.tui.explore import ExploreScreen

    return ExploreScreen()


PLACES: dict[str, Entry] = {
    "explore": Entry("Explore", _explore),
}
