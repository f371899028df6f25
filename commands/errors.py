"""Mistakes in the use of commands in one line, with their exit codes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, cast

import typer
from typer.core import TyperCommand, TyperGroup

from musicrec.commands.one_line import one_line_errors, say
from musicrec.core.errors import UsageError

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

    def parse_args(self, ctx: Any, args: list[str]) -> Any:
        _refuse_empty(self, ctx, args)
        return super().parse_args(ctx, args)


class NothingEmpty(TyperCommand):
    """A command whose options and arguments say something, where they are given; only a query may be empty."""

    def parse_args(self, ctx: Any, args: list[str]) -> Any:
        _refuse_empty(self, ctx, args)
        return super().parse_args(ctx, args)


def _refuse_empty(command: Any, ctx: Any, args: list[str]) -> None:
    # Before values are converted: an empty path would be this folder
    given, *_ = command.make_parser(ctx).parse_args(args=list(args))
    for parameter in command.get_params(ctx):
        value = given.get(parameter.name)
        if parameter.name != "query" and "" in (value if isinstance(value, list | tuple) else [value]):
            is_option = parameter.opts[0].startswith("-")
            name = parameter.opts[0] if is_option else parameter.metavar or parameter.name.upper()
            raise UsageError(f"{name} is empty: give a value{', or leave it out' if is_option else ''}")


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
