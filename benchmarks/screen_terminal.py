"""A pseudo-terminal that remembers when each byte was painted."""

from __future__ import annotations

import bisect
import fcntl
import os
import pty
import re
import struct
import subprocess
import tempfile
import termios
import threading
import time
from collections.abc import Sequence
from pathlib import Path

COLUMNS, LINES = 120, 40

# What would change the terminal, or have every start compile the program anew, which no installed one does
NOT_OURS = ("TEXTUAL", "COLUMNS", "LINES", "PYTHONDONTWRITEBYTECODE")


class Terminal:
    """Runs a program in a pseudo-terminal of 120 by 40 cells.

    What the program paints is kept as it came, with the time of every read: `time.monotonic`, which all processes of a
    machine share. Nothing is drawn while the program is measured. A text that the program writes in one style and one
    row stands in the bytes as it is, so finding it needs no emulator.
    """

    def __init__(self, command: Sequence[str | Path]) -> None:
        self._ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", LINES, COLUMNS, 0, 0))
        self.painted = bytearray()
        self._ends: list[int] = []
        self._times: list[float] = []
        self._news = threading.Condition()
        self.started = time.monotonic()
        self._process = subprocess.Popen(
            command, stdin=theirs, stdout=theirs, stderr=theirs, env=_environment(), start_new_session=True
        )
        os.close(theirs)
        threading.Thread(target=self._read, daemon=True).start()

    def send(self, keys: str) -> float:
        """Press keys; return when."""
        now = time.monotonic()
        os.write(self._ours, keys.encode())
        return now

    def wait(self, text: str, after: int = 0, seconds: float = 60.0) -> float:
        """Wait for a regular expression in what was painted from byte `after` on; return when it was painted."""
        pattern = re.compile(text.encode())
        deadline = time.monotonic() + seconds
        with self._news:
            while (found := pattern.search(self.painted, after)) is None:
                left = deadline - time.monotonic()
                if left <= 0 or not self._news.wait(left):
                    raise TimeoutError(f"{text!r} was not painted in {seconds:.0f} s")
            return self.when(found.end())

    def all(self, text: str, after: int = 0) -> list[tuple[str, float]]:
        """Return every match of a regular expression with the time when it was painted."""
        with self._news:
            found = re.finditer(text.encode(), self.painted[after:])
            return [(match[0].decode(), self.when(after + match.end())) for match in found]

    def when(self, end: int) -> float:
        """Return when the first `end` bytes had been painted."""
        return self._times[bisect.bisect_left(self._ends, end)]

    def peak_megabytes(self) -> float:
        """Return the most memory that the program held at once."""
        return peak_megabytes(self._process.pid)

    def quit(self, keys: str = "q", seconds: float = 60.0) -> None:
        """Leave the program with its own key; end it where that does not help."""
        self.send(keys)
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        os.close(self._ours)

    def _read(self) -> None:
        while True:
            try:
                chunk = os.read(self._ours, 65536)
            except OSError:  # the program has ended
                return
            now = time.monotonic()
            with self._news:
                self.painted += chunk
                self._ends.append(len(self.painted))
                self._times.append(now)
                self._news.notify_all()


def peak_megabytes(pid: int | str = "self") -> float:
    """Return the most memory that a process held at once (VmHWM, Linux only)."""
    status = Path(f"/proc/{pid}/status").read_text("utf-8")
    found = re.search(r"VmHWM:\s+(\d+) kB", status)
    return int(found[1]) / 1024 if found else float("nan")


def _environment() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(NOT_OURS)}
    # Every session is the first one: it begins at the top of the list, whatever the sessions before it left
    return kept | {"TERM": "xterm-256color", "PYTHONUTF8": "1", "MUSICREC_STATE": tempfile.mkdtemp()}
