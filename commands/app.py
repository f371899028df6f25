"""All commands. stdout is data, stderr is narration.

Heavy imports (torch, duckdb, textual) happen inside the commands that need them.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from musicrec.commands import (
    exporting,
    looking,
    measuring,
    preparing,
    recommending,
    reporting,
    screen,
    sweeping,
    training,
)
from musicrec.commands.errors import OneLineErrors
from musicrec.core.places import Places

app = typer.Typer(cls=OneLineErrors, no_args_is_help=True, rich_markup_mode=None, pretty_exceptions_enable=False)


def _version(asked: bool) -> None:
    if asked:
        from importlib.metadata import version

        typer.echo(f"musicrec {version('musicrec')}")
        raise typer.Exit


@app.callback()
def places(
    context: typer.Context,
    data: Annotated[Path | None, typer.Option(help="Folder of datasets.", envvar="MUSICREC_DATA")] = None,
    checkpoints: Annotated[Path | None, typer.Option(help="Folder of runs.", envvar="MUSICREC_CHECKPOINTS")] = None,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and end.")
    ] = False,
) -> None:
    """A terminal explorer for music recommendation: DTNMR and NCF on KKBOX and Melon, listener by listener."""
    context.obj = Places.find(data, checkpoints)


app.command()(preparing.demo)
app.command()(preparing.sample)
app.command("import")(preparing.import_)
app.command()(preparing.datasets)
app.command()(looking.listeners)
app.command()(looking.songs)
app.command()(looking.listener)
app.command()(looking.song)
app.command()(looking.runs)
app.command()(training.train)
app.command()(sweeping.sweep)
app.command()(measuring.evaluate)
app.command()(recommending.recommend)
app.command()(recommending.similar)
app.command("what-if")(recommending.what_if)
app.command()(measuring.compare)
app.command()(reporting.report)
app.command()(exporting.export)
app.command()(screen.tui)
app.command()(screen.keys)
app.command()(preparing.doctor)
