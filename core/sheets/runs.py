"""Runs as tables: how each was trained, and in what they differ."""

from __future__ import annotations

from collections.abc import Sequence

from musicrec.core.figures import metric_title
from musicrec.core.pages import Difference, RunPage
from musicrec.core.records import RunCard
from musicrec.core.sheets.cells import cell, facts_sheet
from musicrec.core.sheets.standings import standings_sheets
from musicrec.core.tabular import Sheet
from musicrec.core.watch import Epoch

NO_RUN = "none yet: train one with `musicrec train dtnmr`"


def runs_sheet(cards: Sequence[RunCard]) -> Sheet:
    """One row a run, newest first."""
    columns = ("run", "model", "dataset", "status", "epochs", "best", "val NDCG@10", "seconds", "parameters", "problem")
    rows = (
        (
            card.name,
            card.model,
            card.dataset,
            card.status,
            card.epochs,
            card.best_epoch,
            card.metrics.get("ndcg@10"),
            card.seconds,
            card.parameters,
            card.problem,
        )
        for card in cards
    )
    return Sheet("Runs", columns, tuple(rows), () if cards else (NO_RUN,))


def run_sheet(page: RunPage) -> Sheet:
    """What a run is and the parameters that it was trained with."""
    card = page.card
    facts: list[tuple[str, object]] = [
        (name, getattr(card, name))
        for name in ("model", "dataset", "fingerprint", "device", "engine", "status", "epochs", "best_epoch")
    ]
    facts += [
        ("created", card.created.isoformat(" ", "seconds")),
        ("seconds", card.seconds),
        ("parameters", card.parameters),
        ("problem", card.problem),
    ]
    facts += [(f"validation {metric_title(name)}", value) for name, value in card.metrics.items()]
    facts += [(f"--{name.replace('_', '-')}", value) for name, value in card.config.items()]
    return facts_sheet(f"Run {card.name}", facts)


def epochs_sheet(page: RunPage) -> Sheet:
    """One row a pass."""
    columns = ("pass", "loss", "validation NDCG@10", "best", "seconds", "samples/s")
    rows = tuple(
        (each.epoch, each.loss, each.validation, _best(each), each.seconds, each.samples_per_second)
        for each in page.epochs
    )
    return Sheet("Passes", columns, rows)


def _best(epoch: Epoch) -> str | None:
    return "best" if epoch.best and epoch.validation is not None else None  # unmeasured, each is kept in its turn


def differences_sheet(one: str, other: str, differences: Sequence[Difference]) -> Sheet:
    """One row for each thing in which two runs differ."""
    rows = tuple((each.name, cell(each.one), cell(each.other)) for each in differences)
    notes = () if rows else (f"{one} and {other} differ in nothing but their names",)
    return Sheet(f"{one} and {other}", ("what", one, other), rows, notes)


def together_sheets(one: RunPage, other: RunPage) -> list[Sheet]:
    """The stored figures of two runs under every protocol that both were measured under."""
    shared = [(a, b) for a in one.evaluations for b in other.evaluations if a.protocol == b.protocol]
    if not shared:
        hint = f"no figures under one protocol: measure both with `musicrec evaluate {one.card.name} {other.card.name}`"
        return [Sheet("Figures", (), (), (hint,))]
    return [sheet for pair in shared for sheet in standings_sheets(pair)]
