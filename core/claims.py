"""Who trains which run: two trainings never write into one folder."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from musicrec.core.distributed import current
from musicrec.core.errors import MusicrecError, UsageError
from musicrec.core.holding import Hold, hold
from musicrec.core.places import Places
from musicrec.core.runs import CARD, HISTORY, TRAINING, WEIGHTS, check_name, free_name


@contextmanager
def claimed(places: Places, run: str | None, stem: str) -> Iterator[str]:
    """Keep a new run for this process while it is trained: one called `run`, else `stem-1` or the next that is free.

    Gives its name. Of processes that train together the first one holds it for all. Raises UsageError for a name that
    is taken, or that another process trains under; MusicrecError where nothing can be written.
    """
    name = check_name(run) if run else free_name(places, stem)
    if not current().leads:
        yield name
        return
    held = _hold(places.run(name))
    while held is None and not run:  # somebody else was faster with this one
        name = free_name(places, stem)
        held = _hold(places.run(name))
    if held is None:
        raise UsageError(f"another process trains a run called {name} just now: choose another --name")
    try:
        folder = places.run(name)
        if (folder / CARD).is_file():
            raise UsageError(f"run {name} exists already: choose another --name, or go on with it by --resume {name}")
        if _taken(folder):
            raise UsageError(f"{folder} has files of something else than a run, such as a sweep: choose another --name")
        yield name
    finally:
        with suppress(OSError):
            places.run(name).rmdir()  # where nothing came of it
        held.release()


@contextmanager
def reclaimed(places: Places, run: str) -> Iterator[None]:
    """Keep a run that is there for this process while it goes on with it. Raises as `claimed` does."""
    held = _hold(places.run(run)) if current().leads else Hold(None)
    if held is None:
        raise UsageError(f"another process trains run {run} just now: wait until it ends, or stop it")
    try:
        yield
    finally:
        held.release()


def _hold(folder: Path) -> Hold | None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        return hold(folder)
    except FileExistsError as error:
        raise UsageError(f"{folder} is a file: choose another --name") from error
    except FileNotFoundError:  # removed between the two
        return None
    except OSError as error:
        raise MusicrecError(f"cannot write to {folder}: {error.strerror or error}") from error


def _taken(folder: Path) -> bool:
    # What a training that was killed while it first saved has left is no run, and in nobody's way
    left = {TRAINING, WEIGHTS, HISTORY}
    names = {path.name for path in folder.glob("[!.]*")}
    return CARD in names or not names <= left
