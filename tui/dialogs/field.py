"""One line of a form: a label, what is typed, and under it what is wrong with it."""

from __future__ import annotations

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.suggester import Suggester
from textual.widgets import Input, Static

from musicrec.core.errors import UsageError
from musicrec.tui.cells import tame
from musicrec.tui.plain_input import PlainInput


class Field(Vertical):
    """A labelled input."""

    def __init__(
        self, label: str, value: str, hint: str = "", *, id: str, completion: Suggester | None = None, most: int = 0
    ) -> None:
        """`hint` stands in an empty input; `most` is how many characters it takes, where that is limited."""
        super().__init__(id=id)
        self._label, self._first, self._hint = label, value, hint
        self._completion, self._most = completion, most

    def compose(self) -> ComposeResult:
        """Place label, input and problem."""
        with Horizontal(classes="line"):
            yield Static(Content(self._label), classes="label")
            yield PlainInput(
                self._first,
                self._hint,
                compact=True,
                suggester=self._completion,
                max_length=self._most,
                select_on_focus=False,
            )
        yield Static(classes="problem")

    @property
    def input(self) -> Input:
        """What is typed into."""
        return self.query_one(Input)

    @property
    def text(self) -> str:
        """What was typed."""
        return self.input.value.strip()

    @text.setter
    def text(self, text: str) -> None:
        self.input.value = text
        self.input.cursor_position = len(text)

    def tell(self, problem: str) -> None:
        """Say what is wrong, and wait for something else there; an empty text is nothing wrong."""
        self.set_class(bool(problem), "-wrong")
        self.query_one(".problem", Static).update(Content(tame(problem)))
        if problem:
            self.input.focus()

    @on(Input.Changed)
    def take_back(self) -> None:
        """Something else was typed: it may be right."""
        self.tell("")


class NumberField(Field):
    """A whole number between two others, or nothing where nothing is allowed."""

    def __init__(
        self, label: str, value: int | None, hint: str, least: int, most: int, *, id: str, needed: bool = False
    ) -> None:
        super().__init__(label, "" if value is None else str(value), hint, id=id, most=len(str(most)))
        self._least, self._greatest, self._needed = least, most, needed

    @property
    def number(self) -> int | None:
        """The number that was typed. Raises UsageError for anything else."""
        if not self.text and not self._needed:
            return None
        try:
            number = int(self.text)
        except ValueError:
            number = self._least - 1
        if not self._least <= number <= self._greatest:
            raise UsageError(f"a whole number from {self._least} to {self._greatest}")
        return number
