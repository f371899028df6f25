"""What commands that were killed have left in the folders of datasets and runs: found, and on demand removed."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from musicrec.core.errors import MusicrecError
from musicrec.core.holding import hold, is_left
from musicrec.core.places import Places
from musicrec.core.run_files import own_folder
from musicrec.core.runs import CARD, HISTORY, METRICS, TRAINING, WEIGHTS
from musicrec.core.tables.scratch import left_scratch

_TEMPORARY = re.compile(r"\..+\.[0-9a-f]{8}")
_MARK = "sweep.json"  # that a run is of a sweep


@dataclass(frozen=True, slots=True)
class Leftover:
    """One of them: where it is, and what it was to become."""

    path: Path
    what: str


def leftovers(places: Places) -> tuple[Leftover, ...]:
    """Find what no process works on any more: half an import, half a file of a run, a run without a card."""
    imports = (Leftover(path, "an import that was not finished") for path in left_scratch(places.data))
    return (*imports, *_of_runs(places.checkpoints))


def sweep(places: Places) -> tuple[Leftover, ...]:
    """Remove them; returns what was removed. Raises MusicrecError where it cannot be."""
    found = leftovers(places)
    return tuple(each for each in found if _removed(each.path))


def _of_runs(checkpoints: Path) -> Iterator[Leftover]:
    for folder in _listed(checkpoints):
        if not own_folder(folder) or not is_left(folder):
            continue
        if not folder.name.startswith(".") and _is_no_run(folder):
            yield Leftover(folder, "a training that was not saved")
            continue
        for path in (*_listed(folder), *(_listed(folder / METRICS) if own_folder(folder / METRICS) else ())):
            if _TEMPORARY.fullmatch(path.name) and path.is_file() and not path.is_symlink() and is_left(path):
                yield Leftover(path, "a file that was not finished")


def _is_no_run(folder: Path) -> bool:
    # Whatever else lies there is not of a training, and so not ours to remove
    known = {TRAINING, WEIGHTS, HISTORY, _MARK}
    paths = _listed(folder)
    return not any(path.name == CARD for path in paths) and all(
        path.is_file() and not path.is_symlink() and (path.name in known or _TEMPORARY.fullmatch(path.name))
        for path in paths
    )


def _listed(folder: Path) -> list[Path]:
    try:
        return sorted(folder.iterdir())
    except OSError:
        return []


def _removed(path: Path) -> bool:
    try:
        if (held := hold(path)) is None:
            return False
        try:
            shutil.rmtree(path) if path.is_dir() else path.unlink()
        finally:
            held.release()
    except FileNotFoundError:
        return False
    except OSError as error:
        raise MusicrecError(f"cannot remove {path}: {error.strerror or error}") from error
    return True
