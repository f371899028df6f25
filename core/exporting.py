"""What others need to check us: the split, the sampled songs, and what a run makes of them, in plain files."""

from __future__ import annotations

import tempfile
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from importlib.metadata import version
from pathlib import Path

import torch

from musicrec.core import distributed, terms
from musicrec.core.dataset import Dataset, Listeners
from musicrec.core.errors import MusicrecError
from musicrec.core.exporting_folder import ExportedFile, Folder
from musicrec.core.exporting_top import top_songs
from musicrec.core.models.registry import choose_device
from musicrec.core.onnx_files import check_installed, largest_difference, write_onnx
from musicrec.core.onnx_graphs import check_graph, make_graph
from musicrec.core.places import Places
from musicrec.core.records import RunCard
from musicrec.core.runs import CARD, HISTORY, METRICS, WEIGHTS, read_card
from musicrec.core.tables.exporting import Table, write_negatives, write_table, write_top
from musicrec.core.tabular import Sheet, to_json
from musicrec.core.tasks import Task, make_task
from musicrec.core.weights import load_model

PROTOCOL = "protocol.json"  # written last: where it is, the export is whole
MARK = ".export"  # there while one is written: what it leaves where it is killed is known by it
TABLES: tuple[Table, ...] = ("split", "songs", "listeners")
NEGATIVES, TOP, ONNX, INPUTS, RUN = "negatives.parquet", "top.parquet", "model.onnx", "model.json", "run"
RULES = (
    "listeners count who have a play before the test, and a test song that they had not played; it is looked for once",
    "songs that a listener played in training or validation are no candidates",
    "where songs tie, the held-out ones among them stand evenly between them: one of t at (t + 1) / 2, rounded up",
    "the sampled protocol ranks the held-out songs of a listener among their negatives",
    "songs that tie with the k-th of top.parquet are there, too; where these are all the rest, none is",
)


@dataclass(frozen=True, slots=True)
class ExportOptions:
    """What goes into an export beside the dataset: a run with the best `k` songs of every listener, and its graph.

    `negatives` songs are sampled for each listener from `seed`, as `evaluate --protocol sampled` does; 0 for none.
    """

    run: str | None = None
    k: int = 100
    negatives: int = terms.NEGATIVES
    seed: int = terms.SEED
    onnx: bool = False


@dataclass(frozen=True, slots=True)
class Export:
    """What was written."""

    folder: str
    dataset: str
    run: str | None
    files: tuple[ExportedFile, ...]
    notices: tuple[str, ...]


def export(
    data: Dataset,
    places: Places,
    folder: Path,
    options: ExportOptions,
    replace: bool = False,
    device: str = "auto",
    progress: Callable[[str, float], None] | None = None,
) -> Export:
    """Write an export into `folder`, each file whole or not at all, `protocol.json` last.

    Of several processes the first one writes, and all score. Raises UsageError where there are files in the folder,
    unless they may be replaced, and for a model that has no graph; MusicrecError for a run that cannot be used, and
    where something cannot be drawn or written.
    """
    if data.path is None:
        raise ValueError("no file behind this dataset to export from")
    leads, told = distributed.current().leads, progress or (lambda stage, done: None)
    target = Folder.open(folder, replace or not leads)
    if options.onnx:
        check_installed()
    card = None if options.run is None else read_card(places, options.run)
    where = choose_device(device)
    model = None if card is None else load_model(places, card, data, where)
    if card is not None and model is not None and options.onnx:
        check_graph(model, card.model)
    task = _task(data, options)
    if leads:
        _begin(target)
        _write_dataset(data.path, target, task, told)
    notices: list[str] = []
    if card is not None and model is not None:
        past = data.past("test")
        blocks = top_songs(model.scorer(data), past, data.song_count, options.k, where, _stage(told))
        if leads:
            target.table(TOP, partial(write_top, data.path, blocks))
            _write_run(places, target, card)
            notices += _unlisted(past)
            notices += _write_graph(data, target, places, card, told) if options.onnx else []
        else:
            deque(blocks, maxlen=0)
    if leads:
        target.text(PROTOCOL, to_json(_protocol(task, data, options, target)) + "\n")
        target.remove(MARK)
    return Export(str(folder), data.name, options.run, tuple(target.files), tuple(notices))


