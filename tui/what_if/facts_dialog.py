"""The dialog that edits what is known of a listener: age, gender and city."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.widgets import Button, Input, Label, RadioButton, RadioSet, Static

from musicrec.core.drafts import Draft
from musicrec.core.errors import UsageError
from musicrec.tui.cells import tame
from musicrec.tui.dialogs.dialog import Dialog
from musicrec.tui.plain_input import PlainInput

GENDERS = (None, "female", "male")


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a listener; None is unknown."""

    age: int | None
    gender: str | None
    city: str | None


class FactsDialog(Dialog[Facts]):
    """Edit the facts; the answer is what they are to be. Wrong values are told and nothing is closed."""

    CSS_PATH = "facts_dialog.tcss"
    HELP: ClassVar[str] = "Age from 5 to 100, gender, and the dataset's name of a city. What is left empty is unknown."
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "Close", id="facts.close", tooltip="Close without an edit"),
        Binding("ctrl+s", "save", "Apply", id="facts.save", tooltip="Edit the listener so"),
    ]

    def __init__(self, draft: Draft) -> None:
        super().__init__()
        self._draft = draft

    def compose(self) -> ComposeResult:
        """Place the fields."""
        listener = self._draft.listener
        with Vertical(id="facts-box") as box:
            with Horizontal(classes="fact"):
                yield Label("Age", markup=False)
                yield PlainInput(str(listener.age or ""), placeholder="unknown", max_length=3, id="age", compact=True)
            with Horizontal(classes="fact"):
                yield Label("Gender", markup=False)
                with RadioSet(id="gender", compact=True):
                    for gender in GENDERS:
                        yield RadioButton(gender or "unknown", value=gender == listener.gender, compact=True)
            with Horizontal(classes="fact"):
                yield Label("City", markup=False)
                yield PlainInput(tame(listener.city or ""), placeholder="unknown", id="city", compact=True)
            yield Static("", markup=False, id="facts-problem")
            with Horizontal(id="facts-buttons"):
                yield Button("Apply", variant="primary", compact=True, id="facts-apply")
                yield Button("Cancel", compact=True, id="facts-cancel")
        box.border_title = "Facts"
        box.border_subtitle = "enter or ctrl+s applies · escape closes"

    @on(Input.Submitted)
    @on(Button.Pressed, "#facts-apply")
    def action_save(self) -> None:
        """Close with the facts, or tell what is wrong with them."""
        try:
            facts = self._read()
        except UsageError as problem:
            self.query_one("#facts-problem", Static).update(str(problem))
            return
        self.dismiss(facts)

    @on(Button.Pressed, "#facts-cancel")
    def cancel(self) -> None:
        """Close without an answer."""
        self.dismiss(None)

    def _read(self) -> Facts:
        age = self.query_one("#age", Input).value.strip()
        if age and not (age.isascii() and age.isdecimal()):
            raise UsageError(f"age {age!r} is not a number from 5 to 100")
        pressed = self.query_one("#gender", RadioSet).pressed_index
        city = self.query_one("#city", Input).value.strip()
        facts = Facts(int(age) if age else None, GENDERS[max(pressed, 0)], city or None)
        self._draft.with_facts(age=facts.age, gender=facts.gender, city=facts.city)
        return facts
