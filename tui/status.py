"""The line at the top: which dataset, which run."""

from __future__ import annotations

from typing import ClassVar

from rich.cells import cell_len
from rich.segment import Segment
from textual.reactive import reactive
from textual.strip import Strip
from textual.widget import Widget

from musicrec.core.records import DatasetCard
from musicrec.tui.cells import Cell, fit
from musicrec.tui.view import View


class Status(Widget):
    """Dataset at the left, run at the right, in one line."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"cell--plain", "cell--strong", "cell--muted"}

    view: reactive[View] = reactive(View())

    def __init__(self, dataset: DatasetCard, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._dataset = dataset

    def render_line(self, y: int) -> Strip:
        """Draw the line."""
        width = self.size.width
        right = self._run(width)
        left = [Cell("musicrec  ", "muted"), Cell(self._dataset.name, "strong"), Cell(self._counts(width), "muted")]
        space = width - sum(cell_len(cell.text) for cell in [*left, *right])
        cells = [*left, Cell(" " * max(space, 1)), *right]
        segments = [Segment(cell.text, self.get_visual_style(f"cell--{cell.style}").rich_style) for cell in cells]
        return Strip(segments).adjust_cell_length(width, self.get_visual_style("cell--plain").rich_style)

    def _counts(self, width: int) -> str:
        card = self._dataset
        if width >= 110:
            return f"  {card.listeners:,} listeners · {card.songs:,} songs · {card.plays:,} plays"
        return f"  {card.listeners:,} listeners" if width >= 76 else ""

    def _run(self, width: int) -> list[Cell]:
        view = self.view
        if view.run is None:
            return [Cell("loading a run" if view.runs else "no run", "muted")]
        card = view.card
        metric = card.metrics.get("ndcg@10") if card else None
        about = f"  {card.model}" if card and width >= 90 else ""
        about += f" · NDCG@10 {metric:.4f}" if metric is not None and width >= 76 else ""
        return [Cell("run ", "muted"), Cell(fit(view.run, min(cell_len(view.run), 28)), "strong"), Cell(about, "muted")]
