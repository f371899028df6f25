"""ONNX files, written by torch and checked by ONNX Runtime where it is installed."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from importlib.util import find_spec
from io import StringIO
from typing import TYPE_CHECKING

import torch

from musicrec.core.dataset import Listeners, take
from musicrec.core.errors import MusicrecError
from musicrec.core.onnx_graphs import Graph, inputs_of

if TYPE_CHECKING:
    from pathlib import Path

    from musicrec.core.models.base import Scorer

_LONGEST = 1 << 40  # of a dimension: torch 2.6 takes none that has no end
_LARGEST = 1_500_000_000  # bytes of weights in one file: its format ends at 2 GB
_CHECKED = 16  # listeners whose scores are compared
_APART = 1e-4  # of a score, or of 1 where that is more: what sums in another order may differ by, and far more


def check_installed() -> None:
    """Raise MusicrecError, naming what to install, where torch lacks what it writes ONNX with."""
    if missing := [name for name in ("onnx", "onnxscript") if find_spec(name) is None]:
        raise MusicrecError(f"ONNX files need the package {missing[0]}: pip install 'musicrec[onnx]'")


def write_onnx(graph: Graph, past: Listeners, path: Path) -> None:
    """Write the graph for batches and histories of any length; it is traced with some listeners of `past`.

    Weights of more than 1.5 GB go into a second file beside it, which has its name and `.data`.
    """
    inputs = inputs_of(graph, take(past, torch.tensor([0, len(past) - 1])), torch.tensor([0, 0]))
    dims = [torch.export.Dim("batch", max=_LONGEST), torch.export.Dim("plays", max=_LONGEST)]
    shapes = tuple(dict(zip(range(value.dim()), dims, strict=False)) for value in inputs.values())
    size = sum(each.numel() * each.element_size() for each in graph.module.state_dict().values())
    with _quiet():
        program = torch.onnx.export(
            graph.module,
            tuple(inputs.values()),
            dynamo=True,
            input_names=list(inputs),
            output_names=[graph.output],
            dynamic_shapes=shapes,
            verbose=False,
        )
        assert program is not None
        program.save(path, external_data=size > _LARGEST)


def largest_difference(path: Path, graph: Graph, scorer: Scorer, past: Listeners) -> float | None:
    """Run the file by ONNX Runtime on some listeners and return by how much its scores differ most from the model's.

    A difference counts as a part of the score where that is above 1. None where ONNX Runtime is not installed. Raises
    MusicrecError where the file does not give the scores of the model.
    """
    if find_spec("onnxruntime") is None:
        return None
    from onnxruntime import InferenceSession

    session = InferenceSession(str(path), providers=["CPUExecutionProvider"])
    state = take(past, torch.linspace(0, len(past) - 1, min(_CHECKED, len(past))).long())
    expected = scorer.scores(state)
    songs = torch.linspace(0, expected.shape[1] - 1, len(state)).long()
    if graph.output == "logit":
        expected = expected.gather(1, songs[:, None]).squeeze(1)
    taken = {each.name for each in session.get_inputs()}
    inputs = {name: each.numpy() for name, each in inputs_of(graph, state, songs).items() if name in taken}
    found = torch.from_numpy(session.run([graph.output], inputs)[0])
    apart = float(((found - expected).abs() / expected.abs().clamp(min=1)).max())
    if not apart <= _APART:
        raise MusicrecError(
            f"{path.name} gives other scores than the model, {apart:.2g} apart: it is not kept; leave out --onnx"
        )
    return apart


@contextmanager
def _quiet() -> Iterator[None]:
    # torch tells of its own ways: packages that it could use, functions that it will rename, what it does not fold
    loggers = [logging.getLogger(name) for name in ("torch.onnx", "onnxscript")]
    levels = [logger.level for logger in loggers]
    try:
        for logger in loggers:
            logger.setLevel(logging.ERROR)
        with warnings.catch_warnings(), redirect_stdout(StringIO()):
            warnings.simplefilter("ignore")
            yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)
