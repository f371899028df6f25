"""Commands that make and list datasets."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import Annotated, Literal

import typer

from musicrec.commands.opening import at_terminal, open_screen
from musicrec.commands.options import AsJson, FormatName, Limit
from musicrec.commands.shared import open_explorer, refuse, tell
from musicrec.commands.trainer import Trainer
from musicrec.core.models.configs import config_for


def demo(
    context: typer.Context,
    dataset: Annotated[Literal["kkbox", "melon"], typer.Option(help="Which sample.")] = "kkbox",
    no_tui: Annotated[bool, typer.Option("--no-tui", help="Print the tables and end.")] = False,
) -> None:
    """Make a sample, import it, train both models and open the explorer."""
    from musicrec.core.demo import Demo
    from musicrec.tui import console

    show = Demo(context.obj, dataset)
    if show.needs_dataset():
        with console.fractions() as progress:
            show.make_dataset(progress)
    for model in show.missing_models():
        trainer = Trainer(open_explorer(context.obj, show.dataset, "auto"))
        trainer.one(model, config_for(model, "quick"), show.run(model))
    if no_tui or not at_terminal():
        console.print_demo(open_explorer(context.obj, show.dataset, "auto"), [show.run("ncf"), show.run("dtnmr")])
    else:
        open_screen(context.obj, show.dataset, show.run("dtnmr"), None, None)


def sample(
    format: FormatName,
    folder: Annotated[Path, typer.Argument(help="Folder to write to.", show_default=False)],
    listeners: Annotated[int, typer.Option(help="Listeners (Melon: playlists).")] = 1000,
    songs: Annotated[int, typer.Option(help="Songs of the catalogue.")] = 2000,
    plays: Annotated[int, typer.Option(help="Plays in all.")] = 60_000,
    seed: Annotated[int, typer.Option(min=0, max=2**63 - 1, help="The same seed gives the same files.")] = 7,
) -> None:
    """Write an invented dataset in the original file format."""
    from musicrec.core.tables.sample import write_sample
    from musicrec.core.tabular import one_line
    from musicrec.tui import console

    with console.fractions() as progress:
        report = write_sample(
            format, folder, listeners=listeners, songs=songs, plays=plays, seed=seed, progress=progress
        )
    told = f"wrote {len(report.files)} files to {folder}: import them with `musicrec import {format} {folder}`"
    typer.echo(one_line(told))


def import_(
    context: typer.Context,
    format: FormatName,
    folder: Annotated[Path, typer.Argument(help="Folder of the files.", show_default=False)],
    name: Annotated[str | None, typer.Option(help="Name of the dataset; the format if not given.")] = None,
    replace: Annotated[bool, typer.Option("--replace", help="Replace a dataset of that name.")] = False,
    preset: Annotated[Literal["all", "reference"], typer.Option(help="Keep all, or cut as the references do.")] = "all",
    split: Annotated[
        Literal["auto", "files", "latest-issue", "last"] | None, typer.Option(help="How plays are held out.")
    ] = None,
    top: Annotated[
        float | None, typer.Option(min=0, max=1, help="Keep songs above this share of the most played one's plays.")
    ] = None,
    min_playlist_len: Annotated[int | None, typer.Option(min=1, help="Least plays of a listener.")] = None,
    max_playlist_len: Annotated[int | None, typer.Option(min=1, help="Most plays of a listener.")] = None,
    min_song_plays: Annotated[int | None, typer.Option(min=1, help="Least listeners of a song.")] = None,
    max_song_seconds: Annotated[int | None, typer.Option(min=1, help="Longest song.")] = None,
    min_age: Annotated[int | None, typer.Option(min=0, help="Youngest listener.")] = None,
    max_age: Annotated[int | None, typer.Option(min=0, help="Oldest listener.")] = None,
    memory_limit: Annotated[str | None, typer.Option(help="Memory for DuckDB, such as 2GB; it spills to disk.")] = None,
    as_json: AsJson = False,
) -> None:
    """Import the files of a dataset."""
    from musicrec.core.runs import check_name
    from musicrec.core.sheets.datasets import import_sheet
    from musicrec.core.tables.importing import import_dataset
    from musicrec.core.tables.options import options_for
    from musicrec.core.tabular import one_line, to_json
    from musicrec.tui import console

    options = options_for(
        format,
        preset,
        split=split,
        top=top,
        min_playlist_len=min_playlist_len,
        max_playlist_len=max_playlist_len,
        min_song_plays=min_song_plays,
        max_song_seconds=max_song_seconds,
        min_age=min_age,
        max_age=max_age,
    )
    called = check_name(name or format)
    target = context.obj.dataset(called)
    with console.fractions() as progress:
        report = import_dataset(
            format, folder, target, called, options, replace=replace, memory_limit=memory_limit, progress=progress
        )
    for note in report.notes:
        typer.echo(one_line(f"note: {note}"), err=True)
    if as_json:
        typer.echo(to_json(report))
    else:
        console.show(import_sheet(report.card))


def datasets(
    context: typer.Context,
    dataset: Annotated[str | None, typer.Argument(help="One of them, with what its import left out.")] = None,
    limit: Limit = 20,
    as_json: AsJson = False,
) -> None:
    """List the datasets, or show what the import of one kept and left out."""
    from musicrec.core.sheets.datasets import datasets_sheet, import_sheet, rejects_sheet
    from musicrec.core.tables.catalogue import datasets as found
    from musicrec.core.tables.catalogue import open_catalogue

    if dataset is None:
        refuse(context, ("limit",), "is for the rows that an import left out: name the dataset too")
        cards = found(context.obj)
        return tell(cards, datasets_sheet(cards), as_json)
    with closing(open_catalogue(context.obj.dataset(dataset))) as catalogue:
        card, rejects = catalogue.card, catalogue.rejects(limit)
    return tell({"card": card, "rejects": rejects}, [import_sheet(card), rejects_sheet(rejects)], as_json)


def doctor(
    context: typer.Context,
    fix: Annotated[bool, typer.Option("--fix", help="Remove what commands that were killed have left.")] = False,
    as_json: AsJson = False,
) -> None:
    """Show versions, device, datasets and runs, and what is wrong with them."""
    from musicrec.core.doctor import examine
    from musicrec.core.leftovers import sweep
    from musicrec.core.tabular import Sheet

    for each in sweep(context.obj) if fix else ():
        typer.echo(f"removed {each.path}: {each.what}", err=True)
    findings = examine(context.obj)
    rows = tuple((each.what, each.found, each.problem) for each in findings)
    tell(findings, Sheet("Doctor", ("what", "found", "problem"), rows), as_json)