def export_sheet(export: Export) -> Sheet:
    """List the files of an export."""
    rows = tuple((each.name, each.rows, each.bytes) for each in export.files)
    return Sheet(f"Written to {export.folder}", ("file", "rows", "bytes"), rows, export.notices)


def _task(data: Dataset, options: ExportOptions) -> Task:
    task = make_task(data, "test", seed=options.seed)
    if not options.negatives:
        return task
    try:
        return make_task(data, "test", negatives=options.negatives, seed=options.seed)
    except MusicrecError as error:
        why = f"a listener has fewer than {options.negatives} unplayed songs"
        raise MusicrecError(f"{why}: give a smaller --negatives, or 0 for none") from error


def _begin(target: Folder) -> None:
    # What an earlier export left must not pass for a part of this one; other files are none of our business
    ours = any((target.path / name).is_file() for name in (MARK, PROTOCOL))
    target.mark(MARK)
    if ours:
        for name in (PROTOCOL, NEGATIVES, TOP, ONNX, f"{ONNX}.data", INPUTS):
            target.remove(name)
        for path in (target.path / RUN).rglob("*"):
            if path.is_file():
                target.remove(str(path.relative_to(target.path)))


def _write_dataset(dataset: Path, target: Folder, task: Task, told: Callable[[str, float], None]) -> None:
    for number, table in enumerate(TABLES):
        told("writing the dataset", number / len(TABLES))
        target.table(f"{table}.parquet", partial(write_table, dataset, table))
    if task.negatives is not None:
        drawn = partial(write_negatives, dataset, task.past.ids.numpy(), task.negatives.numpy())
        target.table(NEGATIVES, drawn)


def _stage(told: Callable[[str, float], None]) -> Callable[[int, int], None]:
    return lambda done, total: told("ranking", done / total)


def _unlisted(past: Listeners) -> list[str]:
    count = int((past.songs.lengths == 0).sum())
    return [f"{count:,} of {len(past):,} listeners have no play before the test, and no list in {TOP}"] if count else []


def _write_run(places: Places, target: Folder, card: RunCard) -> None:
    run = places.run(card.name)
    for name in (CARD, WEIGHTS, HISTORY):
        target.take(run / name, f"{RUN}/{name}")
    for path in sorted((run / METRICS).glob("*")):
        target.take(path, f"{RUN}/{METRICS}/{path.name}")


def _write_graph(
    data: Dataset, target: Folder, places: Places, card: RunCard, told: Callable[[str, float], None]
) -> list[str]:
    told("making the graph", 0.0)
    model, past = load_model(places, card, data, torch.device("cpu")), data.past("test")
    graph = make_graph(model, card.model, data)
    with tempfile.TemporaryDirectory(prefix="musicrec-") as folder:
        path = Path(folder) / ONNX
        write_onnx(graph, past, path)
        told("checking the graph", 0.5)
        apart = largest_difference(path, graph, model.scorer(data), past)
        for written in sorted(Path(folder).iterdir()):
            target.take(written, written.name)
    described = {
        "model": card.model,
        "inputs": graph.meanings,
        "outputs": {graph.output: graph.gives},
        "behaviours": ("unknown", *data.behaviour_names) if "behaviours" in graph.inputs else (),
    }
    target.text(INPUTS, to_json(described) + "\n")
    if apart is None:
        return [f"{ONNX} was not checked: pip install onnxruntime, and its scores are compared with the run's"]
    return [f"{ONNX} run by ONNX Runtime gives the scores of the run, at most {apart:.1e} apart"]


def _protocol(task: Task, data: Dataset, options: ExportOptions, target: Folder) -> dict[str, object]:
    return {
        "musicrec": version("musicrec"),
        "dataset": data.name,
        "fingerprint": data.fingerprint,
        "split": "test",
        "listeners": task.protocol.listeners,
        "held_out": len(task.held.values),
        "songs": task.protocol.songs,
        "negatives": options.negatives,
        "seed": options.seed,
        "run": options.run,
        "k": None if options.run is None else options.k,
        "rules": RULES,
        "files": target.files,
    }
