"""The card of a run: how it came about, and every parameter that it was trained with."""

from __future__ import annotations

from typing import ClassVar

from rich.cells import cell_len

from musicrec.core.models.written import parameters_of
from musicrec.core.records import RunCard
from musicrec.tui.cells import Cell, Row, fit, wrap
from musicrec.tui.panel import Panel
from musicrec.tui.runs.training import Training
from musicrec.tui.runs.values import shown

LONGEST = 22  # cells of the names at the left
Fact = tuple[str, str]


class RunCardPanel(Panel):
    """Facts and parameters of the run under the cursor."""

    TITLE: ClassVar[str] = "Run"
    HELP: ClassVar[str] = (
        "How the run came about, and all parameters of its model and training. The fingerprint says on which contents "
        "of the dataset it was trained: a run belongs to them."
    )

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._facts: tuple[Fact, ...] = ()
        self._parameters: tuple[Fact, ...] = ()
        self._problem: str | None = None
        self._rows: list[Row] = []

    def show_run(self, card: RunCard) -> None:
        """Show a run."""
        self._facts = _facts(card)
        self._parameters = tuple((name, shown(value)) for name, value in card.config.items() if name != "seed")
        self._problem = card.problem
        self._begin(card.name)

    def show_training(self, training: Training) -> None:
        """Show what is being trained."""
        order = training.order
        self._facts = (("model", order.model), ("preset", order.preset), ("name", order.name or "the next free one"))
        usual = parameters_of(order.model, order.preset)
        self._parameters = tuple((each.name, order.parameters.get(each.name, each.usual)) for each in usual)
        self._problem = None
        self._begin(order.label)

    def clear(self) -> None:
        """Have nothing to show."""
        self._facts, self._parameters, self._problem = (), (), None
        self.set_titles(self.TITLE)
        self.say("The run under the cursor will be described here.")

    def count(self) -> int:
        """Return the number of lines."""
        return len(self._rows)

    def row(self, index: int, width: int) -> Row:
        """Return a line."""
        return self._rows[index]

    def lay_out(self, width: int) -> None:
        """Arrange problem, facts and parameters."""
        if width <= 0:
            return
        self._rows = [(Cell(line, "note"),) for line in wrap(self._problem or "", width)]
        self._rows += _table(self._facts, width)
        if self._parameters:
            self._rows += [(), (Cell(fit("parameters", width), "muted"),), *_table(self._parameters, width)]

    def _begin(self, title: str) -> None:
        if self.border_title != title:
            self.scroll_to(y=0, animate=False, immediate=True)
        self.set_titles(title)
        self.settle()


def _facts(card: RunCard) -> tuple[Fact, ...]:
    metric = card.metrics.get("ndcg@10")
    best = "" if metric is None else f"best {card.best_epoch:,} of "  # where none was measured the last one is kept
    facts = (
        ("model", card.model),
        ("dataset", f"{card.dataset} {card.fingerprint[:8]}".strip()),
        ("status", card.status),
        ("NDCG@10", "" if metric is None else f"{metric:.4f} validation"),
        ("passes", f"{best}{card.epochs:,}" if card.epochs else ""),
        ("trained", f"{card.created:%Y-%m-%d %H:%M}" if card.created.year > 1 else ""),
        ("took", f"{card.seconds:,.1f} s {_where(card)}" if card.seconds else _where(card)),
        ("seed", str(card.seed)),
        ("weights", f"{card.parameters:,}"),
        ("versions", ", ".join(f"{name} {version}" for name, version in card.versions.items())),
    )
    return tuple((name, value) for name, value in facts if value)


def _where(card: RunCard) -> str:
    return f"on {card.device}" + (f" by {card.engine}" if card.engine else "")


def _table(facts: tuple[Fact, ...], width: int) -> list[Row]:
    left = min(max((cell_len(name) for name, _ in facts), default=0) + 2, LONGEST, width // 2)
    rows: list[Row] = []
    for name, value in facts:
        for number, line in enumerate(wrap(value, max(width - left, 1)) or [""]):
            rows.append((Cell(fit("" if number else name, left - 1) + " ", "muted"), Cell(line)))
    return rows
