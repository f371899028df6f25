"""What a run keeps of a measurement: figures as JSON, and beside them those of every listener as Parquet."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING

from musicrec.core.errors import NotFound
from musicrec.core.records import Protocol
from musicrec.core.runs import METRICS, write_atomically

if TYPE_CHECKING:
    from pathlib import Path

    from musicrec.core.evaluation import Measurement
    from musicrec.core.places import Places
    from musicrec.core.tables.measured import Measured


def keep_measurement(places: Places, dataset: Path | None, measurement: Measurement) -> None:
    """Write both files into the folder of the run; without a dataset file behind, the figures alone."""
    from musicrec.core.tables.measured import to_measured

    evaluation = measurement.evaluation
    stem = places.run(evaluation.run) / METRICS / evaluation.protocol.key
    if dataset is not None:
        found = (measurement.lists, measurement.owner, measurement.held, measurement.ranks)
        parquet = to_measured(dataset, measurement.listeners, measurement.columns, *found)
        write_atomically(stem.with_name(f"{stem.name}.parquet"), parquet)
    content = (json.dumps(asdict(evaluation), indent=2) + "\n").encode()
    write_atomically(stem.with_name(f"{stem.name}.json"), content)


def read_measurement(places: Places, run: str, protocol: Protocol | str) -> Measured:
    """Read what was measured of every listener; `protocol` is one or its key, such as `test-full`.

    Raises NotFound where the run was not measured so, MusicrecError where the file is damaged.
    """
    from musicrec.core.tables.measured import read_measured

    key = protocol.key if isinstance(protocol, Protocol) else protocol
    path = places.run(run) / METRICS / f"{key}.parquet"
    if not path.is_file():
        name = key.partition("-")[2].partition("-first-")[0]
        asked = f"musicrec evaluate {run}" + ("" if name == "full" else f" --protocol {name}")
        raise NotFound(f"run {run} has no figures of each listener under {key}: measure it with `{asked}`")
    return read_measured(path)
