"""The command line of musicrec.

stdout is data, stderr is narration. Heavy imports (torch, duckdb, textual) happen inside the commands that need them.
"""

from __future__ import annotations

import inspect
import signal
import sys
import tomllib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, cast

import typer
from typer.core import TyperGroup

from musicrec.core.errors import MusicrecError, UsageError
from musicrec.core.models.configs import MODELS, PRESETS, config_for
from musicrec.core.models.options import parameter_options
from musicrec.core.places import Places

if TYPE_CHECKING:
    from musicrec.core.drafts import Filters
    from musicrec.core.explorer import Explorer
    from musicrec.core.sheets import Sheet


_KEYWORD = inspect.Parameter.KEYWORD_ONLY
# click's UsageError, wherever this typer keeps its click
_WrongUse = cast("type[typer.BadParameter]", typer.BadParameter.__mro__[1])


class _Group(TyperGroup):
    def make_context(self, *args: Any, **extra: Any) -> Any:
        with _one_line():
            return super().make_context(*args, **extra)

    def invoke(self, ctx: Any) -> Any:
        with _one_line():
            return super().invoke(ctx)


@contextmanager
def _one_line() -> Iterator[None]:
    try:
        yield
    except MusicrecError as error:
        typer.echo(f"musicrec: {error}", err=True)
        raise typer.Exit(error.exit_code) from error
    except _WrongUse as error:
        message = error.format_message().strip().rstrip(".")
        if "\n" in message:  # the whole help, where nothing was asked for
            raise
        command = error.ctx.command_path if error.ctx else "musicrec"
        typer.echo(f"musicrec: {message}; see `{command} --help`", err=True)
        raise typer.Exit(2) from error
    except KeyboardInterrupt as error:
        typer.echo("musicrec: interrupted", err=True)
        raise typer.Exit(130) from error


app = typer.Typer(cls=_Group, no_args_is_help=True, rich_markup_mode=None, pretty_exceptions_enable=False)

