"""The listener's card: who they are, how much they play, what and how."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from musicrec.core.pages import Portion, Profile
from musicrec.core.records import Listener
from musicrec.tui.bars import bar, merged, sparkline
from musicrec.tui.cells import Cell, Row, fit
from musicrec.tui.columns import beside
from musicrec.tui.panel import Panel
from musicrec.tui.people import facts_of, name_of

NARROW = 26  # cells that genres, behaviours or languages need to stand beside each other
GAP = 2  # cells between them
LONGEST = 24  # cells of the bar of the most frequent kind
LONGEST_NAME = 20
LEAST_TIMED = 12  # cells that bar and sparkline need together
BARS_FROM = 4  # lines; a lower card has words in place of bars


class ListenerCard(Panel):
    """Facts follow the cursor at once, the bars as soon as the past has been read."""

    TITLE: ClassVar[str] = "Listener"
    HELP: ClassVar[str] = (
        "Who the listener is, as far as the dataset knows, and what the past is made of: genres and languages of the "
        "songs, and behaviours, which are the places of the player where the songs were started. The small columns "
        "show how the share of a genre went from the first plays to the latest. Held-out plays are not counted."
    )

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._listener: Listener | None = None
        self._profile: Profile | None = None
        self._rows: list[Row] = []

    def introduce(self, listener: Listener) -> None:
        """Show the facts of `listener`; the bars of the one before stay until `tell` brings new ones."""
        self._listener = listener
        self.set_titles(name_of(listener))
        self.settle()
        self.wait()

    def tell(self, profile: Profile) -> None:
        """Show the past."""
        self._listener, self._profile = profile.listener, profile
        held_out = len(profile.playlists.held_out)
        self.set_titles(name_of(profile.listener), f"{held_out} held out" if held_out else "")
        self.settle()

    def count(self) -> int:
        """Return the number of lines."""
        return len(self._rows)

    def row(self, index: int, width: int) -> Row:
        """Return a line."""
        return self._rows[index]

    def lay_out(self, width: int) -> None:
        """Arrange facts and bars."""
        height = self.scrollable_content_region.height
        self._rows = []
        if self._listener is not None:
            self._rows.append(_facts(self._listener, width))
        if self._profile is not None:
            self._rows += _bars(self._profile, width) if height >= BARS_FROM else _words(self._profile, width)


def _facts(listener: Listener, width: int) -> Row:
    plays = f"{listener.plays:,} play{'' if listener.plays == 1 else 's'}" if listener.plays else "no plays yet"
    return Cell(plays, "strong"), Cell(fit("".join(f" · {fact}" for fact in facts_of(listener)), width - len(plays)))


def _words(profile: Profile, width: int) -> list[Row]:
    portions = profile.genres or profile.languages or profile.behaviours
    words = " · ".join(f"{portion.name} {portion.share:.0%}" for portion in portions)
    return [(Cell(fit(words, width), "muted"),)] if words else []


def _bars(profile: Profile, width: int) -> list[Row]:
    tastes = {taste.name: taste.shares for taste in profile.tastes}
    told = (("genres", profile.genres), ("behaviours", profile.behaviours), ("languages", profile.languages))
    sides = [side for side in told if side[1]]
    if not sides and profile.playlists.plays:
        return [(Cell(fit("Nothing is known of the songs of the past.", width), "muted"),)]
    room = max(width // NARROW, 1)
    across, below = sides[:room], sides[room:]
    if not across:
        return []
    widths = _widths(len(across), width)
    rows = beside([_side(*side, size, tastes) for side, size in zip(across, widths, strict=True)], widths, GAP)
    return rows + [row for side in below for row in _side(*side, width, tastes)]


def _widths(sides: int, width: int) -> list[int]:
    # The first side, which has the sparklines, gets what the others leave
    rest = (width - GAP * (sides - 1)) // (sides + 1) if sides > 1 else 0
    return [width - (sides - 1) * (rest + GAP), *[rest] * (sides - 1)]


def _side(title: str, portions: tuple[Portion, ...], width: int, tastes: Mapping[str, tuple[float, ...]]) -> list[Row]:
    name = min(max(width * 2 // 5, 6), LONGEST_NAME)
    room = max(width - name - 6, 0)
    stretches = max((len(tastes[portion.name]) for portion in portions if portion.name in tastes), default=0)
    spark = min(stretches, room // 2 - 1) if room >= LEAST_TIMED else 0
    length = min(room - spark - 1 if spark else room, LONGEST)
    largest = max(portion.share for portion in portions)
    head = fit(title, name + 6 + length) + (" trend" if spark else "")
    rows: list[Row] = [(Cell(fit(head, width), "muted"),)]
    for portion in portions:
        percent = fit(f"{portion.share:.0%}", 5, right=True)
        drawn = fit(bar(portion.share / largest, length), length)
        cells = [Cell(fit(portion.name, name)), Cell(f"{percent} ", "muted"), Cell(drawn, "bar")]
        over_time = f" {sparkline(merged(tastes.get(portion.name, ()), spark))}" if spark else ""
        rows.append((*cells, Cell(fit(over_time, room - length), "note")))
    return rows
