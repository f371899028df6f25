"""Commands that train."""

from __future__ import annotations

import signal
from pathlib import Path
from typing import Annotated, Any

import typer

from musicrec.commands.grouped import with_parameters
from musicrec.commands.options import DatasetName, Device
from musicrec.commands.shared import open_explorer, typed
from musicrec.commands.trainer import Trainer
from musicrec.core.distributed import joined
from musicrec.core.errors import UsageError
from musicrec.core.models.configs import MODELS, PRESETS, Config, config_for


@with_parameters
def train(
    context: typer.Context,
    model: Annotated[str, typer.Argument(help=f"One of {', '.join(MODELS)}.")] = "dtnmr",
    *,
    dataset: DatasetName = None,
    name: Annotated[str | None, typer.Option(help="Name of the run; model, dataset and a number if not given.")] = None,
    preset: Annotated[str, typer.Option(help=f"Parameters to start from: {', '.join(PRESETS)}.")] = "default",
    config: Annotated[Path | None, typer.Option(help="TOML file of parameters; options win over it.")] = None,
    resume: Annotated[
        str | None, typer.Option("--resume", "--reload", help="Go on with this run where it stopped.")
    ] = None,
    seeds: Annotated[int | None, typer.Option(min=1, max=10_000, help="Train this many runs, from --seed on.")] = None,
    device: Device = "auto",
    gpu: Annotated[int | None, typer.Option(min=0, help="Number of a CUDA device: --device cuda:N.")] = None,
    track: Annotated[
        list[str] | None, typer.Option(help="Also keep the training for wandb (offline) or tensorboard.")
    ] = None,
    track_project: Annotated[str | None, typer.Option(help="Project in wandb; WANDB_PROJECT or musicrec.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON lines: steps, passes, the run.")] = False,
    parameters: dict[str, Any],
) -> None:
    """Train a model; Ctrl-C keeps the best pass so far."""
    if as_json:  # for a program: one that a shell began in the background would have it ignore the interrupt
        signal.signal(signal.SIGINT, signal.default_int_handler)
    if gpu is not None:
        if typed(context, "device"):
            raise UsageError("choose --device or --gpu, not both")
        device = f"cuda:{gpu}"
    from musicrec.core.tracking import make_trackers

    trackers = make_trackers(track or [], context.obj, track_project)
    if resume:
        given = {name for name in ("config", "name", "preset", "seeds") if typed(context, name)}
        if fixed := (set(parameters) - {"epochs"} | given):
            flag = min(fixed).replace("_", "-")
            raise UsageError(f"--resume goes on with a run as it was: --{flag} cannot be changed")
        from musicrec.core.explorer import dataset_of_run
        from musicrec.core.runs import read_card

        card = read_card(context.obj, resume)
        if typed(context, "model") and model != card.model:
            raise UsageError(f"--resume goes on with a run as it was: {resume} is of model {card.model}, not {model}")
        with joined(device):
            trainer = Trainer(
                open_explorer(context.obj, dataset or dataset_of_run(context.obj, card), device), as_json, trackers
            )
            return trainer.resume(resume, parameters.get("epochs"))
    settings = _settings(model, preset, config, parameters)
    with joined(device):
        trainer = Trainer(open_explorer(context.obj, dataset, device), as_json, trackers)
        if seeds is not None:
            return trainer.series(model, settings, seeds, name)
        return trainer.one(model, settings, name)


def _settings(model: str, preset: str, file: Path | None, chosen: dict[str, Any]) -> Config:
    if file is None:
        return config_for(model, preset, chosen)
    from_file = _read_config(file)
    try:
        return config_for(model, preset, from_file | chosen)
    except UsageError as error:
        config_for(model, preset, chosen)  # what the options have wrong is not the file's fault
        raise UsageError(f"--config {file}: {error}") from error


def _read_config(path: Path) -> dict[str, Any]:
    from musicrec.core.typed import read_toml

    found = read_toml(path, "--config")
    for name, value in found.items():
        if isinstance(value, dict):
            raise UsageError(f"--config {path}: parameters stand in no section, but [{name}] is one")
    return found
