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
    from musicrec.tui.explore.screen import ExploreScreen

    return ExploreScreen()


def _what_if() -> Place:
    from musicrec.tui.what_if.screen import WhatIfScreen

    return WhatIfScreen()


def _compare() -> Place:
    from musicrec.tui.compare.screen import CompareScreen

    return CompareScreen()


def _songs() -> Place:
    from musicrec.tui.songs.screen import SongsScreen

    return SongsScreen()


def _runs() -> Place:
    from musicrec.tui.runs.screen import RunsScreen

    return RunsScreen()


PLACES: dict[str, Entry] = {
    "explore": Entry("Explore", _explore),
    "what-if": Entry("What if", _what_if),
    "compare": Entry("Compare", _compare),
    "songs": Entry("Songs", _songs),
    "runs": Entry("Runs", _runs),
}
