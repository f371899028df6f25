"""What commands have in common: opening what they ask, and answering."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import typer

from musicrec.commands.opening import dataset_of
from musicrec.core.errors import UsageError
from musicrec.core.places import Places

if TYPE_CHECKING:
    from musicrec.core.explorer import Explorer
    from musicrec.core.tabular import Sheet


def open_explorer(where: Places, dataset: str | None, device: str) -> Explorer:
    """Open a dataset, or the one that there is."""
    from musicrec.core.explorer import Explorer

    return Explorer.open(where, dataset, device)


def open_for(where: Places, dataset: str | None, run: str | None, device: str) -> Explorer:
    """Open the dataset of a run, and say which run is taken where none is named."""
    explorer = open_explorer(where, dataset or dataset_of(where, run), device)
    if run is None and (taken := explorer.default_run()) and len(explorer.runs()) > 1:
        typer.echo(f"run {taken} (the newest; choose another with --run)", err=True)
    return explorer


def typed(context: typer.Context, parameter: str) -> bool:
    """Whether this option or argument was given on the command line, and is not a default."""
    source = context.get_parameter_source(parameter)
    return source is not None and source.name == "COMMANDLINE"


def refuse(context: typer.Context, parameters: Iterable[str], remedy: str) -> None:
    """Raise UsageError where one of these was given, which would do nothing here: `remedy` ends the line."""
    for each in context.command.params:
        if each.name in parameters and typed(context, each.name):
            raise UsageError(f"{max(each.opts, key=len) if each.opts[0].startswith('-') else each.metavar} {remedy}")


def one_form(as_json: bool, as_csv: bool, safe: bool = False) -> None:
    """Raise UsageError where two forms of an answer are asked for, or CSV that is safe and no CSV."""
    if as_json and as_csv:
        raise UsageError("choose --json or --csv, not both")
    if safe and not as_csv:
        raise UsageError("--safe is for CSV: give --csv too")


def tell(records: object, sheets: Sheet | list[Sheet], as_json: bool, as_csv: bool = False, safe: bool = False) -> None:
    """Print an answer: `records` as JSON, or `sheets` as CSV or tables."""
    from musicrec.tui.console import answer

    answer(records, sheets if isinstance(sheets, list) else [sheets], as_json, as_csv, safe)
