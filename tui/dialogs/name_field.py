"""A field for one name out of many: it completes what is typed, lists what matches, and knows what is near."""

from __future__ import annotations

from difflib import get_close_matches
from itertools import islice
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.suggester import Suggester
from textual.widgets import Input, OptionList
from textual.widgets.option_list import Option

from musicrec.core.errors import UsageError
from musicrec.core.text import fold
from musicrec.tui.cells import tame
from musicrec.tui.dialogs.field import Field
from musicrec.tui.steady_options import SteadyOptions

MOST = 50  # names that are listed at once
NEAR = 3  # names that an unknown one is told


class NameList(SteadyOptions, can_focus=False):
    """The names that match; the input keeps the focus, the mouse chooses."""


class Completion(Suggester):
    """Completes a name whatever the case of its beginning."""

    def __init__(self, names: dict[str, str]) -> None:
        super().__init__(use_cache=False, case_sensitive=True)
        self._names = names

    async def get_suggestion(self, value: str) -> str | None:
        """Return the first name that begins like `value`, which stays as it was typed."""
        names = (name for folded, name in self._names.items() if folded.startswith(fold(value)))
        found = next(names, None)
        return None if found is None else value + found[len(value) :]


class NameField(Field):
    """One of `names`, which come with counts, in an order of their own; empty for any. The case does not matter."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down", "pick(1)", "Next", id="name.next", show=False, tooltip="Go to the next name that matches"),
        Binding("up", "pick(-1)", "Before", id="name.previous", show=False, tooltip="Go to the name before"),
    ]

    def __init__(self, label: str, value: str | None, names: tuple[tuple[str, int], ...], *, id: str) -> None:
        self._counts = dict(names)
        self._folded: dict[str, str] = {}
        for name in self._counts:
            self._folded.setdefault(fold(name), name)
        self._kind = label.lower()
        self._listed: tuple[str, ...] = ()
        hint = "any" if names else f"this dataset knows no {self._kind}s"
        super().__init__(label, value or "", hint, id=id, completion=Completion(self._folded))

    def compose(self) -> ComposeResult:
        """Place the list under the line."""
        yield from super().compose()
        yield NameList(compact=True, markup=False)

    def on_mount(self) -> None:
        """List what there is."""
        self._list()

    @property
    def name_chosen(self) -> str | None:
        """The name that was typed, as the dataset writes it. Raises UsageError for one that it does not know."""
        if not self.text or self.text in self._counts:
            return self.text or None
        if (name := self._folded.get(fold(self.text))) is not None:
            return name
        near = [self._folded[each] for each in get_close_matches(fold(self.text), self._folded, NEAR, 0.5)]
        near = near or list(islice(self._matches(), NEAR))
        raise UsageError(f"no {self._kind} is called {self.text}" + (f"; near: {', '.join(near)}" if near else ""))

    def action_pick(self, steps: int) -> None:
        """Go through the names that match."""
        names = self.query_one(NameList)
        if steps > 0:
            names.action_cursor_down()
        elif names.highlighted:
            names.action_cursor_up()
        else:
            names.highlighted = None

    @on(Input.Submitted)
    def take_highlighted(self, event: Input.Submitted) -> None:
        """Take the name under the cursor of the list; where there is none, the form is done."""
        if (index := self.query_one(NameList).highlighted) is not None:
            event.stop()
            self._take(index)

    @on(OptionList.OptionSelected)
    def take_clicked(self, event: OptionList.OptionSelected) -> None:
        """Take the name that was clicked."""
        event.stop()
        self._take(event.option_index)

    @on(Input.Changed)
    def list_matches(self) -> None:
        """List what matches what is typed."""
        self._list()

    def _take(self, index: int) -> None:
        self.text = self._listed[index]
        self.input.focus()
        self.query_one(NameList).highlighted = None

    def _list(self) -> None:
        names = self.query_one(NameList)
        whole = self._folded.get(fold(self.text))
        self._listed = () if whole else tuple(islice(self._matches(), MOST))
        names.clear_options()
        names.add_options([Option(_line(name, self._counts[name])) for name in self._listed])
        names.set_class(bool(self._listed), "-some")

    def _matches(self) -> list[str]:
        typed = fold(self.text)
        found = [(not folded.startswith(typed), name) for folded, name in self._folded.items() if typed in folded]
        return [name for _, name in sorted(found, key=lambda each: each[0])]


def _line(name: str, count: int) -> Content:
    return Content.assemble(tame(name), (f"  {count:,}", "$text-muted"))
