"""Where the trials of a sweep are kept: a journal in its folder, or the database that an Optuna URL names."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from musicrec.core.errors import MusicrecError, NotFound, UsageError
from musicrec.core.runs import write_atomically
from musicrec.core.sweeping.plan import Plan, difference, read_plan

if TYPE_CHECKING:
    import optuna

SPACE, JOURNAL = "space.json", "journal.log"
_PASSWORD = re.compile(r"(?<=:)(/{0,2}[^:/]*):[^@]*(?:@[^/?]*)*(?=@)")  # SQLAlchemy takes : and / in one
_IN_QUERY = re.compile(r"([?&](?:\w*pass\w*|pwd|odbc_connect)=)[^&]*", re.IGNORECASE)


def open_study(
    folder: Path, name: str, plan: Plan | None, storage: str | None = None, prune: bool = False
) -> tuple[optuna.Study, Plan]:
    """Open the study of the sweep called `name`, or begin one; the plan is the one that all processes agreed on.

    Without a `plan` the sweep must be there; a plan of more trainings makes it longer. `storage` is an Optuna URL for
    machines without a folder in common. Raises UsageError where the sweep that is there has another plan, NotFound
    where there is none, MusicrecError where Optuna is missing or the storage cannot be opened.
    """
    library = _optuna()
    if plan is None and not (folder / SPACE).is_file():
        raise NotFound(f"no sweep is called {name!r} in {folder.parent}: begin one with `musicrec sweep`")
    with locked(folder, "study"):
        kept = _kept(folder)
        if kept.get("storage") and storage is None:
            raise UsageError(f"sweep {name} is in {kept['storage']}: name it by --storage")
        _mend_journal(folder / JOURNAL)
        study = _study(library, folder, name, storage, prune)
        agreed = _agreed(study, name, plan)
        told = asdict(agreed) | ({"storage": _hidden(storage)} if storage else {})
        if kept != told:
            write_atomically(folder / SPACE, (json.dumps(told, ensure_ascii=False, indent=2) + "\n").encode())
    return study, agreed


@contextmanager
def locked(folder: Path, what: str) -> Iterator[None]:
    """Keep other processes with the same folder from the same thing meanwhile."""
    from filelock import FileLock

    try:
        folder.mkdir(parents=True, exist_ok=True)
        with FileLock(folder / f".{what}.lock"):
            yield
    except (PermissionError, NotADirectoryError) as error:
        raise MusicrecError(f"cannot write to {folder}: {error.strerror or error}") from error


def _optuna() -> Any:
    try:
        import filelock  # noqa: F401
        import optuna
    except ModuleNotFoundError as error:
        raise MusicrecError("a sweep needs Optuna: pip install 'musicrec[sweep]'") from error
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    return optuna


def _study(library: Any, folder: Path, name: str, storage: str | None, prune: bool) -> optuna.Study:
    from sqlalchemy.exc import SQLAlchemyError

    pruner = library.pruners.MedianPruner(n_warmup_steps=2) if prune else library.pruners.NopPruner()
    try:
        kept_in = storage or library.storages.JournalStorage(_journal(folder))
        study: optuna.Study = library.create_study(
            storage=kept_in, study_name=name, direction="maximize", pruner=pruner, load_if_exists=True
        )
        return study
    except (ImportError, ValueError, OSError, SQLAlchemyError, library.exceptions.OptunaError) as error:
        where = _hidden(storage) if storage else str(folder / JOURNAL)
        first = (str(error).splitlines() or [type(error).__name__])[0]
        raise MusicrecError(f"the storage {where} cannot be opened: {first}") from error


def _mend_journal(path: Path) -> None:
    # A full disk may have cut the last line short: whatever came after it would be read as a part of it
    from filelock import FileLock

    if not path.is_file():
        return
    try:
        with FileLock(path.with_name(f"{path.name}.lock"), poll_interval=0.005), path.open("rb+") as file:
            content = file.read()
            if content and not content.endswith(b"\n"):
                file.truncate(content.rfind(b"\n") + 1)
    except OSError:  # it cannot be written to: its own storage says so
        return


def _journal(folder: Path) -> Any:
    from filelock import FileLock
    from optuna.storages.journal import JournalFileBackend, JournalFileOpenLock

    class KernelLock(JournalFileOpenLock):
        """A lock that ends with its process, however that ends; Optuna's own stand for 30 seconds after a kill."""

        def __init__(self) -> None:
            self._held = FileLock(folder / f"{JOURNAL}.lock", poll_interval=0.005)

        def acquire(self) -> bool:
            self._held.acquire()
            return True

        def release(self) -> None:
            self._held.release()

    return JournalFileBackend(str(folder / JOURNAL), lock_obj=KernelLock())


def _agreed(study: optuna.Study, name: str, plan: Plan | None) -> Plan:
    told = study.user_attrs.get("plan")
    if told is None:
        if plan is None:
            raise MusicrecError(f"the storage of sweep {name} is empty: begin another sweep")
        study.set_user_attr("plan", plan.to_json())
        told = study.user_attrs["plan"]  # another machine may have been as fast
    there = read_plan(told)
    if plan is None:
        return there
    if (unlike := difference(there, plan)) is not None:
        raise UsageError(f"sweep {name} is there with {unlike}: choose another --name")
    if plan.trials > there.trials:
        study.set_user_attr("plan", plan.to_json())
        return plan
    return there


def _hidden(url: str) -> str:
    """Return a storage's URL without its password."""
    return _IN_QUERY.sub(r"\1***", _PASSWORD.sub(r"\1:***", url))


def _kept(folder: Path) -> dict[str, Any]:
    try:
        found = json.loads((folder / SPACE).read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
