"""The line at the top: the places, the dataset, and the run in use."""

from __future__ import annotations

from typing import ClassVar

from rich.cells import cell_len
from rich.segment import Segment
from textual.events import Click
from textual.reactive import reactive
from textual.strip import Strip
from textual.widget import Widget

from musicrec.tui.cells import Cell, fit
from musicrec.tui.messages import Painted
from musicrec.tui.places import PLACES
from musicrec.tui.view import View


class PlacesBar(Widget):
    """The places at the left, each under its number; dataset and run at the right, as far as there is room."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "cell--plain",
        "cell--strong",
        "cell--muted",
        "cell--here",
        "cell--place",
        "cell--number",
    }

    view: reactive[View] = reactive(View())

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._is_painted = False

    def render_line(self, y: int) -> Strip:
        """Draw the line."""
        if not self._is_painted:
            self._is_painted = True
            self.app.post_message(Painted())  # drawn by the screen, whose own messages end with it
        width = self.size.width
        left = [cell for _, cells in self._places() for cell in cells]
        room = width - sum(cell_len(cell.text) for cell in left) - 2
        right = self._about(room)
        space = width - sum(cell_len(cell.text) for cell in [*left, *right])
        cells = [*left, Cell(" " * max(space, 0)), *right]
        segments = [Segment(cell.text, self.get_visual_style(f"cell--{cell.style}").rich_style) for cell in cells]
        return Strip(segments).adjust_cell_length(width, self.get_visual_style("cell--plain").rich_style)

    def on_click(self, event: Click) -> None:
        """Go to the place that was clicked."""
        offset, end = event.get_content_offset(self), 0
        for name, cells in self._places():
            end += sum(cell_len(cell.text) for cell in cells)
            if offset is not None and offset.x < end:
                self.app.call_later(self.app.run_action, f"go('{name}')")
                return

    def _places(self) -> list[tuple[str, list[Cell]]]:
        here = self.app.current_mode
        found = []
        for number, (name, place) in enumerate(PLACES.items(), start=1):
            style = "here" if name == here else "place"
            cells = [Cell(f" {number} ", "here" if name == here else "number"), Cell(f"{place.title} ", style)]
            found.append((name, cells))
        return found

    def _about(self, room: int) -> list[Cell]:
        view, card = self.view, self.view.dataset
        if card is None:
            return []
        if view.run is None:
            run = [Cell("loading a run" if view.loading else "no run", "muted")]
            metric = None
        else:
            run = [Cell(fit(view.run, min(cell_len(view.run), 28)), "strong")]
            metric = view.card.metrics.get("ndcg@10") if view.card else None
        name = Cell(fit(card.name, min(cell_len(card.name), 24)), "strong")
        counts = f" {card.listeners:,} listeners · {card.songs:,} songs"
        ndcg = [Cell(f" NDCG@10 {metric:.4f}", "muted")] if metric is not None else []
        for cells in (
            [name, Cell(f"{counts} · ", "muted"), *run, *ndcg],
            [name, Cell(" · ", "muted"), *run, *ndcg],
            [name, Cell(" · ", "muted"), *run],
            run,
        ):
            if sum(cell_len(cell.text) for cell in cells) <= room:
                return cells
        return []
