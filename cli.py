"""The command line of musicrec: the commands, and a shorter way to the screen."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from io import TextIOWrapper
from pathlib import Path

WHERE = {"data": "MUSICREC_DATA", "checkpoints": "MUSICREC_CHECKPOINTS"}
OF_SCREEN = ("dataset", "run", "listener", "theme", "keys")


def main() -> None:
    """Run the command line."""
    _open_what_is_closed()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):  # a title in letters that a terminal lacks ends no command
            stream.reconfigure(errors="backslashreplace")
    if (asked := _only_screen(sys.argv[1:])) is None or not _open_screen(asked):
        from musicrec.commands.app import app

        app(prog_name="musicrec")


def _open_what_is_closed() -> None:
    # A stream that the shell has closed (`>&-`) leads nowhere; else its number would be that of the next file opened
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: PTH123, SIM115


def _only_screen(words: Sequence[str]) -> dict[str, str] | None:
    """Return the options of a plain `musicrec tui`, None for all that only the commands themselves can understand.

    Reading them here saves the import of Typer and its validation, a third of the time to the first picture.
    """
    asked: dict[str, str] = {}
    known: tuple[str, ...] = tuple(WHERE)
    rest = list(words)
    while rest:
        word = rest.pop(0)
        if word == "tui" and known is not OF_SCREEN:
            known = OF_SCREEN
            continue
        name, equals, value = word.partition("=")
        if not equals and rest:
            value = rest.pop(0)
        if not name.startswith("--") or name[2:] not in known or not value or value.startswith("-"):
            return None
        asked[name[2:]] = value
    return asked if known is OF_SCREEN else None


def _open_screen(asked: dict[str, str]) -> bool:
    from musicrec.commands.one_line import one_line_errors
    from musicrec.commands.opening import at_terminal, open_screen
    from musicrec.core.places import Places, at_home

    if not at_terminal():
        return False
    with one_line_errors():
        data, checkpoints = (asked.get(name) or os.environ.get(variable) for name, variable in WHERE.items())
        where = Places.find(Path(data) if data else None, Path(checkpoints) if checkpoints else None)
        dataset, run, listener, theme, keys = (asked.get(name) for name in OF_SCREEN)
        open_screen(where, dataset, run, listener, theme, at_home(Path(keys)) if keys else None)
    return True


if __name__ == "__main__":
    main()
