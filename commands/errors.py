"""Mistakes in the use of commands in one line, with their exit codes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, cast

import typer
from typer.core import TyperGroup

from musicrec.commands.one_line import one_line_errors, say

# click's UsageError, wherever this typer keeps its click
_WrongUse = cast("type[typer.BadParameter]", typer.BadParameter.__mro__[1])


class OneLineErrors(TyperGroup):
    """A group whose commands tell what went wrong in one line."""

    def make_context(self, *args: Any, **extra: Any) -> Any:
        with _wrong_use(), one_line_errors():
            return super().make_context(*args, **extra)

    def invoke(self, ctx: Any) -> Any:
        with _wrong_use(), one_line_errors():
            return super().invoke(ctx)


@contextmanager
def _wrong_use() -> Iterator[None]:
    try:
        yield
    except _WrongUse as error:
        message = error.format_message().strip().rstrip(".").replace(": Value error, ", ": ")
        if "\n" in message:  # the whole help, where nothing was asked for
            raise
        command = error.ctx.command_path if error.ctx else "musicrec"
        say(f"musicrec: {message}; see `{command} --help`")
        raise typer.Exit(2) from error
