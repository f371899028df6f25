"""One line to choose one of a few names from, in a form."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from rich.cells import cell_len
from rich.segment import Segment
from textual.binding import Binding, BindingType
from textual.events import Click
from textual.message import Message
from textual.reactive import reactive
from textual.strip import Strip
from textual.widget import Widget

from musicrec.tui.cells import tame


class Choice(Widget, can_focus=True):
    """The names beside each other; left and right, or a click, choose."""

    TITLE: ClassVar[str] = ""
    HELP: ClassVar[str] = ""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"choice--name", "choice--chosen"}

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left,h", "step(-1)", "Before", id="choice.before", show=False, tooltip="Choose the name before"),
        Binding("right,l,space", "step(1)", "Next", id="choice.next", show=False, tooltip="Choose the next name"),
    ]

    place: reactive[int] = reactive(0)

    @dataclass
    class Changed(Message):
        """Another name was chosen."""

        choice: Choice

    def __init__(self, names: tuple[str, ...], chosen: str, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._names = names
        self.set_reactive(Choice.place, names.index(chosen) if chosen in names else 0)

    @property
    def chosen(self) -> str:
        """The name that is chosen."""
        return self._names[self.place]

    def watch_place(self) -> None:
        """Tell of the change."""
        self.post_message(Choice.Changed(self))

    def action_step(self, steps: int) -> None:
        """Choose the name `steps` further, from the last on to the first."""
        self.place = (self.place + steps) % len(self._names)

    def on_click(self, event: Click) -> None:
        """Choose the name that was clicked."""
        offset = event.get_content_offset(self)
        for place, (start, text) in enumerate(self._texts()):
            if offset is not None and start <= offset.x + self._shift < start + cell_len(text):
                self.place = place

    def render_line(self, y: int) -> Strip:
        """Draw the names, shifted so that the chosen one is visible; marks at the ends tell of more."""
        width = self.size.width
        styles = {
            chosen: self.get_visual_style("choice--chosen" if chosen else "choice--name").rich_style
            for chosen in (False, True)
        }
        segments = [Segment(text, styles[place == self.place]) for place, (_, text) in enumerate(self._texts())]
        strip = Strip(segments).crop(self._shift, self._shift + width).adjust_cell_length(width, styles[False])
        before, after = self._shift > 0, self._shift + width < self._length
        first, last = Strip([Segment("‹", styles[False])]), Strip([Segment("›", styles[False])])
        middle = strip.crop(int(before), width - int(after))
        return Strip.join([*([first] if before else []), middle, *([last] if after else [])])

    @property
    def _length(self) -> int:
        start, text = self._texts()[-1]
        return start + cell_len(text)

    @property
    def _shift(self) -> int:
        # Past the chosen name the next one is visible, too
        start, text = self._texts()[min(self.place + 1, len(self._names) - 1)]
        return max(min(start + cell_len(text) + 1, self._length) - self.size.width, 0)  # one more for the mark

    def _texts(self) -> list[tuple[int, str]]:
        texts = [f" {tame(name)} " for name in self._names]
        starts = [sum(map(cell_len, texts[:place])) for place in range(len(texts))]
        return list(zip(starts, texts, strict=True))
