"""All commands. stdout is data, stderr is narration.

Heavy imports (torch, duckdb, textual) happen inside the commands that need them.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Annotated, Any

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
from musicrec.commands.errors import NothingEmpty, OneLineErrors
from musicrec.commands.grouped import Command
from musicrec.core.places import Places, at_home

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


def command(name: str | None = None) -> Callable[[Command], Command]:
    """Add a command. A ~ that no shell has seen to, as in --csv=~/figures.csv, is made a folder before it is called."""

    def added(function: Command) -> Command:
        @wraps(function)
        def called(**values: Any) -> None:
            function(**{key: at_home(value) if isinstance(value, Path) else value for key, value in values.items()})

        return app.command(name, cls=NothingEmpty)(called)

    return added


command()(preparing.demo)
command()(preparing.sample)
command("import")(preparing.import_)
command()(preparing.datasets)
command()(looking.listeners)
command()(looking.songs)
command()(looking.listener)
command()(looking.song)
command()(looking.runs)
command()(training.train)
command()(sweeping.sweep)
command()(measuring.evaluate)
command()(recommending.recommend)
command()(recommending.similar)
command("what-if")(recommending.what_if)
command()(measuring.compare)
command()(reporting.report)
command()(exporting.export)
command()(screen.tui)
command()(screen.keys)
command()(preparing.doctor)
