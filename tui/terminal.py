"""The driver of a real terminal, which notices when the terminal is gone."""

from __future__ import annotations

import asyncio
import select
import signal
import sys
from io import BufferedWriter, FileIO, TextIOWrapper
from threading import Thread

from textual.app import App
from textual.drivers.linux_driver import LinuxDriver


class Lenient(TextIOWrapper):
    """Writes to a terminal as long as it is there: what is painted for nobody is lost."""

    def write(self, text: str) -> int:
        """Write `text`."""
        try:
            return super().write(text)
        except OSError:
            return len(text)

    def flush(self) -> None:
        """Write what is still held back."""
        try:
            super().flush()
        except OSError:
            return


class TerminalDriver(LinuxDriver):
    """Ends the app when its terminal hangs up, and when it is told to end (SIGTERM).

    The kernel tells the processes of a terminal with SIGHUP, unless they ignore it (`nohup`) or the terminal is not
    theirs. The driver would then read the end of its input again and again, and its writer would die of the first
    error with the event loop waiting for it.
    """

    def __init__(
        self, app: App[object], *, debug: bool = False, mouse: bool = True, size: tuple[int, int] | None = None
    ) -> None:
        super().__init__(app, debug=debug, mouse=mouse, size=size)
        if (screen := sys.__stderr__) is not None:
            raw = FileIO(screen.fileno(), "w", closefd=False)
            self._file = Lenient(BufferedWriter(raw), screen.encoding, screen.errors)
        for number in (signal.SIGHUP, signal.SIGTERM):
            if signal.getsignal(number) == signal.SIG_DFL:  # nohup ignores the first
                asyncio.get_running_loop().add_signal_handler(number, self._leave, 128 + number)
        Thread(target=self._wait_for_the_end, name="terminal-end", daemon=True).start()

    def _leave(self, status: int) -> None:
        self._app.exit(return_code=status)  # as by its own key: what is to be kept is kept

    def _wait_for_the_end(self) -> None:
        poll = select.poll()
        poll.register(self.fileno, 0)  # nothing but the end, which is always told
        poll.poll()
        self.exit_event.set()  # ends the input thread
        self._app.call_later(self._app.exit)
