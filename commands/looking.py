"""Commands that look at listeners, songs and runs."""

from __future__ import annotations

from typing import Annotated

import typer

from musicrec.commands.opening import dataset_of
from musicrec.commands.options import (
    AsCsv,
    AsJson,
    DatasetName,
    Device,
    HowMany,
    Limit,
    Offset,
    Query,
    Reverse,
    RunName,
    Safe,
    SongId,
)
from musicrec.commands.shared import one_form, open_explorer, open_for, refuse, tell
from musicrec.core.errors import UsageError


def listeners(
    context: typer.Context,
    query: Query = None,
    sort: Annotated[str, typer.Option(help="plays, id, title, age, city, gender, registered or likes.")] = "plays",
    reverse: Reverse = False,
    limit: Limit = 20,
    offset: Offset = 0,
    dataset: DatasetName = None,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
    safe: Safe = False,
) -> None:
    """List listeners by any column.

    QUERY is words and filters such as age:20-29 gender:female city:13 plays:>100 tag:x.
    """
    from musicrec.core.sheets.datasets import listeners_sheet

    one_form(as_json, as_csv, safe)
    page = open_explorer(context.obj, dataset, "auto").find_listeners(query or "", limit, offset, sort, reverse)
    tell(page, listeners_sheet(page), as_json, as_csv, safe)


def songs(
    context: typer.Context,
    query: Query = None,
    sort: Annotated[str, typer.Option(help="plays, title, artist, genre, language, year, length or id.")] = "plays",
    reverse: Reverse = False,
    limit: Limit = 20,
    offset: Offset = 0,
    dataset: DatasetName = None,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
    safe: Safe = False,
) -> None:
    """List songs by any column.

    QUERY is words and filters such as artist:x genre:y language:z year:1990-1999 plays:>10.
    """
    from musicrec.core.sheets.datasets import songs_sheet

    one_form(as_json, as_csv, safe)
    page = open_explorer(context.obj, dataset, "auto").find_songs(query or "", limit, offset, sort, reverse)
    tell(page, songs_sheet(page), as_json, as_csv, safe)


def listener(
    context: typer.Context,
    listener: Annotated[str, typer.Argument(help="Original id of a listener or playlist.", show_default=False)],
    run: Annotated[str | None, typer.Option("--run", help="Run whose playlists are shown; the newest.")] = None,
    dataset: DatasetName = None,
    as_json: AsJson = False,
) -> None:
    """Show a listener, their past and their playlists."""
    from musicrec.core.sheets.datasets import profile_sheets

    profile = open_explorer(context.obj, dataset or dataset_of(context.obj, run), "auto").profile(listener, run)
    tell(profile, profile_sheets(profile), as_json)


def song(
    context: typer.Context,
    song: SongId,
    similar: Annotated[bool, typer.Option("--similar", help="Also the songs that a run sees as most alike.")] = False,
    k: HowMany = 10,
    run: RunName = None,
    limit: Limit = 20,
    offset: Offset = 0,
    dataset: DatasetName = None,
    device: Device = "auto",
    as_json: AsJson = False,
) -> None:
    """Show a song and who plays it."""
    from musicrec.core.sheets.datasets import song_page_sheet
    from musicrec.core.sheets.recommendations import neighbours_sheet

    if not similar:
        refuse(context, ("k", "run"), "is for similar songs: give --similar too")
        page = open_explorer(context.obj, dataset, device).song_page(song, limit, offset)
        return tell(page, song_page_sheet(page), as_json)
    explorer = open_for(context.obj, dataset, run, device)
    page, near = explorer.song_page(song, limit, offset), explorer.similar(song, run, k)
    sheets = [song_page_sheet(page), neighbours_sheet(f"Similar to {page.song.label}", near)]
    return tell({"song": page, "similar": near}, sheets, as_json)


def runs(
    context: typer.Context,
    names: Annotated[list[str] | None, typer.Argument(metavar="RUN", help="One in full, two side by side.")] = None,
    as_json: AsJson = False,
) -> None:
    """List the runs; show one; tell in what two differ."""
    from musicrec.core.runs import differences, list_runs, read_card, read_run
    from musicrec.core.sheets.runs import differences_sheet, epochs_sheet, run_sheet, runs_sheet
    from musicrec.core.sheets.standings import standings_sheets

    if not names:
        cards = list_runs(context.obj)
        return tell(cards, runs_sheet(cards), as_json)
    if len(names) == 1:
        page = read_run(context.obj, names[0])
        measured = [sheet for each in page.evaluations for sheet in standings_sheets([each])]
        return tell(page, [run_sheet(page), epochs_sheet(page), *measured], as_json)
    if len(names) > 2:
        raise UsageError(f"runs takes one run or two, not {len(names)}")
    found = differences(read_card(context.obj, names[0]), read_card(context.obj, names[1]))
    return tell(found, differences_sheet(names[0], names[1], found), as_json)
