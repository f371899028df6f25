"""Mistakes and interrupts in one line, with their exit codes."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, cast

import typer
from typer.core import TyperGroup

from musicrec.core.distributed import started
from musicrec.core.errors import MusicrecError
from musicrec.core.tabular import one_line

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
# click's UsageError, wherever this typer keeps its click
_WrongUse = cast("type[typer.BadParameter]", typer.BadParameter.__mro__[1])


class OneLineErrors(TyperGroup):
    """A group whose commands tell what went wrong in one line."""

    def make_context(self, *args: Any, **extra: Any) -> Any:
        with _one_line():
            return super().make_context(*args, **extra)

    def invoke(self, ctx: Any) -> Any:
        with _one_line():
            return super().invoke(ctx)


@contextmanager
def _one_line() -> Iterator[None]:
    try:
        yield
        sys.stdout.flush()  # a full disk is told of now, or too late
    except MusicrecError as error:
        _say(f"musicrec: {error}")
        raise typer.Exit(error.exit_code) from error
    except _WrongUse as error:
        message = error.format_message().strip().rstrip(".").replace(": Value error, ", ": ")
        if "\n" in message:  # the whole help, where nothing was asked for
            raise
        command = error.ctx.command_path if error.ctx else "musicrec"
        _say(f"musicrec: {message}; see `{command} --help`")
        raise typer.Exit(2) from error
    except KeyboardInterrupt as error:
        _say("musicrec: interrupted")
        raise typer.Exit(130) from error
    except (MemoryError, RuntimeError) as error:
        if not _is_out_of_memory(error):
            raise
        _say("musicrec: there is too little memory for this: choose a smaller model or batch, or close other programs")
        raise typer.Exit(1) from error
    except OSError as error:
        if error.errno not in _FULL:
            raise
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # what is still to be written is lost, and told only once
        _say(f"musicrec: the answer cannot be written: {error.strerror}")
        raise typer.Exit(1) from error


def _is_out_of_memory(error: Exception) -> bool:
    # torch tells of memory of the machine by a RuntimeError, of a GPU's by a subclass
    return isinstance(error, MemoryError) or "allocate memory" in str(error) or "out of memory" in str(error).lower()


def _say(line: str) -> None:
    if started().local == 0:  # of the processes that torchrun started on this machine one is enough
        typer.echo(one_line(line), err=True)
