"""Commands of the screen."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from musicrec.commands.opening import at_terminal, open_screen
from musicrec.commands.options import DatasetName, RunName
from musicrec.commands.shared import refuse
from musicrec.core.errors import UsageError


def tui(
    context: typer.Context,
    dataset: DatasetName = None,
    run: RunName = None,
    listener: Annotated[str | None, typer.Option(help="Listener to start with.")] = None,
    theme: Annotated[str | None, typer.Option(help="Colour theme.")] = None,
    keys: Annotated[Path | None, typer.Option(help="TOML file of keys; `musicrec keys` prints one.")] = None,
    web: Annotated[
        bool, typer.Option("--web", help="Serve the explorer to browsers in place of this terminal.")
    ] = False,
    host: Annotated[str, typer.Option(help="With --web: address to serve on.")] = "127.0.0.1",
    open_to_network: Annotated[
        bool, typer.Option("--open-to-network", help="With --host: serve others too; there is no password.")
    ] = False,
    port: Annotated[int, typer.Option(min=1, max=65535, help="With --web: port to serve on.")] = 8000,
) -> None:
    """Open the explorer."""
    from musicrec.tui import web as browser

    if web:
        if not (browser.is_loopback(host) or open_to_network):
            raise UsageError(
                f"--host {host} lets others use the explorer and write files with it, without a password: "
                "give --open-to-network too where that is meant"
            )
        options = {"--dataset": dataset, "--run": run, "--listener": listener, "--theme": theme, "--keys": keys}
        given = [f"{option}={value}" for option, value in options.items() if value is not None]
        where = [f"--data={context.obj.data}", f"--checkpoints={context.obj.checkpoints}"]
        return browser.serve(browser.command([*where, "tui", *given]), host, port)
    refuse(context, ("host", "open_to_network", "port"), "is for browsers: give --web too")
    if not at_terminal() and not browser.is_served():
        raise UsageError("the explorer needs a terminal; `musicrec recommend LISTENER --explain` prints what it shows")
    return open_screen(context.obj, dataset, run, listener, theme, keys)


def keys() -> None:
    """Print all keys of the explorer as a TOML file to change."""
    from musicrec.tui.keys import keymap_toml

    typer.echo(keymap_toml(), nl=False)
