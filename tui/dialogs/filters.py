"""The dialog that says what may be recommended, and how many songs."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.widgets import Button, Checkbox, Input

from musicrec.core.drafts import UNFILTERED, Filters
from musicrec.core.errors import UsageError
from musicrec.tui.dialogs.dialog import DIALOG_CSS, Dialog
from musicrec.tui.dialogs.field import Field, NumberField
from musicrec.tui.dialogs.name_field import NameField

LONGEST = 200  # songs of a ranking
YEARS = (1000, 2999)
Names = tuple[tuple[str, int], ...]  # names with how many songs have them


class Form(VerticalScroll, can_focus=False):
    """The box around the fields."""


class Tick(Checkbox, inherit_bindings=False):
    """A checkbox that leaves enter to its dialog."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space", "toggle_button", "Toggle", id="tick.toggle", show=False, tooltip="Tick, or take the tick off"),
    ]

    def watch_value(self) -> None:
        """Show the tick by more than a colour."""
        self.BUTTON_INNER = "X" if self.value else " "
        super().watch_value()


class FiltersDialog(Dialog[tuple[Filters, int]]):
    """Ask for genre, language, years, artists, heard songs and length; the answer is the filters and the length."""

    CSS_PATH: ClassVar[list[str]] = [DIALOG_CSS, "filters.tcss"]  # type: ignore[assignment]

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "apply", "Apply", id="filters.apply", tooltip="Recommend by these filters"),
        Binding("ctrl+r", "clear", "Clear", id="filters.clear", tooltip="Ask for nothing"),
    ]

    def __init__(self, filters: Filters, k: int, genres: Names, languages: Names) -> None:
        super().__init__()
        self._filters, self._k = filters, k
        self._genres, self._languages = genres, languages

    def compose(self) -> ComposeResult:
        """Place the fields."""
        asked = self._filters
        with Form(id="filters") as form:
            form.border_title = "What may be recommended"
            form.border_subtitle = "enter applies · ctrl+r clears · esc cancels"
            yield NameField("Genre", asked.genre, self._genres, id="genre")
            yield NameField("Language", asked.language, self._languages, id="language")
            yield NumberField("From year", asked.first_year, "any", *YEARS, id="first-year")
            yield NumberField("To year", asked.last_year, "any", *YEARS, id="last-year")
            yield NumberField("An artist", asked.per_artist, "any number of songs", 1, LONGEST, id="per-artist")
            yield NumberField("Songs", self._k, f"1 to {LONGEST}", 1, LONGEST, id="length", needed=True)
            yield Tick(Content("songs that were heard before, too"), asked.include_heard, compact=True, id="heard")
            with Horizontal(id="buttons"):
                yield Button(Content("Apply"), variant="primary", compact=True, id="apply")
                yield Button(Content("Clear"), compact=True, id="clear")
                yield Button(Content("Cancel"), compact=True, id="cancel")

    @on(Input.Submitted)
    @on(Button.Pressed, "#apply")
    def action_apply(self) -> None:
        """Close with the filters, or say what is wrong with them."""
        try:
            genre, language = self._name_in("#genre"), self._name_in("#language")
            first, last = self._number_in("#first-year"), self._number_in("#last-year")
            if first and last and first > last:
                raise _Wrong("#last-year", f"before {first}, where the years begin")
            artists, k = self._number_in("#per-artist"), self._number_in("#length")
            filters = Filters(genre, language, first, last, self.query_one(Tick).value, artists)
        except _Wrong as wrong:
            self.query_one(wrong.field, Field).tell(str(wrong))
        else:
            self.dismiss((filters, k or self._k))

    @on(Button.Pressed, "#clear")
    def action_clear(self) -> None:
        """Ask for nothing; the length stays."""
        for field in self.query(Field):
            field.text = str(self._k) if field.id == "length" else ""
        self.query_one(Tick).value = UNFILTERED.include_heard

    @on(Button.Pressed, "#cancel")
    def cancel(self) -> None:
        """Close without an answer."""
        self.action_leave()

    def _name_in(self, selector: str) -> str | None:
        try:
            return self.query_one(selector, NameField).name_chosen
        except UsageError as error:
            raise _Wrong(selector, str(error)) from error

    def _number_in(self, selector: str) -> int | None:
        try:
            return self.query_one(selector, NumberField).number
        except UsageError as error:
            raise _Wrong(selector, str(error)) from error


class _Wrong(Exception):
    """What is wrong with the field that a selector finds."""

    def __init__(self, field: str, problem: str) -> None:
        super().__init__(problem)
        self.field = field
