"""The command that writes what others check us by."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path
from typing import Annotated

import typer

from musicrec.commands.opening import dataset_of
from musicrec.commands.options import AsJson, DatasetName, Device, HowMany
from musicrec.commands.shared import open_explorer, tell, typed
from musicrec.core.distributed import joined
from musicrec.core.errors import UsageError
from musicrec.core.terms import NEGATIVES, SEED


def export(
    context: typer.Context,
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder to write into.", show_default=False)],
    run: Annotated[
        str | None, typer.Option("--run", help="Also a run: its files, and its lists for everybody.")
    ] = None,
    dataset: DatasetName = None,
    k: HowMany = 100,
    negatives: Annotated[int, typer.Option(min=0, help="Sampled songs a listener; 0 for none.")] = NEGATIVES,
    seed: Annotated[int, typer.Option(min=0, max=2**63 - 1, help="Seed of the sampled songs.")] = SEED,
    onnx: Annotated[bool, typer.Option("--onnx", help="Also the model of the run as an ONNX graph.")] = False,
    replace: Annotated[bool, typer.Option("--replace", help="Write into a folder that has files.")] = False,
    device: Device = "auto",
    as_json: AsJson = False,
) -> None:
    """Write the split, the sampled songs, and a run's lists and graph, as files that others can check us by.

    `musicrec evaluate --scores DIR/top.parquet` gives the figures of the run, for places up to -k.
    """
    if run is None and (onnx or typed(context, "k")):
        raise UsageError(f"{'--onnx' if onnx else '-k'} is for a run: give one by --run")
    with joined(device) as group:
        from musicrec.core.exporting import ExportOptions, export_sheet
        from musicrec.core.exporting import export as write
        from musicrec.tui import console

        explorer = open_explorer(context.obj, dataset or dataset_of(context.obj, run), device)
        options = ExportOptions(run, k, negatives, seed, onnx)
        with console.fractions() if group.leads else nullcontext() as progress:
            answer = write(explorer.data(), context.obj, folder, options, replace, device, progress)
    if group.leads:
        tell(answer, export_sheet(answer), as_json)
