"""What a run keeps of a measurement: figures as JSON, and beside them those of every listener as Parquet.

The JSON comes last and holds the SHA-256 of its Parquet: a pair that is none, after a kill in between, is never read.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict
from typing import TYPE_CHECKING, get_args

from musicrec.core.errors import MusicrecError, NotFound
from musicrec.core.records import Protocol, ProtocolName
from musicrec.core.run_files import open_inside, read_text
from musicrec.core.runs import METRICS, weights_mark, write_atomically

if TYPE_CHECKING:
    from pathlib import Path

    from musicrec.core.evaluation import Measurement
    from musicrec.core.places import Places
    from musicrec.core.tables.measured import Measured

HASH = "parquet_sha256"


def keep_measurement(
    places: Places, dataset: Path | None, measurement: Measurement, mark: tuple[int, int, int] | None
) -> None:
    """Write both files into the folder of the run; without a dataset file behind, the figures alone.

    `mark` is the `weights_mark` of the run from before its weights were read. Raises MusicrecError, with nothing kept,
    where the run has other weights by now.
    """
    from musicrec.core.tables.measured import to_measured

    evaluation = measurement.evaluation
    check_weights(places, evaluation.run, mark)
    stem = places.run(evaluation.run) / METRICS / evaluation.protocol.key
    figures, rows = stem.with_name(f"{stem.name}.json"), stem.with_name(f"{stem.name}.parquet")
    told = asdict(evaluation)
    if dataset is not None:
        found = (measurement.lists, measurement.owner, measurement.held, measurement.ranks)
        parquet = to_measured(dataset, measurement.listeners, measurement.columns, *found)
        told[HASH] = hashlib.sha256(parquet).hexdigest()
        write_atomically(rows, parquet)
    write_atomically(figures, (json.dumps(told, indent=2) + "\n").encode())
    try:
        check_weights(places, evaluation.run, mark)  # they may have changed while this was written
    except MusicrecError:
        figures.unlink(missing_ok=True)
        rows.unlink(missing_ok=True)
        raise


def check_weights(places: Places, run: str, mark: tuple[int, int, int] | None) -> None:
    """Raise MusicrecError unless the run has the weights that `mark` is of."""
    if mark is None or weights_mark(places, run) != mark:
        raise MusicrecError(
            f"the weights of run {run} changed while it was measured, none of its figures are kept: "
            f"measure it again with `musicrec evaluate {run}`"
        )


def read_measurement(places: Places, run: str, protocol: Protocol | str) -> Measured:
    """Read what was measured of every listener; `protocol` is one or its key, such as `test-full`.

    Raises NotFound where the run was not measured so, MusicrecError where the file is damaged.
    """
    from musicrec.core.tables.measured import read_measured

    key = protocol.key if isinstance(protocol, Protocol) else protocol
    path = places.run(run) / METRICS / f"{key}.parquet"
    expected = _hash_of(path.with_suffix(".json"), places.run(run))
    if expected is not None and expected == _hashed(path, places.run(run)):
        return read_measured(path)
    asked = f"musicrec evaluate {run} {_options(protocol)}".strip()
    raise NotFound(f"run {run} has no figures of each listener under {key}: measure it with `{asked}`")


def _hash_of(figures: Path, folder: Path) -> str | None:
    # What the JSON tells of its Parquet; None where nothing does
    try:
        told = json.loads(read_text(figures, folder))
    except (OSError, ValueError, RecursionError):
        return None
    found = told.get(HASH) if isinstance(told, dict) else None
    return found if isinstance(found, str) else None


def _hashed(path: Path, folder: Path) -> str | None:
    try:
        with open_inside(path, folder) as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return None


def _options(protocol: Protocol | str) -> str:
    if isinstance(protocol, Protocol):
        return protocol.options
    rest = protocol.partition("-")[2]
    name = next((each for each in get_args(ProtocolName) if f"{rest}-".startswith(f"{each}-")), "full")
    return "" if name == "full" else f"--protocol {name}"
