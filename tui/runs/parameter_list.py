"""The parameters of a model, with the values that a training would use."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from textual.message import Message

from musicrec.core.models.written import Parameter
from musicrec.tui.cells import Cell, Row
from musicrec.tui.columns import Column, heading, row
from musicrec.tui.row_list import RowList

COLUMNS: tuple[Column, ...] = (
    Column("name", "parameter", 16, grow=1),
    Column("value", "value", 10, grow=2),
    Column("help", "what it is", 20, grow=5, needs=60),
)


@dataclass
class ParameterPicked(Message):
    """A parameter is to be given a value."""

    parameter: Parameter


class ParameterList(RowList):
    """Every parameter; what was typed in place of the preset's value stands out."""

    TITLE: ClassVar[str] = "Parameters"
    HELP: ClassVar[str] = (
        "All parameters of the model with the values of the preset; those that were typed in the line above stand out. "
        "Enter puts the one under the cursor into that line."
    )

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._parameters: tuple[Parameter, ...] = ()
        self._typed: Mapping[str, str] = {}

    def show_parameters(self, parameters: tuple[Parameter, ...], typed: Mapping[str, str]) -> None:
        """Show what a model takes, and what was typed."""
        if parameters != self._parameters:
            self.set_reactive(RowList.cursor, 0)
            self.scroll_to(y=0, animate=False, immediate=True)
        self._parameters, self._typed = parameters, typed
        self.settle()
        self.cursor_moved()

    def count(self) -> int:
        """Return the number of parameters."""
        return len(self._parameters)

    def heading(self, width: int) -> Row:
        """Name the columns."""
        return heading(COLUMNS, width)

    def row(self, index: int, width: int) -> Row:
        """Draw one parameter."""
        parameter = self._parameters[index]
        typed = self._typed.get(parameter.name)
        cells = {
            "name": Cell(parameter.name, "strong" if typed else "plain"),
            "value": Cell(typed or parameter.usual, "good" if typed else "muted"),
            "help": Cell(parameter.help, "muted"),
        }
        return row(COLUMNS, width, cells)

    def cursor_moved(self) -> None:
        """Explain the parameter under the cursor where its row has no room for that."""
        if self._parameters:
            self.set_titles(self.TITLE, self._parameters[self.cursor].help)

    def chosen(self) -> None:
        """Have the parameter under the cursor typed."""
        self.post_message(ParameterPicked(self._parameters[self.cursor]))

    def copy_text(self, index: int) -> str:
        """Return a parameter as one would type it."""
        parameter = self._parameters[index]
        return f"{parameter.name}={self._typed.get(parameter.name, parameter.usual)}"
