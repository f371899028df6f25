"""Mistakes and interrupts in one line, with their exit codes."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from musicrec.core.distributed import started
from musicrec.core.errors import MusicrecError, is_out_of_memory
from musicrec.core.tabular import one_line

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_CLOSED = (errno.ENAMETOOLONG, errno.EACCES)  # Path.exists and its like raise these


@contextmanager
def one_line_errors() -> Iterator[None]:
    """End with a line and an exit code where what is done here fails by a user's mistake or the machine's limits."""
    try:
        yield
        sys.stdout.flush()  # a full disk is told of now, or too late
    except MusicrecError as error:
        say(f"musicrec: {error}")
        raise SystemExit(error.exit_code) from error
    except KeyboardInterrupt as error:
        say("musicrec: interrupted")
        raise SystemExit(130) from error
    except (MemoryError, RuntimeError) as error:
        if not is_out_of_memory(error):
            raise
        say("musicrec: there is too little memory for this: choose a smaller model or batch, or close other programs")
        raise SystemExit(1) from error
    except ValueError as error:
        if "embedded null" not in str(error):
            raise
        say("musicrec: a path cannot hold a NUL character")
        raise SystemExit(2) from error
    except OSError as error:
        if error.errno in _CLOSED and error.filename is not None:
            say(f"musicrec: {error.filename} cannot be used: {error.strerror}")
            raise SystemExit(1) from error
        if error.errno not in _FULL:
            raise
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # what is still to be written is lost, and told only once
        say(f"musicrec: the answer cannot be written: {error.strerror}")
        raise SystemExit(1) from error


def say(line: str) -> None:
    """Tell a line on stderr, once."""
    if started().local == 0:  # of the processes that torchrun started on this machine one is enough
        sys.stderr.write(one_line(line) + "\n")