FormatName = Annotated[Literal["kkbox", "melon"], typer.Argument(help="Format of the files.", show_default=False)]
DatasetName = Annotated[str | None, typer.Option("--dataset", help="Dataset; the only one need not be named.")]
RunName = Annotated[str | None, typer.Option("--run", help="Run; the newest one if not named.")]
Device = Annotated[str, typer.Option("--device", help="auto, cpu, cuda or mps.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]
AsCsv = Annotated[bool, typer.Option("--csv", help="Print CSV.")]
HowMany = Annotated[int, typer.Option("-k", min=1, max=1000, help="How many songs.")]
Query = Annotated[str | None, typer.Argument(help="Words and filters; all if none.", show_default=False)]
Reverse = Annotated[bool, typer.Option("--reverse", help="The other way round; unknown values stay last.")]
Limit = Annotated[int, typer.Option(min=1, help="How many rows.")]
Offset = Annotated[int, typer.Option(min=0, help="Rows to pass over.")]
SongId = Annotated[str, typer.Argument(help="Original id of a song.", show_default=False)]
Years = Annotated[str | None, typer.Option("--year", help="Released then: 1995, 1990-1999, 1990- or -1999.")]
PerArtist = Annotated[int | None, typer.Option(min=1, help="Most songs of an artist.")]
Genre = Annotated[str | None, typer.Option(help="Only this genre.")]
Language = Annotated[str | None, typer.Option(help="Only this language.")]
IncludeHeard = Annotated[bool, typer.Option("--include-heard", help="Also songs that they played.")]


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


@app.command()
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
        _train(_open(context.obj, show.dataset, "auto"), model, config_for(model, "quick"), show.run(model))
    if no_tui or not _at_terminal():
        console.print_demo(_open(context.obj, show.dataset, "auto"), [show.run("ncf"), show.run("dtnmr")])
    else:
        _screen(context.obj, show.dataset, show.run("dtnmr"), None, None)


@app.command()
def sample(
    format: FormatName,
    folder: Annotated[Path, typer.Argument(help="Folder to write to.", show_default=False)],
    listeners: Annotated[int, typer.Option(help="Listeners (Melon: playlists).")] = 1000,
    songs: Annotated[int, typer.Option(help="Songs of the catalogue.")] = 2000,
    plays: Annotated[int, typer.Option(help="Plays in all.")] = 60_000,
    seed: Annotated[int, typer.Option(help="The same seed gives the same files.")] = 7,
) -> None:
    """Write an invented dataset in the original file format."""
    from musicrec.core.tables.sample import write_sample
    from musicrec.tui import console

    with console.fractions() as progress:
        report = write_sample(
            format, folder, listeners=listeners, songs=songs, plays=plays, seed=seed, progress=progress
        )
    typer.echo(f"wrote {len(report.files)} files to {folder}: import them with `musicrec import {format} {folder}`")


@app.command("import")
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
    from musicrec.core.sheets import import_sheet, to_json
    from musicrec.core.tables.importing import import_dataset
    from musicrec.core.tables.options import options_for
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
        typer.echo(f"note: {note}", err=True)
    if as_json:
        typer.echo(to_json(report))
    else:
        console.show(import_sheet(report.card))


@app.command()
def datasets(context: typer.Context, as_json: AsJson = False) -> None:
    """List the datasets."""
    from musicrec.core.sheets import datasets_sheet
    from musicrec.core.tables.catalogue import datasets as found

    cards = found(context.obj)
    _answer(cards, datasets_sheet(cards), as_json)


@app.command()
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
) -> None:
    """List listeners by any column.

    QUERY is words and filters such as age:20-29 gender:female city:13 plays:>100 tag:x.
    """
    from musicrec.core.sheets import listeners_sheet

    _one_form(as_json, as_csv)
    page = _open(context.obj, dataset, "auto").find_listeners(query or "", limit, offset, sort, reverse)
    _answer(page, listeners_sheet(page), as_json, as_csv)


@app.command()
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
) -> None:
    """List songs by any column.

    QUERY is words and filters such as artist:x genre:y language:z year:1990-1999 plays:>10.
    """
    from musicrec.core.sheets import songs_sheet

    _one_form(as_json, as_csv)
    page = _open(context.obj, dataset, "auto").find_songs(query or "", limit, offset, sort, reverse)
    _answer(page, songs_sheet(page), as_json, as_csv)


@app.command()
def listener(
    context: typer.Context,
    listener: Annotated[str, typer.Argument(help="Original id of a listener or playlist.", show_default=False)],
    run: Annotated[str | None, typer.Option("--run", help="Run whose playlists are shown; the newest.")] = None,
    dataset: DatasetName = None,
    as_json: AsJson = False,
) -> None:
    """Show a listener, their past and their playlists."""
    from musicrec.core.sheets import profile_sheets

    profile = _open(context.obj, dataset or _dataset_of(context.obj, run), "auto").profile(listener, run)
    _answer(profile, profile_sheets(profile), as_json)


@app.command()
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
    from musicrec.core.sheets import neighbours_sheet, song_page_sheet

    if not similar:
        page = _open(context.obj, dataset, device).song_page(song, limit, offset)
        return _answer(page, song_page_sheet(page), as_json)
    explorer = _open_for(context.obj, dataset, run, device)
    page, near = explorer.song_page(song, limit, offset), explorer.similar(song, run, k)
    sheets = [song_page_sheet(page), neighbours_sheet(f"Similar to {page.song.label}", near)]
    return _answer({"song": page, "similar": near}, sheets, as_json)


