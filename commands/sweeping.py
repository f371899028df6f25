"""The command that sweeps: many trainings of one model, shared by processes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from musicrec.commands.grouped import with_parameters
from musicrec.commands.options import AsCsv, AsJson, DatasetName, Device, Safe
from musicrec.commands.shared import one_form, open_explorer, refuse
from musicrec.core.errors import UsageError

if TYPE_CHECKING:
    from musicrec.core.places import Places
    from musicrec.core.sweeping.asking import Asked
    from musicrec.core.sweeping.plan import Search
    from musicrec.core.sweeping.results import Outcome
    from musicrec.core.sweeping.running import Manner

ProtocolChoice = Literal["full", "sampled", "ncf-reference", "dtnmr-paper", "cold-songs"]

_OF_SHOW = {"show", "storage", "as_json", "as_csv", "safe"}


@with_parameters
def sweep(
    context: typer.Context,
    words: Annotated[
        list[str] | None,
        typer.Argument(metavar="[MODEL] [NAME=VALUES]...", help="What varies: factors=4,8,16 lr=1e-4..1e-1:log"),
    ] = None,
    *,
    grid: Annotated[bool, typer.Option("--grid", help="Train every combination; the default.")] = False,
    random: Annotated[int | None, typer.Option(min=1, metavar="N", help="Train N combinations at random.")] = None,
    guided: Annotated[
        int | None, typer.Option(min=1, metavar="N", help="Train N, each chosen by how those before went (TPE).")
    ] = None,
    preset: Annotated[
        str | None, typer.Option(help="ncf-reference, dtnmr-reference, or parameters to start from, as in train.")
    ] = None,
    space: Annotated[Path | None, typer.Option(help="TOML file of the sweep; what is typed wins over it.")] = None,
    dataset: DatasetName = None,
    name: Annotated[str | None, typer.Option(help="Name of the sweep; its runs are NAME-001 and so on.")] = None,
    storage: Annotated[str | None, typer.Option(help="Optuna URL, for machines without a folder in common.")] = None,
    search_seed: Annotated[int | None, typer.Option(help="Seed of the search [7].", show_default=False)] = None,
    prune: Annotated[bool, typer.Option("--prune", help="End trainings that are worse than the median.")] = False,
    keep: Annotated[
        Literal["all", "weights", "best"],
        typer.Option(help="Of runs that are done: all, all but what --resume needs, or the best run alone."),
    ] = "weights",
    test: Annotated[
        Literal["none", "best", "all"] | None, typer.Option(help="Runs whose test figures are reported at the end.")
    ] = None,
    protocol: Annotated[ProtocolChoice | None, typer.Option(help="Protocol of the test figures.")] = None,
    show: Annotated[
        str | None, typer.Option(metavar="NAME", help="Show this sweep as it stands; nothing is trained.")
    ] = None,
    device: Device = "auto",
    as_json: AsJson = False,
    as_csv: AsCsv = False,
    safe: Safe = False,
    parameters: dict[str, Any],
) -> None:
    """Train a model with many sets of parameters; the same command goes on.

    Any number of processes may share a sweep. Runs are chosen by validation NDCG@10.
    """
    from musicrec.core.sweeping.running import Manner, stored

    one_form(as_json, as_csv, safe)
    if show is not None:
        others = {each.name for each in context.command.params if each.name} - _OF_SHOW
        refuse(context, others, "is for training: --show takes none of it")
        _tell(stored(context.obj, show, storage), as_json, as_csv, safe)
        return
    asked = _asked(words or [], space, preset, parameters)
    if search := _search(grid, random, guided):
        asked = replace(asked, search=search, trials=random or guided or 0)
    asked = asked if search_seed is None else replace(asked, seed=search_seed)
    manner = Manner(storage, prune, keep, test or "none", protocol or "full")
    if asked.protocol is not None:  # the sweep of a reference system ends with its table
        manner = replace(
            manner, test=test or ("best" if keep == "best" else "all"), protocol=protocol or asked.protocol
        )
    _check(asked, manner)
    found, interrupted = _work(context.obj, asked, name, preset, dataset, device, manner)
    _tell(found, as_json, as_csv, safe)
    if interrupted:
        typer.echo("interrupted: what is done is kept; the same command goes on", err=True)
        raise typer.Exit(130)


def _asked(words: list[str], file: Path | None, preset: str | None, parameters: dict[str, Any]) -> Asked:
    from musicrec.core.sweeping.asking import Asked, as_fixed, from_file, from_preset, from_words

    given = as_fixed(parameters)
    base = from_file(file) if file else Asked()
    base = from_preset(preset).over(base) if preset else base
    return replace(from_words(words), fixed=given).over(base)


def _search(grid: bool, random: int | None, guided: int | None) -> Search | None:
    options: dict[Search, object] = {"grid": grid, "random": random, "guided": guided}
    asked = [search for search, given in options.items() if given]
    if len(asked) > 1:
        raise UsageError(f"choose --{asked[0]} or --{asked[1]}, not both")
    return asked[0] if asked else None


def _check(asked: Asked, manner: Manner) -> None:
    if manner.keep == "best" and manner.test == "all":
        raise UsageError("--keep best leaves one run to measure: say --test best")
    if not asked.empty:
        _check_prune(asked.search or "grid", manner)


def _check_prune(search: Search, manner: Manner) -> None:
    if manner.prune and search == "grid":
        raise UsageError("--prune goes with --random and --guided: a grid is trained whole")


def _work(
    places: Places,
    asked: Asked,
    name: str | None,
    preset: str | None,
    dataset: str | None,
    device: str,
    manner: Manner,
) -> tuple[Outcome, bool]:
    from musicrec.commands.sweep_display import display
    from musicrec.core.sweeping.running import run_sweep, stored

    if asked.empty and name is not None:
        there, plan = stored(places, name, manner.storage).plan, None
        _check_prune(there.search, manner)
        if dataset not in (None, there.dataset):
            raise UsageError(f"sweep {name} is on dataset {there.dataset}, not {dataset}: leave out --dataset")
        explorer = open_explorer(places, there.dataset, device)
    else:
        explorer = open_explorer(places, dataset, device)
        plan = asked.plan(explorer.dataset.name, explorer.dataset.fingerprint)
        named = preset if preset and asked.protocol else f"{plan.model}-{plan.search}"
        name = name or f"{named}-{plan.dataset}"
    with display(name) as (watch, progress):
        return run_sweep(explorer, name, plan, manner, watch, progress)


def _tell(found: Outcome, as_json: bool, as_csv: bool, safe: bool) -> None:
    from musicrec.core.sweeping.results import ranking_sheet, results_sheet
    from musicrec.tui.console import answer

    answer(found, [results_sheet(found) if as_csv else ranking_sheet(found)], as_json, as_csv, safe)
