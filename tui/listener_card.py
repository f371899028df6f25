"""The listener's card: who they are, how much they play, what and how."""

from __future__ import annotations

from typing import ClassVar

from musicrec.core.records import Listener
from musicrec.tui.bars import bar
from musicrec.tui.cells import Cell, Row, fit, tame
from musicrec.tui.listener_list import name_of
from musicrec.tui.panel import Panel
from musicrec.tui.past import Past, Portion

NARROW = 48  # cells; below, genres and behaviours stand under each other
LONGEST = 24  # cells of the bar of the most frequent kind
BARS_FROM = 4  # lines; a lower card has words in place of bars


class ListenerCard(Panel):
    """Facts follow the cursor at once, the bars as soon as the past has been read."""

    TITLE: ClassVar[str] = "Listener"
    HELP: ClassVar[str] = (
        "Who the listener is, as far as the dataset knows, and the past in two counts: genres of the songs, and "
        "behaviours, which are the places of the player where the songs were started. Held-out plays are not counted."
    )

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._listener: Listener | None = None
        self._past: Past | None = None
        self._rows: list[Row] = []

    def introduce(self, listener: Listener) -> None:
        """Show the facts of `listener`; the bars of the one before stay until `tell` brings new ones."""
        self._listener = listener
        self.set_titles(name_of(listener))
        self.settle()
        self.wait()

    def tell(self, past: Past) -> None:
        """Show the past."""
        self._listener, self._past = past.listener, past
        held_out = len(past.playlists.held_out)
        self.set_titles(name_of(past.listener), f"{held_out} held out" if held_out else "")
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
        if self._past is not None:
            self._rows += _bars(self._past, width) if height >= BARS_FROM else _words(self._past, width)


def facts_of(listener: Listener) -> list[str]:
    """Return what is known of a listener, a few words each."""
    facts = [
        f"{listener.age} years" if listener.age else "",
        listener.gender or "",
        f"city {listener.city}" if listener.city else "",
        f"since {listener.registered:%Y}" if listener.registered else "",
        f"via {listener.registered_via}" if listener.registered_via else "",
        f"{listener.likes:,} likes" if listener.likes is not None else "",
        f"updated {listener.updated:%Y-%m-%d}" if listener.updated else "",
        " ".join(f"#{tag}" for tag in listener.tags),
    ]
    return [tame(fact) for fact in facts if fact]


def _facts(listener: Listener, width: int) -> Row:
    plays = f"{listener.plays:,} play{'' if listener.plays == 1 else 's'}" if listener.plays else "no plays yet"
    return Cell(plays, "strong"), Cell(fit("".join(f" · {fact}" for fact in facts_of(listener)), width - len(plays)))


def _words(past: Past, width: int) -> list[Row]:
    portions = past.genres or past.behaviours
    words = " · ".join(f"{portion.name} {portion.share:.0%}" for portion in portions)
    return [(Cell(fit(words, width), "muted"),)] if words else []


def _bars(past: Past, width: int) -> list[Row]:
    genres, behaviours = ("genres", past.genres), ("behaviours", past.behaviours)
    sides = [side for side in (genres, behaviours) if side[1]]
    if not sides and past.playlists.plays:
        return [(Cell(fit("Neither genres nor behaviours of the past are known.", width), "muted"),)]
    if len(sides) < 2 or width < NARROW:
        return [row for title, portions in sides for row in _side(title, portions, width)]
    left, right = _side(*genres, (width - 2) // 2), _side(*behaviours, width - 2 - (width - 2) // 2)
    blank = (Cell(" " * ((width - 2) // 2)),)
    height = max(len(left), len(right))
    left += [blank] * (height - len(left))
    right += [()] * (height - len(right))
    return [(*one, Cell("  "), *other) for one, other in zip(left, right, strict=True)]


def _side(title: str, portions: tuple[Portion, ...], width: int) -> list[Row]:
    name = max(width * 2 // 5, 6)
    length = max(width - name - 6, 0)
    largest = max(portion.share for portion in portions)
    rows: list[Row] = [(Cell(fit(title, width), "muted"),)]
    for portion in portions:
        percent = fit(f"{portion.share:.0%}", 5, right=True)
        drawn = bar(portion.share / largest, min(length, LONGEST))
        rows.append((Cell(fit(portion.name, name)), Cell(f"{percent} ", "muted"), Cell(fit(drawn, length), "bar")))
    return rows
