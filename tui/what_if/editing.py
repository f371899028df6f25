"""What a place does with drafts: whose lies on the bench, what is done to it, and taking it back."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.widgets import Input

from musicrec.core.drafts import NEW
from musicrec.core.records import Listener, Song
from musicrec.tui import messages
from musicrec.tui.search_place import SearchPlace
from musicrec.tui.what_if import messages as what_if_messages
from musicrec.tui.what_if.bench import Bench
from musicrec.tui.what_if.edits import Edits
from musicrec.tui.what_if.questions import WhatIfQuestions

EDITING = frozenset({"undo", "redo", "reset", "facts"})
TEXT = frozenset({*EDITING, "new", "drafts"})  # keys that are text to text fields


class Editing(SearchPlace):
    """Keeps a bench. Subclasses show what lies on it, and what comes of it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("i", "facts", "Facts", id="what-if.facts", tooltip="Edit age, gender and city"),
        Binding("u", "undo", "Undo", id="what-if.undo", tooltip="Take the last edit back"),
        Binding(
            "U,ctrl+y", "redo", "Redo", id="what-if.redo", show=False, tooltip="Make the edit again that was taken back"
        ),
        Binding("R", "reset", "Reset", id="what-if.reset", show=False, tooltip="Go back to the listener as they are"),
        Binding("n", "new", "New", id="what-if.new", tooltip="Build a new listener from nothing"),
        Binding(
            "D", "drafts", "Drafts", id="what-if.drafts", show=False, tooltip="Choose among all who have been edited"
        ),
    ]

    def __init__(self) -> None:
        super().__init__()
        self.bench = Bench()
        self.begun = False  # whether the panels are there

    @property
    def has_facts(self) -> bool:
        """Whether the dataset is about people, of whom age, gender and city may be known."""
        dataset = self.shell.view.dataset
        return dataset is None or dataset.format != "melon"

    def show_edits(self, edits: Edits, cursor: int | None = None) -> None:
        """Show a draft, the cursor on row `cursor` of its playlist or else where it is."""

    def show_reading(self) -> None:
        """Show that a draft is on its way."""

    def show_nobody(self) -> None:
        """Show that nobody is chosen."""

    def recommend(self) -> None:
        """Ask what comes of the draft."""

    # -- The bench

    def add(self, song: Song) -> None:
        """Add a play of `song` to whose draft it is, as soon as that is there; a new listener's if nobody is chosen."""
        self.bench.waiting.append(song)
        self._add_waiting()

    def lay_on_bench(self, listener: Listener | None) -> None:
        """Go on with the draft of a listener."""
        self.bench.turn_to(listener)
        self.show_bench()
        self._add_waiting()

    def show_bench(self, cursor: int | None = 0) -> None:
        """Show whose draft it is, the cursor as by `show_edits`; ask for it where it has not been read yet."""
        self.desk.drop("draft")
        if (edits := self.bench.edits) is not None:
            self.show_edits(edits, cursor)
        elif (subject := self.bench.subject) is not None:
            self.show_reading()
            WhatIfQuestions(self.explorer, self.desk).draft(subject)
        else:
            self.show_nobody()
        self.recommend()
        self.refresh_bindings()

    def edit(self, edits: Edits | None, cursor: int | None = None) -> None:
        """Go on with `edits`; where nothing was edited the bell says so."""
        if edits is None or edits is self.bench.edits or self.bench.subject is None:
            self.app.bell()
            return
        self.bench.keep(self.bench.subject, edits)
        self.show_edits(edits, cursor)
        self.recommend()
        self.refresh_bindings()

    def leave_new(self) -> None:
        """Go back from the new listener to whom the view is about."""
        if self.bench.new and self.bench.listener is not None:
            self.lay_on_bench(self.bench.listener)

    def _add_waiting(self) -> None:
        # A listener whom another place has gone to is followed only once this one is on the screen again
        if not self.begun or id_of(self.shell.view.listener) != id_of(self.bench.listener):
            return
        if self.bench.subject is None and self.bench.waiting and not self.shell.view.awaited:
            self.action_new()
        elif (edits := self.bench.take_waiting()) is not None:
            self.edit(edits, 0)

    @on(what_if_messages.DraftRead)
    def take_draft(self, reply: what_if_messages.DraftRead) -> None:
        """Begin with a listener as they are."""
        if not self.desk.is_stale(reply):
            self.bench.keep(reply.subject, Edits.of(reply.draft))
            self.show_bench()
            self._add_waiting()

    # -- What a person does

    @on(messages.AddWanted)
    def add_here(self, message: messages.AddWanted) -> None:
        """Add a song of one of the panels."""
        message.stop()
        self.add(message.song)

    @on(what_if_messages.FactsWanted)
    def action_facts(self) -> None:
        """Edit age, gender and city."""
        from musicrec.tui.what_if.facts_dialog import Facts, FactsDialog

        edits = self.bench.edits
        if edits is None or not self.has_facts:
            self.app.bell()
            return

        def use(facts: Facts | None) -> None:
            changed = edits.with_facts(age=facts.age, gender=facts.gender, city=facts.city) if facts else edits
            if changed is not edits:
                self.edit(changed)

        self.app.push_screen(FactsDialog(edits.draft), use)

    def action_undo(self) -> None:
        """Take the last edit back."""
        self.edit(self.bench.edits and self.bench.edits.undone())

    def action_redo(self) -> None:
        """Make the edit again that was taken back."""
        self.edit(self.bench.edits and self.bench.edits.redone())

    def action_reset(self) -> None:
        """Go back to the listener as they are."""
        self.edit(self.bench.edits and self.bench.edits.reset())

    def action_new(self) -> None:
        """Build a new listener, or go on with the one that was begun."""
        self.bench.new = True
        self.show_bench()
        self._add_waiting()

    def action_drafts(self) -> None:
        """Choose among all who have been edited."""
        from musicrec.tui.what_if.drafts_dialog import DraftsDialog

        def go(listener: Listener | None) -> None:
            if listener is None:
                return
            if listener.id == NEW:
                self.action_new()
            elif listener.id == id_of(self.bench.listener):
                self.lay_on_bench(self.bench.listener)
            else:
                self.shell.remember()
                self.change(listener=listener)

        self.app.push_screen(DraftsDialog(self.bench.edited, self.bench.subject), go)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Grey out what there is nothing to do for."""
        if (action in TEXT and isinstance(self.focused, Input)) or (action == "facts" and not self.has_facts):
            return False
        edits = self.bench.edits
        if action in EDITING and edits is None:
            return None
        idle = {"undo": edits and not edits.past, "redo": edits and not edits.future}
        return None if idle.get(action) else super().check_action(action, parameters)


def id_of(listener: Listener | None) -> str | None:
    """Return the id of a listener, where there is one."""
    return None if listener is None else listener.id