@app.command()
def runs(
    context: typer.Context,
    names: Annotated[list[str] | None, typer.Argument(metavar="RUN", help="One in full, two side by side.")] = None,
    as_json: AsJson = False,
) -> None:
    """List the runs; show one; tell in what two differ."""
    from musicrec.core.runs import differences, list_runs, read_card, read_run
    from musicrec.core.sheets import differences_sheet, epochs_sheet, run_sheet, runs_sheet, standings_sheets

    if not names:
        cards = list_runs(context.obj)
        return _answer(cards, runs_sheet(cards), as_json)
    if len(names) == 1:
        page = read_run(context.obj, names[0])
        measured = [sheet for each in page.evaluations for sheet in standings_sheets([each])]
        return _answer(page, [run_sheet(page), epochs_sheet(page), *measured], as_json)
    if len(names) > 2:
        raise UsageError(f"runs takes one run or two, not {len(names)}")
    found = differences(read_card(context.obj, names[0]), read_card(context.obj, names[1]))
    return _answer(found, differences_sheet(names[0], names[1], found), as_json)


def _parameters(function: Callable[..., None]) -> Callable[..., None]:
    """Give a command one option for every parameter of every model, in place of its `**parameters`."""
    signature = inspect.signature(function)
    hints = inspect.get_annotations(function, eval_str=True)
    fixed = [each for each in signature.parameters.values() if each.kind is not inspect.Parameter.VAR_KEYWORD]
    told = [each.replace(annotation=hints[each.name]) for each in fixed]
    for each in parameter_options():
        hints[each.name] = Annotated[each.kind | None, typer.Option(help=each.help, show_default=False)]
        told.append(inspect.Parameter(each.name, _KEYWORD, default=None, annotation=hints[each.name]))
    function.__signature__ = signature.replace(parameters=told)  # type: ignore[attr-defined]
    function.__annotations__ = {key: value for key, value in hints.items() if key != "parameters"}
    return function


@app.command()
@_parameters
def train(
    context: typer.Context,
    model: Annotated[str, typer.Argument(help=f"One of {', '.join(MODELS)}.")] = "dtnmr",
    dataset: DatasetName = None,
    name: Annotated[str | None, typer.Option(help="Name of the run; model, dataset and a number if not given.")] = None,
    preset: Annotated[str, typer.Option(help=f"Parameters to start from: {', '.join(PRESETS)}.")] = "reference",
    config: Annotated[Path | None, typer.Option(help="TOML file of parameters; options win over it.")] = None,
    resume: Annotated[str | None, typer.Option(help="Go on with this run where it stopped.")] = None,
    device: Device = "auto",
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON lines: steps, passes, the run.")] = False,
    **parameters: Any,
) -> None:
    """Train a model; Ctrl-C keeps the best pass so far."""
    if as_json:  # for a program: one that a shell began in the background would have it ignore the interrupt
        signal.signal(signal.SIGINT, signal.default_int_handler)
    chosen = {name: value for name, value in parameters.items() if value is not None}
    if resume:
        given = {name for name in ("config", "name", "preset") if _typed(context, name)}
        if fixed := (set(chosen) - {"epochs"} | given):
            flag = min(fixed).replace("_", "-")
            raise UsageError(f"--resume goes on with a run as it was: --{flag} cannot be changed")
        from musicrec.core.runs import read_card

        card = read_card(context.obj, resume)
        if _typed(context, "model") and model != card.model:
            raise UsageError(f"--resume goes on with a run as it was: {resume} is of model {card.model}, not {model}")
        explorer = _open(context.obj, dataset or card.dataset, device)
        return _train(explorer, "", None, resume, epochs=chosen.get("epochs"), as_json=as_json)
    from_file = _read_config(config) if config else {}
    settings = config_for(model, preset, from_file | chosen)
    return _train(_open(context.obj, dataset, device), model, settings, name, as_json=as_json)


def _typed(context: typer.Context, parameter: str) -> bool:
    source = context.get_parameter_source(parameter)
    return source is not None and source.name == "COMMANDLINE"


