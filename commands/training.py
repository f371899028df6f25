"""Commands that train."""

from __future__ import annotations

import inspect
import signal
import tomllib
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from musicrec.commands.options import DatasetName, Device
from musicrec.commands.shared import open_explorer
from musicrec.core.errors import UsageError
from musicrec.core.models.configs import MODELS, PRESETS, config_for
from musicrec.core.models.options import parameter_options

if TYPE_CHECKING:
    from musicrec.core.explorer import Explorer

_KEYWORD = inspect.Parameter.KEYWORD_ONLY


def with_parameters(function: Callable[..., None]) -> Callable[..., None]:
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


@with_parameters
def train(
    context: typer.Context,
    model: Annotated[str, typer.Argument(help=f"One of {', '.join(MODELS)}.")] = "dtnmr",
    dataset: DatasetName = None,
    name: Annotated[str | None, typer.Option(help="Name of the run; model, dataset and a number if not given.")] = None,
    preset: Annotated[str, typer.Option(help=f"Parameters to start from: {', '.join(PRESETS)}.")] = "default",
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
        explorer = open_explorer(context.obj, dataset or card.dataset, device)
        return train_run(explorer, "", None, resume, epochs=chosen.get("epochs"), as_json=as_json)
    from_file = _read_config(config) if config else {}
    settings = config_for(model, preset, from_file | chosen)
    return train_run(open_explorer(context.obj, dataset, device), model, settings, name, as_json=as_json)


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


def train_run(
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
