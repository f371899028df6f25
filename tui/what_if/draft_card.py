"""The card of an edited listener: who they are now, who they were, and what was edited."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

from rich.cells import cell_len
from textual.binding import Binding, BindingType
from textual.events import Click

from musicrec.core.records import Listener
from musicrec.tui.cells import Cell, Row, fit
from musicrec.tui.panel import Panel
from musicrec.tui.people import facts_of, name_of
from musicrec.tui.what_if.edits import FACTS, Edits
from musicrec.tui.what_if.messages import FactsWanted

BETWEEN = " · "
WORDS_FROM = 3  # lines; a lower card has signs in place of words


class DraftCard(Panel):
    """The facts of a draft; those that were edited stand beside what they were."""

    TITLE: ClassVar[str] = "What if"
    HELP: ClassVar[str] = (
        "The listener as edited. i edits age, gender and city, enter does so, too; what was edited stands after the "
        "arrow. u takes the last edit back, U makes it again, R shows the listener as they are. Edits are kept as long "
        "as musicrec runs, for every listener; n begins a new listener of whom nothing is known, D lists all of them."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "edit", "Edit", id="what-if.edit", show=False, tooltip="Edit age, gender and city"),
    ]

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._people = True
        self._edits: Edits | None = None
        self._rows: list[Row] = []

    def tell(self, edits: Edits, people: bool, way_back: str = "") -> None:
        """Show a draft, of people, who have facts to edit, or of playlists; and the way back to another, if any."""
        self._edits, self._people = edits, people
        count = edits.changes.count
        edited = [f"{count:,} edit{'' if count == 1 else 's'}"] if count else []
        name = "a new listener" if edits.draft.origin is None else name_of(edits.draft.listener)
        self.set_titles(BETWEEN.join([self.TITLE, *edited, name]), way_back)
        self.settle()

    def clear(self) -> None:
        """Have nobody to show."""
        self._edits = None
        self.set_titles(self.TITLE)
        self.settle()

    def count(self) -> int:
        """Return the number of lines."""
        return len(self._rows)

    def row(self, index: int, width: int) -> Row:
        """Return a line."""
        return self._rows[index]

    def lay_out(self, width: int) -> None:
        """Arrange the facts, and below them what was edited."""
        self._rows = []
        if self._edits is not None:
            low = self.scrollable_content_region.height < WORDS_FROM
            cells = (_changes(self._edits, low), _facts(self._edits), _hints(self._edits, self._people))
            self._rows = [row for each in cells if each for row in _flow(each, width)]

    def action_edit(self) -> None:
        """Ask for the facts to be edited."""
        self.post_message(FactsWanted())

    def on_click(self, event: Click) -> None:
        """A double click edits the facts."""
        if event.chain == 2:
            self.action_edit()


def _changes(edits: Edits, low: bool) -> list[Cell]:
    plays, changes = edits.draft.listener.plays, edits.changes
    counted = Cell(f"{plays:,} play{'' if plays == 1 else 's'}", "strong")
    if changes.count:
        words = (changes.signs,) if low and changes.signs else changes.plays
        return [counted, *(Cell(word, "bar") for word in words)]
    return [counted, Cell("nothing known yet" if edits.draft.origin is None else "as they are", "muted")]


def _facts(edits: Edits) -> list[Cell]:
    listener, before, edited = edits.draft.listener, edits.first.draft.listener, edits.changes.facts
    cells: list[Cell] = []
    for fact in FACTS:
        if fact in edited:
            cells.append(Cell(f"{fact} {getattr(before, fact) or '?'} → {getattr(listener, fact) or '?'}", "note"))
        elif getattr(listener, fact):
            cells.append(Cell(_called(listener, fact)))
    others = replace(listener, age=None, gender=None, city=None)
    return cells + [Cell(fact, "muted") for fact in facts_of(others)]


def _hints(edits: Edits, people: bool) -> list[Cell]:
    if edits.changes.count:
        return [Cell("u undoes", "muted"), Cell("R undoes all", "muted")]
    hints = ("/ adds", "d removes", "J K move") if edits.draft.plays else ("/ adds",)
    return [Cell(hint, "muted") for hint in (*hints, *(("i facts",) if people else ()))]


def _called(listener: Listener, fact: str) -> str:
    value = getattr(listener, fact)
    return {"age": f"{value} years", "city": f"city {value}"}.get(fact, str(value))


def _flow(cells: list[Cell], width: int) -> list[Row]:
    """Put cells behind each other, with a dot between, on as many lines as they need."""
    rows: list[list[Cell]] = [[]]
    used = 0
    for cell in cells:
        size = min(cell_len(cell.text), width)
        if rows[-1] and used + len(BETWEEN) + size > width:
            rows.append([])
            used = 0
        if rows[-1]:
            rows[-1].append(Cell(BETWEEN, "muted"))
            used += len(BETWEEN)
        rows[-1].append(Cell(fit(cell.text, size), cell.style))
        used += size
    return [tuple(row) for row in rows]