def _read_config(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise UsageError(f"--config {path}: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"--config {path} is not TOML: {error}") from error


def _train(
    explorer: Explorer, model: str, config: Any, run: str | None, epochs: int | None = None, as_json: bool = False
) -> None:
    from musicrec.core.training import resume as go_on
    from musicrec.core.training import train as begin
    from musicrec.tui import console

    lines = console.Lines()
    with nullcontext(lines.watch()) if as_json else console.training() as watch:
        if config is None:
            assert run is not None
            card = go_on(explorer.data(), explorer.places, run, epochs, explorer.device, watch)
        else:
            card = begin(explorer.data(), model, config, explorer.places, run, explorer.device, watch)
    if as_json:
        lines.tell(run=card)
    scores = (f", validation {name.upper()} {value:.4f}" for name, value in card.metrics.items())
    best = "".join(scores) + f" in pass {card.best_epoch}"
    took = f"{card.seconds:.1f} s on {card.device}"
    typer.echo(f"run {card.name}: {card.model} on {card.dataset}, {took}{best}", err=True)
    if card.status == "interrupted":
        typer.echo(f"interrupted: the best pass is kept; go on with `musicrec train --resume {card.name}`", err=True)
        raise typer.Exit(130)


@app.command()
def evaluate(
    context: typer.Context,
    names: Annotated[list[str] | None, typer.Argument(metavar="RUN", help="All of the dataset if none.")] = None,
    dataset: DatasetName = None,
    protocol: Annotated[Literal["full", "sampled"], typer.Option(help="Rank all songs, or 1 + sampled ones.")] = "full",
    negatives: Annotated[int, typer.Option(min=1, help="Sampled songs a listener.")] = 99,
    split: Annotated[Literal["validation", "test"], typer.Option(help="What was held out.")] = "test",
    k: Annotated[str, typer.Option("--k", help="Places that count, such as 5,10,20.")] = "5,10,20",
    seed: Annotated[int, typer.Option(help="Seed of sampled songs and of the bootstrap.")] = 7,
    device: Device = "auto",
    as_json: AsJson = False,
    csv: Annotated[Path | None, typer.Option("--csv", help="Write CSV here; - is stdout.")] = None,
) -> None:
    """Measure runs side by side, with popularity and item-kNN."""
    from musicrec.core.runs import read_card, write_atomically
    from musicrec.core.sheets import standings_long, standings_sheets, to_csv, to_json
    from musicrec.core.typed import places as places_of
    from musicrec.tui import console

    _one_form(as_json, str(csv) == "-")
    chosen = dataset or (read_card(context.obj, names[0]).dataset if names else None)
    explorer = _open(context.obj, chosen, device)
    with console.counts() as progress:
        results = explorer.evaluate(
            names or None,
            split=split,
            ks=places_of(k),
            negatives=negatives if protocol == "sampled" else None,
            seed=seed,
            progress=progress,
        )
    if csv is not None and str(csv) != "-":
        write_atomically(csv, to_csv(standings_long(results)).encode())
    if csv is not None and str(csv) == "-":
        typer.echo(to_csv(standings_long(results)), nl=False)
    elif as_json:
        typer.echo(to_json(results))
    else:
        for sheet in standings_sheets(results):
            console.show(sheet)


@app.command()
def recommend(
    context: typer.Context,
    listener: Annotated[str, typer.Argument(help="Original id of a listener or playlist.", show_default=False)],
    run: RunName = None,
    dataset: DatasetName = None,
    k: HowMany = 10,
    include_heard: IncludeHeard = False,
    genre: Genre = None,
    language: Language = None,
    year: Years = None,
    per_artist: PerArtist = None,
    output: Annotated[
        Path | None, typer.Option(help="Write the ranking here: .csv, .json, .parquet, .txt or .m3u8.")
    ] = None,
    replace: Annotated[bool, typer.Option("--replace", help="Replace that file where it is there.")] = False,
    explain: Annotated[bool, typer.Option("--explain", help="Say why, and take each score apart.")] = False,
    device: Device = "auto",
    as_json: AsJson = False,
    as_csv: AsCsv = False,
) -> None:
    """Recommend songs to a listener."""
    from musicrec.core.exports import write_export
    from musicrec.core.sheets import explanations_sheet, recommendations_sheet, to_json
    from musicrec.tui import console

    _one_form(as_json, as_csv)
    filters = _filters(genre, language, year, include_heard, per_artist)
    explorer = _open_for(context.obj, dataset, run, device)
    answer = explorer.recommend(listener, run, k, filters)
    sheet = recommendations_sheet(answer)
    if output is not None:
        written = write_export(sheet, output, [item.song for item in answer.items], replace)
        typer.echo(f"wrote {len(answer.items)} songs to {written}", err=True)
    if not explain:
        return None if output else _answer(answer, sheet, as_json, as_csv)
    reasons = [explorer.explain(listener, item.song.id, answer.run) for item in answer.items]
    if as_json:
        typer.echo(to_json({"recommendations": answer, "explanations": reasons}))
    elif not as_csv and not output:
        console.show(sheet)
    return None if as_json else _answer(reasons, explanations_sheet(reasons), False, as_csv)


@app.command()
def similar(
    context: typer.Context,
    song: SongId,
    run: RunName = None,
    dataset: DatasetName = None,
    k: HowMany = 10,
    device: Device = "auto",
    as_json: AsJson = False,
    as_csv: AsCsv = False,
) -> None:
    """Find the songs that a run sees as most alike."""
    from musicrec.core.sheets import neighbours_sheet

    _one_form(as_json, as_csv)
    explorer = _open_for(context.obj, dataset, run, device)
    near = explorer.similar(song, run, k)
    _answer(near, neighbours_sheet(f"Similar to {explorer.song(song).label}", near), as_json, as_csv)


@app.command("what-if")
def what_if(
    context: typer.Context,
    listener: Annotated[str | None, typer.Argument(help="Who to begin with; nobody if none.")] = None,
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
    include_heard: IncludeHeard = False,
    genre: Genre = None,
    language: Language = None,
    year: Years = None,
    per_artist: PerArtist = None,
    device: Device = "auto",
    as_json: AsJson = False,
    as_csv: AsCsv = False,
) -> None:
    """Recommend to a listener as they might have been.

    Facts are set first, then plays are removed, moved and added. --add, --remove and --move may be given many times.
    """
    from musicrec.core.sheets import what_if_sheet
    from musicrec.core.typed import edited
    from musicrec.core.typed import move as move_of

    _one_form(as_json, as_csv)
    filters, moves = _filters(genre, language, year, include_heard, per_artist), [move_of(each) for each in move or ()]
    facts = {name: value for name, value in (("age", age), ("gender", gender), ("city", city)) if value is not None}
    explorer = _open_for(context.obj, dataset, run, device)
    songs = [explorer.song(each) for each in add or ()]
    draft = edited(explorer.draft(listener), facts, remove or (), moves, songs)
    answer = explorer.what_if(draft, run, k, filters)
    _answer(answer, what_if_sheet(answer), as_json, as_csv)


@app.command()
def compare(
    context: typer.Context,
    one: Annotated[str, typer.Argument(metavar="RUN", show_default=False)],
    other: Annotated[str, typer.Argument(metavar="RUN", show_default=False)],
    listener: Annotated[str | None, typer.Option(help="Compare what they recommend to this listener.")] = None,
    dataset: DatasetName = None,
    k: HowMany = 10,
    include_heard: IncludeHeard = False,
    genre: Genre = None,
    language: Language = None,
    year: Years = None,
    per_artist: PerArtist = None,
    device: Device = "auto",
    as_json: AsJson = False,
) -> None:
    """Put two runs side by side, or their recommendations.

    Without --listener: parameters and stored figures.
    """
    from musicrec.core.runs import differences, read_run
    from musicrec.core.sheets import comparison_sheets, differences_sheet, together_sheets

    filters = _filters(genre, language, year, include_heard, per_artist)
    if listener is not None:
        explorer = _open(context.obj, dataset or _dataset_of(context.obj, one), device)
        answer = explorer.compare(listener, one, other, k, filters)
        return _answer(answer, comparison_sheets(answer), as_json)
    first, second = read_run(context.obj, one), read_run(context.obj, other)
    found = differences(first.card, second.card)
    sheets = [differences_sheet(one, other, found), *together_sheets(first, second)]
    measured = {one: first.evaluations, other: second.evaluations}
    return _answer({"differences": found, "evaluations": measured}, sheets, as_json)


@app.command()
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
    port: Annotated[int, typer.Option(min=1, max=65535, help="With --web: port to serve on.")] = 8000,
) -> None:
    """Open the explorer."""
    from musicrec.tui import web as browser

    if web:
        options = {"--dataset": dataset, "--run": run, "--listener": listener, "--theme": theme, "--keys": keys}
        given = [f"{option}={value}" for option, value in options.items() if value is not None]
        where = [f"--data={context.obj.data}", f"--checkpoints={context.obj.checkpoints}"]
        return browser.serve(browser.command([*where, "tui", *given]), host, port)
    if not _at_terminal() and not browser.is_served():
        raise UsageError("the explorer needs a terminal; `musicrec recommend LISTENER --explain` prints what it shows")
    return _screen(context.obj, dataset, run, listener, theme, keys)


@app.command()
def keys() -> None:
    """Print all keys of the explorer as a TOML file to change."""
    from musicrec.tui.keys import keymap_toml

    typer.echo(keymap_toml(), nl=False)


@app.command()
def doctor(context: typer.Context, as_json: AsJson = False) -> None:
    """Show versions, device, datasets and runs, and what is wrong with them."""
    from musicrec.core.doctor import examine
    from musicrec.core.sheets import Sheet

    findings = examine(context.obj)
    rows = tuple((each.what, each.found, each.problem) for each in findings)
    _answer(findings, Sheet("Doctor", ("what", "found", "problem"), rows), as_json)


def _at_terminal() -> bool:
    return sys.stdin.isatty() and sys.stdout.isatty()


def _screen(
    where: Places,
    dataset: str | None,
    run: str | None = None,
    listener: str | None = None,
    theme: str | None = None,
    keys: Path | None = None,
) -> None:
    from musicrec.core.errors import NotFound
    from musicrec.core.explorer import Explorer, choose_dataset
    from musicrec.tui.session import last_dataset, run_app

    last = last_dataset()
    kept = last if last is not None and where.dataset(last).is_file() else None
    try:
        name = dataset or _dataset_of(where, run) or kept or choose_dataset(where)
        # What is there is opened behind the first picture; what is not is told before
        explorer = Explorer(where, name) if where.dataset(name).is_file() else Explorer.open(where, name)
    except NotFound as error:
        if dataset or run:
            raise
        run_app(None, theme=theme, keys=keys, problem=str(error))
    else:
        run_app(explorer, listener=listener, run=run, theme=theme, keys=keys)


def _open(where: Places, dataset: str | None, device: str) -> Explorer:
    from musicrec.core.explorer import Explorer

    return Explorer.open(where, dataset, device)


def _open_for(where: Places, dataset: str | None, run: str | None, device: str) -> Explorer:
    explorer = _open(where, dataset or _dataset_of(where, run), device)
    if run is None and (taken := explorer.default_run()) and len(explorer.runs()) > 1:
        typer.echo(f"run {taken} (the newest; choose another with --run)", err=True)
    return explorer


def _dataset_of(where: Places, run: str | None) -> str | None:
    from musicrec.core.runs import read_card

    return read_card(where, run).dataset if run else None


def _filters(
    genre: str | None, language: str | None, year: str | None, include_heard: bool, per_artist: int | None
) -> Filters:
    from musicrec.core.drafts import Filters
    from musicrec.core.typed import years

    first, last = years(year) if year is not None else (None, None)
    return Filters(genre, language, first, last, include_heard, per_artist)


def _one_form(as_json: bool, as_csv: bool) -> None:
    if as_json and as_csv:
        raise UsageError("choose --json or --csv, not both")


def _answer(records: object, sheets: Sheet | list[Sheet], as_json: bool, as_csv: bool = False) -> None:
    from musicrec.tui.console import answer

    answer(records, sheets if isinstance(sheets, list) else [sheets], as_json, as_csv)


def main() -> None:
    """Run the command line."""
    app(prog_name="musicrec")


if __name__ == "__main__":
    main()
