"""Commands that measure runs and put them side by side."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, get_args

import typer

from musicrec.commands.grouped import with_filters
from musicrec.commands.opening import dataset_of
from musicrec.commands.options import AsJson, DatasetName, Device, HowMany, Safe
from musicrec.commands.shared import one_form, open_explorer, refuse, tell, typed
from musicrec.core.distributed import joined, started
from musicrec.core.errors import UsageError
from musicrec.core.terms import FIRST_PLAYS, NEGATIVES, SEED, By, ProtocolName

if TYPE_CHECKING:
    from musicrec.core.drafts import Filters

_OF_LISTENER = ("dataset", "include_heard", "genre", "language", "year", "per_artist")
_OF_TESTS = ("metric", "protocol", "split", "most")


def evaluate(
    context: typer.Context,
    names: Annotated[list[str] | None, typer.Argument(metavar="RUN", help="All of the dataset if none.")] = None,
    dataset: DatasetName = None,
    protocol: Annotated[ProtocolName, typer.Option(help="What is ranked for whom.")] = "full",
    negatives: Annotated[
        int, typer.Option(min=1, help="Sampled songs a listener, where songs are sampled.")
    ] = NEGATIVES,
    first: Annotated[str, typer.Option(help="cold-listeners: plays that are shown.")] = ",".join(map(str, FIRST_PLAYS)),
    split: Annotated[Literal["validation", "test"], typer.Option(help="What was held out.")] = "test",
    k: Annotated[str | None, typer.Option("--k", help="Places that count [5,10,20; ncf-reference 10].")] = None,
    listeners: Annotated[int | None, typer.Option(min=1, help="Draw at most so many listeners; all if not.")] = None,
    scores: Annotated[Path | None, typer.Option(help="Also a CSV or Parquet of listener, song, score.")] = None,
    name: Annotated[str | None, typer.Option(help="What to call the --scores; as the file if not.")] = None,
    seed: Annotated[int, typer.Option(min=0, max=2**63 - 1, help="Seed of all that is drawn.")] = SEED,
    whole: Annotated[bool, typer.Option("--all", help="Also diversity, popularity lift and spread of lists.")] = False,
    by: Annotated[str | None, typer.Option(help=f"Also runs by slice: any of {', '.join(get_args(By))}.")] = None,
    device: Device = "auto",
    as_json: AsJson = False,
    csv: Annotated[Path | None, typer.Option("--csv", help="Write CSV here; - is stdout.")] = None,
    safe: Safe = False,
    replace: Annotated[bool, typer.Option("--replace", help="Write --csv over a file that is there.")] = False,
) -> None:
    """Measure runs side by side, with popularity and item-kNN."""
    from musicrec.core.repeats import repeats, repeats_sheets
    from musicrec.core.runs import check_name, write_atomically
    from musicrec.core.sheets.standings import standings_long, standings_sheets
    from musicrec.core.slicing import sliced, slices_by, slices_sheet
    from musicrec.core.tabular import in_lines, to_csv, to_json
    from musicrec.core.typed import counts, places
    from musicrec.core.versus import overlap_sheets
    from musicrec.tui import console

    one_form(as_json, str(csv) == "-")
    one_form(False, csv is not None, safe)
    if by and str(csv) == "-":
        raise UsageError("--csv - has no slices: take --json")
    _check_file(csv, replace)
    kinds = slices_by(by) if by else ()
    if name is not None and scores is None:
        raise UsageError("--name says what to call the scores of a file: give the file by --scores")
    chosen = dataset or dataset_of(context.obj, names[0] if names else None)
    explorer = open_explorer(context.obj, chosen, device)
    with joined(device), console.counts() as progress:
        results = explorer.evaluate(
            names or None,
            split=split,
            ks=None if k is None else places(k),
            negatives=negatives,
            seed=seed,
            progress=progress,
            protocol=protocol,
            first=counts(first),
            most=listeners,
            scores=scores,
            scores_name=None if name is None else check_name(name),
        )
    if not started().leads:  # of several processes that measure together the first one tells
        return
    slices = [sliced(context.obj, explorer.catalogue.path, results, each) for each in kinds]
    seeds = repeats(explorer.runs(), results)
    if csv is not None and str(csv) != "-":
        write_atomically(csv, to_csv(standings_long(results), safe).encode("utf-8", "replace"))
    if csv is not None and str(csv) == "-":
        typer.echo(to_csv(in_lines(standings_long(results)), safe), nl=False)
    elif as_json:
        typer.echo(to_json({"standings": results, "slices": slices, "repeats": seeds} if by else results))
    else:
        more = [slices_sheet(answers) for answers in slices if answers]
        if whole:
            more = [*overlap_sheets(context.obj, results), *more]
        for sheet in [*standings_sheets(results, whole), *repeats_sheets(seeds), *more]:
            console.show(sheet)


def _check_file(csv: Path | None, replace: bool) -> None:
    # Before all that is measured for it
    if csv is None or str(csv) == "-":
        if replace:
            raise UsageError("--replace is for the file of --csv: give one")
    elif csv.is_dir():
        raise UsageError(f"{csv} is a folder: give --csv a file")
    elif csv.exists() and not replace:
        raise UsageError(f"{csv} is there already: choose another file, or give --replace")


@with_filters
def compare(
    context: typer.Context,
    one: Annotated[str, typer.Argument(metavar="RUN", show_default=False)],
    other: Annotated[str, typer.Argument(metavar="RUN", show_default=False)],
    *,
    listener: Annotated[str | None, typer.Option(help="Compare what they recommend to this listener.")] = None,
    metric: Annotated[str | None, typer.Option(help="Only these, such as ndcg,auc or recall@20; all at -k.")] = None,
    protocol: Annotated[ProtocolName, typer.Option(help="How both were measured.")] = "full",
    split: Annotated[Literal["validation", "test"], typer.Option(help="What was held out.")] = "test",
    most: Annotated[int, typer.Option(min=0, help="Listeners to show who differ most.")] = 10,
    dataset: DatasetName = None,
    k: HowMany = 10,
    filters: Filters,
    device: Device = "auto",
    as_json: AsJson = False,
) -> None:
    """Put two runs side by side, or their recommendations.

    Without --listener: parameters, stored figures, and a paired test of the listeners that both were measured on.
    """
    from musicrec.core.repeats import repeats_of, repeats_sheets
    from musicrec.core.runs import differences, read_run
    from musicrec.core.sheets.recommendations import comparison_sheets
    from musicrec.core.sheets.runs import differences_sheet, together_sheets
    from musicrec.core.tabular import Sheet
    from musicrec.core.versus import Incomparable, versus, versus_sheets

    if listener is None:
        refuse(context, _OF_LISTENER, "is for what a listener is recommended: give one by --listener")
    else:
        refuse(context, _OF_TESTS, "is for the tests of two runs: leave out --listener")
        explorer = open_explorer(context.obj, dataset or dataset_of(context.obj, one), device)
        answer = explorer.compare(listener, one, other, k, filters)
        return tell(answer, comparison_sheets(answer), as_json)
    first, second = read_run(context.obj, one), read_run(context.obj, other)
    found = differences(first.card, second.card)
    sheets = [differences_sheet(one, other, found), *together_sheets(first, second)]
    measured = {one: first.evaluations, other: second.evaluations}
    seeds = repeats_of(context.obj, (first.card, second.card))
    told: dict[str, object] = {"differences": found, "evaluations": measured, "repeats": seeds}
    sheets += repeats_sheets([each for each in seeds if (each.protocol.name, each.protocol.split) == (protocol, split)])
    chosen = () if metric is None else tuple(name.strip() for name in metric.split(","))
    try:
        tests = versus(context.obj, first, second, protocol, split, k, chosen, most)
        told |= {"tests": tests, "incomparable": None}
        sheets += [sheet for each in tests for sheet in versus_sheets(each)]
    except Incomparable as error:
        if any(typed(context, each) for each in ("protocol", "split", "metric")):
            raise
        told |= {"tests": (), "incomparable": str(error)}
        sheets.append(Sheet("Tests", (), (), (str(error),)))
    return tell(told, sheets, as_json)
