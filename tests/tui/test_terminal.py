"""What happens when the terminal goes away under the app."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
import time
from contextlib import suppress

import pytest

pty = pytest.importorskip("pty")

SCREEN = [sys.executable, "-m", "musicrec.cli", "--data=nowhere", "--checkpoints=nowhere", "tui"]
PATIENCE = 30.0  # seconds; a quiet machine needs one


def painted(terminal: int, text: bytes) -> None:
    """Read what is painted until `text` is."""
    seen, end = b"", time.monotonic() + PATIENCE
    while text not in seen:
        assert time.monotonic() < end, f"{text!r} was never painted: {seen!a}"
        if select.select([terminal], [], [], 0.1)[0]:
            seen += os.read(terminal, 65_536)


def ended(app: subprocess.Popen[bytes], terminal: int) -> int:
    """Read on until the app ends, as a terminal does: what nobody reads it waits with. Return its exit status."""
    end = time.monotonic() + PATIENCE
    while app.poll() is None:
        assert time.monotonic() < end, "the app did not end"
        if select.select([terminal], [], [], 0.1)[0]:
            with suppress(OSError):  # of a terminal that nobody has open any more
                os.read(terminal, 65_536)
    return app.returncode


def deaf() -> None:
    """Ignore what the kernel tells when the terminal goes, as nohup has it."""
    signal.signal(signal.SIGHUP, signal.SIG_IGN)


@pytest.mark.parametrize("owns", [True, False], ids=["its own", "of another session"])
def test_the_app_ends_with_its_terminal(tmp_path, owns):
    ours, theirs = pty.openpty()
    environment = {**os.environ, "MUSICREC_STATE": str(tmp_path), "MUSICREC_KEYS": "", "TERM": "xterm-256color"}
    app = subprocess.Popen(
        SCREEN,
        stdin=theirs, stdout=theirs, stderr=theirs, env=environment, preexec_fn=deaf, start_new_session=owns,
    )  # fmt: skip
    os.close(theirs)
    try:
        painted(ours, b"musicrec")
        os.close(ours)
        assert app.wait(PATIENCE) == 0
    finally:
        app.kill()
        app.wait()
    assert (tmp_path / "state.json").is_file()  # left as by its own key


@pytest.mark.parametrize("told", [signal.SIGHUP, signal.SIGTERM])
def test_a_signal_to_end_keeps_the_state(tmp_path, told):
    ours, theirs = pty.openpty()
    environment = {**os.environ, "MUSICREC_STATE": str(tmp_path), "MUSICREC_KEYS": "", "TERM": "xterm-256color"}
    app = subprocess.Popen(SCREEN, stdin=theirs, stdout=theirs, stderr=theirs, env=environment, start_new_session=True)
    os.close(theirs)
    try:
        painted(ours, b"musicrec")
        app.send_signal(told)
        assert ended(app, ours) == 128 + told
    finally:
        app.kill()
        app.wait()
        os.close(ours)
    assert (tmp_path / "state.json").is_file()
