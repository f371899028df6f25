"""Processes that are forked, and killed by the clock or just before a step on the disk."""

from __future__ import annotations

import os
import signal
import sys
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

STEPS = ("open", "os.rename", "os.link", "os.remove", "os.mkdir", "os.rmdir", "shutil.copyfile")


@dataclass
class Ended:
    """How a forked command ended: its exit status (negative for a signal), seconds, steps on the disk and words."""

    status: int
    seconds: float
    steps: int
    said: str


def forked(root: Path, work: Callable[[], int], kill_at: float | None = None, kill_step: int | None = None) -> Ended:
    """Do `work` in a process of its own; kill it after so many seconds, or before so many steps on the disk."""
    said, counted = root / ".said", root / ".steps"
    counted.unlink(missing_ok=True)
    started = time.monotonic()
    child = os.fork()
    if child == 0:
        status = 70
        try:
            os.chdir(root)
            with said.open("wb") as file:
                os.dup2(file.fileno(), 1)
                os.dup2(file.fileno(), 2)
            count = _count_steps(str(root), kill_step)
            status = work()
            sys.stdout.flush()
            sys.stderr.flush()
            counted.write_text(str(count[0]))
        except BaseException:  # noqa: BLE001 - nothing may leave a fork but its status
            os.write(2, traceback.format_exc().encode())
        finally:
            os._exit(status)
    status = _waited(child, None if kill_at is None else started + kill_at)
    seconds = time.monotonic() - started
    steps = int(counted.read_text()) if counted.is_file() else 0
    return Ended(status, seconds, steps, said.read_text(errors="replace") if said.is_file() else "")


def _waited(child: int, end: float | None) -> int:
    while True:
        if end is not None and time.monotonic() >= end:
            os.kill(child, signal.SIGKILL)
            end = None
        done, status = os.waitpid(child, 0 if end is None else os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.002)


def _count_steps(root: str, kill_step: int | None) -> list[int]:
    count = [0]

    def step(event: str, arguments: tuple[object, ...]) -> None:
        if event not in STEPS or not arguments:
            return
        if event == "open" and not (isinstance(arguments[2], int) and arguments[2] & (os.O_WRONLY | os.O_RDWR)):
            return
        path = os.fsdecode(arguments[0]) if isinstance(arguments[0], str | bytes | os.PathLike) else ""
        if path.startswith("/") and not path.startswith(root):
            return
        count[0] += 1
        if count[0] == kill_step:
            os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(step)
    return count
