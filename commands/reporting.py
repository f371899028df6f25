"""Commands that write down what was found."""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from musicrec.commands.options import Device
from musicrec.commands.shared import open_explorer
from musicrec.core.errors import UsageError
from musicrec.core.terms import NEGATIVES

if TYPE_CHECKING:
    from musicrec.core.explorer import Explorer
    from musicrec.core.places import Places
    from musicrec.core.records import Evaluation, Protocol


def report(
    context: typer.Context,
    names: Annotated[list[str], typer.Argument(metavar="RUN", help="The first is tested against all others.")],
    output: Annotated[Path, typer.Option(help="HTML file to write.")],
    replace: Annotated[bool, typer.Option("--replace", help="Replace the file.")] = False,
    baselines: Annotated[bool, typer.Option(help="Measure popularity and item-kNN beside the runs.")] = True,
    device: Device = "auto",
) -> None:
    """Write what is known of runs as one HTML page: figures, tests, slices, learning curves, parameters.

    Figures are those that `musicrec evaluate` kept.
    """
    from musicrec.core.report import make_report
    from musicrec.core.runs import write_atomically
    from musicrec.core.tabular import one_line

    if os.path.lexists(output) and not replace:
        raise UsageError(f"{output} is there already: choose another --output, or give --replace")
    measure = _Baselines(context.obj, names[0], device) if baselines else None
    text = make_report(context.obj, names, measure)
    write_atomically(output, text.encode("utf-8", "replace"))
    typer.echo(one_line(f"wrote a report on {', '.join(dict.fromkeys(names))} to {output}"))


class _Baselines:
    """Measures popularity and item-kNN under the protocol of a run, where its dataset is there as it was."""

    def __init__(self, where: Places, run: str, device: str) -> None:
        self.where, self.run, self.device = where, run, device

    @cached_property
    def explorer(self) -> Explorer | None:
        """The dataset of the run, opened once for all protocols; None where it is not there as it was."""
        from musicrec.core.runs import read_card

        card = read_card(self.where, self.run)
        if not self.where.dataset(card.dataset).is_file():
            return None
        explorer = open_explorer(self.where, card.dataset, self.device)
        return explorer if explorer.dataset.fingerprint == card.fingerprint else None  # the report says so

    def __call__(self, protocol: Protocol) -> Sequence[Evaluation]:
        from musicrec.tui import console

        if protocol.first_plays is not None or protocol.split == "train" or self.explorer is None:
            return ()
        assert protocol.name is not None
        with console.counts() as progress:
            return self.explorer.evaluate(
                [],
                split=protocol.split,
                ks=protocol.ks,
                negatives=protocol.negatives or NEGATIVES,
                seed=protocol.seed,
                protocol=protocol.name,
                most=protocol.listeners,
                progress=progress,
            )
