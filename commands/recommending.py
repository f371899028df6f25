"""Commands that recommend."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from musicrec.commands.grouped import with_filters
from musicrec.commands.options import AsCsv, AsJson, DatasetName, Device, HowMany, RunName, Safe, SongId
from musicrec.commands.shared import one_form, open_for, tell
from musicrec.core.errors import UsageError

if TYPE_CHECKING:
    from musicrec.core.drafts import Filters


@with_filters
def recommend(
    context: typer.Context,
    listener: Annotated[str, typer.Argument(help="Original id of a listener or playlist.", show_default=False)],
    *,
    run: RunName = None,
    dataset: DatasetName = None,
    k: HowMany = 10,
    filters: Filters,
    output: Annotated[
        Path | None, typer.Option(help="Write the ranking here: .csv, .json, .parquet, .txt or .m3u8.")
    ] = None,
    replace: Annotated[bool, typer.Option("--replace", help="Replace that file where it is there.")] = False,
    explain: Annotated[bool, typer.Option("--explain", help="Say why, and take each score apart.")] = False,
    device: Device = "auto",
    as_json: AsJson = False,
    as_csv: AsCsv = False,
    safe: Safe = False,
) -> None:
    """Recommend songs to a listener."""
    from musicrec.core.exports import write_export
    from musicrec.core.sheets.recommendations import explanations_sheet, recommendations_sheet
    from musicrec.core.tabular import one_line, to_json
    from musicrec.tui import console

    one_form(as_json, as_csv)
    if safe and not as_csv and (output is None or output.suffix.lower() != ".csv"):
        raise UsageError("--safe is for CSV: give --csv, or an --output that ends in .csv")
    explorer = open_for(context.obj, dataset, run, device)
    answer = explorer.recommend(listener, run, k, filters)
    sheet = recommendations_sheet(answer)
    if output is not None:
        written = write_export(sheet, output, [item.song for item in answer.items], replace, safe)
        typer.echo(one_line(f"wrote {len(answer.items)} songs to {written}"), err=True)
    if not explain:
        return None if output and not (as_json or as_csv) else tell(answer, sheet, as_json, as_csv, safe)
    reasons = [explorer.explain(listener, item.song.id, answer.run) for item in answer.items]
    if as_json:
        typer.echo(to_json({"recommendations": answer, "explanations": reasons}))
    elif not as_csv and not output:
        console.show(sheet)
    return None if as_json else tell(reasons, explanations_sheet(reasons), False, as_csv, safe)


def similar(
    context: typer.Context,
    song: SongId,
    run: RunName = None,
    dataset: DatasetName = None,
    k: HowMany = 10,
    device: Device = "auto",
    as_json: AsJson = False,
    as_csv: AsCsv = False,
    safe: Safe = False,
) -> None:
    """Find the songs that a run sees as most alike."""
    from musicrec.core.sheets.recommendations import neighbours_sheet

    one_form(as_json, as_csv, safe)
    explorer = open_for(context.obj, dataset, run, device)
    near = explorer.similar(song, run, k)
    tell(near, neighbours_sheet(f"Similar to {explorer.song(song).label}", near), as_json, as_csv, safe)


@with_filters
def what_if(
    context: typer.Context,
    listener: Annotated[str | None, typer.Argument(help="Who to begin with; nobody if none.")] = None,
    *,
    add: Annotated[
        list[str] | None, typer.Option(metavar="SONG", help="Add a play of this song as the latest.")
    ] = None,
    remove: Annotated[
        list[int] | None, typer.Option(metavar="POSITION", help="Remove the play at this position, from 0.")
    ] = None,
    move: Annotated[
        list[str] | None, typer.Option(metavar="FROM:TO", help="Move a play, after removals, before additions.")
    ] = None,
    age: Annotated[str | None, typer.Option(help="5 to 100, or unknown.")] = None,
    gender: Annotated[str | None, typer.Option(help="male, female or unknown.")] = None,
    city: Annotated[str | None, typer.Option(help="A city of the dataset, or unknown.")] = None,
    run: RunName = None,
    dataset: DatasetName = None,
    k: HowMany = 10,
    filters: Filters,
    device: Device = "auto",
    as_json: AsJson = False,
    as_csv: AsCsv = False,
    safe: Safe = False,
) -> None:
    """Recommend to a listener as they might have been.

    Facts are set first, then plays are removed, moved and added. --add, --remove and --move may be given many times.
    """
    from musicrec.core.sheets.recommendations import what_if_sheet
    from musicrec.core.typed import edited
    from musicrec.core.typed import move as move_of

    one_form(as_json, as_csv, safe)
    moves = [move_of(each) for each in move or ()]
    facts = {name: value for name, value in (("age", age), ("gender", gender), ("city", city)) if value is not None}
    explorer = open_for(context.obj, dataset, run, device)
    songs = [explorer.song(each) for each in add or ()]
    draft = edited(explorer.draft(listener), facts, remove or (), moves, songs)
    answer = explorer.what_if(draft, run, k, filters)
    tell(answer, what_if_sheet(answer), as_json, as_csv, safe)
