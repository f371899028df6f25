"""The panel: a bordered place on the screen that draws rows and can wait, explain itself and say what went wrong."""

from __future__ import annotations

from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.css.styles import RenderStyles
from textual.dom import DOMNode
from textual.events import Resize
from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.timer import Timer

from musicrec.tui.cells import Cell, Row, tame, wrap

DIM_AFTER = 0.3  # seconds; answers that come sooner replace the old ones without a flicker


class Panel(ScrollView, can_focus=True, inherit_bindings=False):
    """Draws `row(index, width)` for `count()` rows; a notice, where there is one, takes their place."""

    TITLE: ClassVar[str] = ""
    HELP: ClassVar[str] = ""  # what the panel shows and how to read it, for `?`

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j,down", "scroll_by(1)", "Down", id="panel.down", show=False, tooltip="Scroll one line down"),
        Binding("k,up", "scroll_by(-1)", "Up", id="panel.up", show=False, tooltip="Scroll one line up"),
        Binding("pagedown", "page_down", "Page down", id="panel.page_down", show=False, tooltip="Scroll one page down"),
        Binding("pageup", "page_up", "Page up", id="panel.page_up", show=False, tooltip="Scroll one page up"),
        Binding("g,home", "scroll_home", "Top", id="panel.top", show=False, tooltip="Scroll to the first line"),
        Binding("G,end", "scroll_end", "End", id="panel.end", show=False, tooltip="Scroll to the last line"),
    ]

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._notice: tuple[Cell, ...] = ()
        self._dimming: Timer | None = None
        self._looked_up: dict[tuple[str, str], Style] = {}
        self.set_titles(self.TITLE)

    def set_titles(self, title: str, subtitle: str = "") -> None:
        """Set both titles of the border, letter for letter."""
        self.border_title = Content(tame(title) or " ")
        self.border_subtitle = Content(tame(subtitle)) if subtitle else None

    def wait(self) -> None:
        """Dim what is shown if the next answer takes its time."""
        if self._dimming is None:
            self._dimming = self.set_timer(DIM_AFTER, self._dim)

    def settle(self) -> None:
        """Show the panel's own rows, undimmed."""
        self._stop_waiting()
        self._notice = ()
        self._lay_out()

    def say(self, text: str, way_on: str = "", style: str = "muted") -> None:
        """Show a notice in place of the rows: what is, and what can be done."""
        self._stop_waiting()
        self._notice = (Cell(text, style), Cell(way_on, "plain"))
        self._lay_out()

    def fail(self, problem: str, way_on: str = "") -> None:
        """Show that a question could not be answered."""
        self.say(problem, way_on, "problem")

    @property
    def has_notice(self) -> bool:
        """Whether a notice stands in place of the rows."""
        return bool(self._notice)

    @property
    def is_waiting(self) -> bool:
        """Whether what is shown will be replaced by an answer that is on its way."""
        return self._dimming is not None

    def count(self) -> int:
        """Return the number of rows."""
        return 0

    def lines(self) -> int:
        """Return the number of lines that the rows take."""
        return self.count()

    def row(self, index: int, width: int) -> Row:
        """Return row `index` for a panel of `width` cells."""
        return ()

    def row_style(self, index: int) -> str:
        """Return the component style under row `index`."""
        return "row--plain"

    def lay_out(self, width: int) -> None:
        """Take in the width before rows are asked for."""

    def action_scroll_by(self, lines: int) -> None:
        """Scroll by `lines`."""
        self.scroll_relative(y=lines, animate=False)

    def on_resize(self, event: Resize) -> None:
        """Lay the rows out again."""
        self._lay_out()

    def render_line(self, y: int) -> Strip:
        """Draw line `y` of the visible part."""
        index = y + self.scroll_offset.y
        width = self.scrollable_content_region.width
        if self._notice:
            lines = self._notice_rows(width)
            return self.strip(lines[index] if index < len(lines) else (), width)
        return self.strip(self.row(index, width) if index < self.count() else (), width, self.row_style(index))

    def strip(self, row: Row, width: int, under: str = "row--plain") -> Strip:
        """Return `row` drawn over the component style `under`, at exactly `width` cells."""
        segments = [Segment(cell.text, self._style(under, cell.style)) for cell in row]
        return Strip(segments).adjust_cell_length(width, self._style(under, "plain"))

    def notify_style_update(self) -> None:
        """Forget the styles that were looked up."""
        super().notify_style_update()
        self._component_styles.clear()
        self._looked_up.clear()

    def get_component_styles(self, *names: str) -> RenderStyles:
        """Return the styles of cells (`cell--strong`) and rows (`row--cursor`), found when they are first drawn.

        As COMPONENT_CLASSES all of them would be found anew for every panel whenever its styles change, while a panel
        draws a few of them.
        """
        for name in names:
            if name not in self._component_styles:
                node = DOMNode(classes=name)
                node._attach(self)
                self.app.stylesheet.apply(node)
                self._component_styles[name] = node.styles
        return super().get_component_styles(*names)

    def _style(self, under: str, style: str) -> Style:
        if (found := self._looked_up.get((under, style))) is None:
            found = self.get_visual_style(under, f"cell--{style}").rich_style
            self._looked_up[under, style] = found
        return found

    def _notice_rows(self, width: int) -> list[Row]:
        blocks = [[(Cell(line, cell.style),) for line in wrap(cell.text, width)] for cell in self._notice]
        return [row for block in blocks for row in block]

    def _dim(self) -> None:
        # A timer that is stopped may have fired already: its call then comes after the answer
        if self._dimming is not None:
            self.add_class("-waiting")

    def _stop_waiting(self) -> None:
        if self._dimming is not None:
            self._dimming.stop()
            self._dimming = None
        self.remove_class("-waiting")

    def _lay_out(self) -> None:
        width = self.scrollable_content_region.width
        self.lay_out(width)
        lines = len(self._notice_rows(width)) if self._notice else self.lines()
        # A virtual size that changes lays the whole screen out; as long as all rows are visible it need not.
        self.virtual_size = Size(0, max(lines, self.scrollable_content_region.height))
        self.refresh()
