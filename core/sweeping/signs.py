"""How the processes of a sweep know of one another which are alive, on one machine and on several."""

from __future__ import annotations

import platform
import re
import time
import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import optuna
    from optuna.trial import FrozenTrial

SILENT = 300.0  # seconds without a sign of life after which a process on another machine is taken to be gone
_BEAT = 30.0
FIRST = 5.0  # seconds within which a process that has taken a trial gives the first one
_UNSIGNED = 86_400.0  # the same for one that went before its first sign: clocks of two machines may be in two zones
_LOCK = re.compile(r"[0-9a-f]{32}\.lock")


class SignsOfLife:
    """Those that this process gives, and whether others still give theirs.

    A process holds a lock in `folder` that ends with it, however that ends: those of the same machine and folder try
    it. Others go by the time that `beating` writes. A storage may be anybody's: of a lock it tells only the name.
    """

    def __init__(self, folder: Path) -> None:
        from filelock import FileLock

        self._file = folder / f"{uuid.uuid4().hex}.lock"
        folder.mkdir(parents=True, exist_ok=True)
        self.lock = FileLock(self._file)
        self.lock.acquire()

    def close(self) -> None:
        """Give them no more."""
        self.lock.release()
        self._file.unlink(missing_ok=True)

    def begin(self, trial: optuna.Trial) -> None:
        """Say with a trial that this process trains it."""
        told = {"worker": self._file.name, "host": platform.node(), "alive": time.time()}
        for name, value in told.items():
            trial.set_user_attr(name, value)

    def unsigned(self, trial: FrozenTrial) -> bool:
        """Say whether whoever took this trial gave no sign yet, and may be of this machine."""
        return "alive" not in trial.user_attrs and trial.user_attrs.get("host") in (None, platform.node())

    def deaths(self, trials: Iterable[FrozenTrial]) -> bool:
        """Say whether a process ended here without giving up, other than those that gave signs with these trials."""
        from filelock import FileLock, Timeout

        known = {self._file} | {self._lock_of(each) for each in trials if not self.unsigned(each)}
        for lock in self._file.parent.glob("*.lock"):
            if lock not in known:
                try:
                    with FileLock(lock, blocking=False):
                        return True
                except Timeout:
                    continue
        return False

    def gone(self, trial: FrozenTrial) -> bool:
        """Say whether the process that trained this trial is there no more."""
        from filelock import FileLock, Timeout

        told = trial.user_attrs
        lock = self._lock_of(trial)
        if told.get("host") == platform.node() and lock is not None and lock.is_file():
            if lock == self._file:
                return False
            try:
                with FileLock(lock, blocking=False):
                    return True
            except Timeout:
                return False
        if "alive" in told:
            return time.time() - float(told["alive"]) > SILENT
        return trial.datetime_start is not None and time.time() - trial.datetime_start.timestamp() > _UNSIGNED

    def clear(self, trial: FrozenTrial) -> None:
        """Remove what the process that is gone has left."""
        if (lock := self._lock_of(trial)) is not None:
            lock.unlink(missing_ok=True)

    def _lock_of(self, trial: FrozenTrial) -> Path | None:
        name = Path(str(trial.user_attrs.get("worker"))).name
        return self._file.parent / name if _LOCK.fullmatch(name) else None


@contextmanager
def beating(trial: optuna.Trial) -> Iterator[None]:
    """Write the time beside a trial meanwhile, again and again."""
    over = Event()
    thread = Thread(target=_beat, args=(trial, over), daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def _beat(trial: optuna.Trial, over: Event) -> None:
    from optuna.exceptions import StorageInternalError, UpdateFinishedTrialError

    while not over.wait(_BEAT):
        try:
            trial.set_user_attr("alive", time.time())
        except UpdateFinishedTrialError:  # somebody took it for gone
            return
        except StorageInternalError:  # the next one may come through
            continue
