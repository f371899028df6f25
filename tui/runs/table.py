"""All runs, and the training in progress above them."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from rich.cells import cell_len
from textual.binding import Binding, BindingType

from musicrec.core.records import RunCard
from musicrec.tui.bars import bar
from musicrec.tui.cells import Cell, Row, fit
from musicrec.tui.columns import Column, column_at, heading, row, width_of
from musicrec.tui.row_list import RowList
from musicrec.tui.runs.messages import RunChosen, RunMarked, RunMoved
from musicrec.tui.runs.training import Training

if TYPE_CHECKING:
    from musicrec.core.explorer import Explorer
    from musicrec.core.records import Song
    from musicrec.core.tabular import Sheet
    from musicrec.tui.messages import Make

COLUMNS: tuple[Column, ...] = (
    Column("here", "", 1),
    Column("mark", "", 1),
    Column("name", "run", 12, grow=3),
    Column("model", "model", 10),
    Column("ndcg", "NDCG@10", 7, right=True),
    Column("bar", "", 8, needs=76),
    Column("status", "status", 11, needs=46),
    Column("passes", "best/passes", 11, needs=70, right=True),
    Column("seconds", "seconds", 9, needs=86, right=True),
    Column("created", "created", 16, needs=94),
)
SORTS = {"created": "newest first", "ndcg": "by NDCG@10", "name": "by name"}
PROGRESS = 16  # cells of the bar of a training
NONE = ("There is no run of this dataset yet.", "Press n to train one, or: musicrec train dtnmr --preset quick")


class RunTable(RowList):
    """The runs; those that cannot be used are grey and say why. All other panels follow the cursor."""

    TITLE: ClassVar[str] = "Runs"
    HELP: ClassVar[str] = (
        "Every run with the NDCG@10 of its best pass on the validation split; the bar compares it with the best run. "
        "▸ is the run that is loaded, * the one marked with space, which the run under the cursor is compared with. "
        "A training in progress stands in the first row. A click on a heading sorts by it."
    )

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("l", "choose", "Load", id="runs.load", tooltip="Load the run under the cursor (enter does, too)"),
        Binding("space", "mark", "Mark", id="runs.mark", tooltip="Mark the run to compare with, or unmark it"),
        Binding("o", "sort", "Sort", id="list.sort", show=False, tooltip="Sort by the next column"),
        Binding("O", "turn", "Turn", id="list.turn", show=False, tooltip="Turn the order round"),
    ]

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._runs: tuple[RunCard, ...] = ()
        self._given: tuple[RunCard, ...] = ()
        self._loaded: str | None = None
        self._marked: str | None = None
        self._training: Training | None = None
        self._wanted: str | None = None  # the run that the cursor is to go to as soon as it is there
        self._sort, self._turned = "created", False

    def show_runs(self, runs: tuple[RunCard, ...], loaded: str | None, marked: str | None) -> None:
        """Show the runs, the cursor on the run that it was on."""
        wanted = self._wanted or self.current
        self._given, self._loaded, self._marked = runs, loaded, marked
        self._arrange(wanted)

    def show_training(self, training: Training | None) -> None:
        """Show how far the training is; None takes its row away."""
        if (training is None) == (self._training is None):
            self._training = training
            self.refresh_lines(self.head - self.scroll_offset.y)
            return
        wanted = self._wanted or self.current
        begins = self._training is None
        self._training = training
        self._arrange(None if begins else wanted)

    def go_to(self, run: str) -> None:
        """Put the cursor on a run, as soon as it is there."""
        self._wanted = run
        self._arrange(run)

    @property
    def current(self) -> str | None:
        """The run under the cursor; None where it is on the training or on nothing."""
        card = self.card_at(self.cursor)
        return None if card is None else card.name

    @property
    def on_training(self) -> bool:
        """Whether the cursor is on the training."""
        return self._training is not None and self.cursor == 0

    def card_at(self, index: int) -> RunCard | None:
        """Return the run in row `index`; None where there is none, or the training."""
        place = index - (self._training is not None)
        return self._runs[place] if 0 <= place < len(self._runs) else None

    def count(self) -> int:
        """Return the number of rows."""
        return len(self._runs) + (self._training is not None)

    def heading(self, width: int) -> Row:
        """Name the columns."""
        return heading(COLUMNS, width)

    def row(self, index: int, width: int) -> Row:
        """Draw one run, the training, or why a run cannot be used."""
        card = self.card_at(index)
        if card is None:
            return () if self._training is None else _training(self._training, width)
        marks = {
            "here": Cell("▸" if card.name == self._loaded else "", "bar"),
            "mark": Cell("*" if card.name == self._marked else "", "note"),
        }
        if card.problem is not None:
            return _unusable(card, marks["mark"], width)
        metric = card.metrics.get("ndcg@10")
        share = (metric or 0.0) / (self._best() or 1.0)
        cells = {
            **marks,
            "name": Cell(card.name, "strong"),
            "model": Cell(card.model),
            "ndcg": Cell("" if metric is None else f"{metric:.4f}"),
            "bar": Cell(bar(share, width_of(COLUMNS, "bar", width)), "bar"),
            "status": Cell(card.status, "muted" if card.status == "finished" else "note"),
            "passes": Cell(f"{card.best_epoch}/{card.epochs}", "muted"),
            "seconds": Cell(f"{card.seconds:,.1f}", "muted"),
            "created": Cell(f"{card.created:%Y-%m-%d %H:%M}", "muted"),
        }
        return row(COLUMNS, width, cells)

    def cursor_moved(self) -> None:
        """Tell which run the cursor is on."""
        self.post_message(RunMoved(self.current))

    def chosen(self) -> None:
        """Have the run under the cursor loaded, if it can be used."""
        card = self.card_at(self.cursor)
        if card is not None and card.problem is None:
            self.post_message(RunChosen(card.name))
        else:
            self.app.bell()

    def action_mark(self) -> None:
        """Mark the run under the cursor, or unmark it."""
        if (run := self.current) is not None:
            self.post_message(RunMarked(run))

    def action_sort(self) -> None:
        """Sort by the next column."""
        keys = list(SORTS)
        self._order(keys[(keys.index(self._sort) + 1) % len(keys)], False)

    def action_turn(self) -> None:
        """Turn the order round."""
        self._order(self._sort, not self._turned)

    def heading_clicked(self, x: int) -> None:
        """Sort by the column that was clicked; once more turns the order round."""
        key = column_at(COLUMNS, x, self.scrollable_content_region.width)
        key = "ndcg" if key == "bar" else key
        if key in SORTS:
            self._order(key, key == self._sort and not self._turned)

    def copy_text(self, index: int) -> str:
        """Return the name of a run."""
        card = self.card_at(index)
        return "" if card is None else card.name

    def make_rows(self) -> tuple[str, Make] | None:
        """Have all runs copied or exported."""
        runs = self._runs

        def make(explorer: Explorer) -> tuple[Sheet, tuple[Song, ...]]:
            from musicrec.core.sheets.runs import runs_sheet

            return runs_sheet(runs), ()

        return ("runs", make) if runs else None

    def _order(self, key: str, turned: bool) -> None:
        self._sort, self._turned = key, turned
        self._arrange(self.current)

    def _arrange(self, wanted: str | None) -> None:
        """Sort the runs and put the cursor on the run called `wanted`, else where it was."""
        runs = list(self._given)
        if self._sort == "ndcg":
            runs.sort(key=lambda card: card.metrics.get("ndcg@10", -1.0), reverse=True)
        elif self._sort == "name":
            runs.sort(key=lambda card: card.name.casefold())
        self._runs = tuple(reversed(runs)) if self._turned else tuple(runs)
        order = "" if (self._sort, self._turned) == ("created", False) else f" · {SORTS[self._sort]}"
        self.set_titles(self.TITLE, f"{len(runs):,}{order}{' ↑' if self._turned else ''}" if runs else "")
        self.settle()
        if not self.count():
            self.say(*NONE)
        first = int(self._training is not None)
        places = [first + place for place, card in enumerate(self._runs) if card.name == wanted]
        if places and wanted == self._wanted:
            self._wanted = None
        before = self.cursor
        self.cursor = places[0] if places else 0 if wanted is None and self._training is not None else before
        if self.cursor == before:
            self.cursor_moved()
        # The list can scroll only once the layout knows how long it has become
        self.call_after_refresh(self.show_cursor)

    def _best(self) -> float:
        return max((card.metrics.get("ndcg@10", 0.0) for card in self._runs if card.problem is None), default=0.0)


def _unusable(card: RunCard, mark: Cell, width: int) -> Row:
    size = min(width_of(COLUMNS, "name", width), max(cell_len(card.name), 12))
    named = f" {fit(card.name, size)}  "
    cells = Cell("  "), Cell(fit(mark.text, 1), mark.style), Cell(named, "muted")
    return (*cells, Cell(fit(card.problem or "", max(width - 3 - cell_len(named), 0)), "note"))


def _training(training: Training, width: int) -> Row:
    label = fit(training.order.label, min(max(width // 4, 12), cell_len(training.order.label)))
    style = "problem" if training.problem else "good"
    length = PROGRESS if width >= 60 and not training.problem else 0
    drawn = (Cell(fit(bar(training.share, length), length), "bar"), Cell(" ")) if length else ()
    room = width - 5 - cell_len(label) - (length + 1 if length else 0)
    head = Cell("    "), Cell(label, style), Cell(" ")
    return (*head, *drawn, Cell(fit(" · ".join(training.words), max(room, 0)), "note" if training.problem else "plain"))
