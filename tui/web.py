"""The explorer in a browser: what is asked for on the command line. The server itself is imported when it is needed."""

from __future__ import annotations

import errno
import ipaddress
import os
import shlex
import sys
from collections.abc import Sequence

from musicrec.core.errors import MusicrecError, UsageError

WARNING = (
    "warning: anybody who can reach {host} port {port} can use the explorer, and write files with it; "
    "there is no password"
)


def command(arguments: Sequence[str]) -> str:
    """Return the command that runs musicrec with `arguments` by this very Python, for `serve`."""
    return shlex.join([sys.executable, "-m", "musicrec.cli", *arguments])


def is_served() -> bool:
    """Whether this process draws for a browser: then it has no terminal, and needs none."""
    return os.environ.get("TEXTUAL_DRIVER", "").startswith("textual.drivers.web_driver:")


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach an address."""
    try:
        return host == "localhost" or ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def serve(command: str, host: str = "127.0.0.1", port: int = 8000) -> None:
    """Serve `command`, which starts a Textual app, to browsers until ctrl+c; each browser has a process of its own.

    Raises UsageError where textual-serve is missing, MusicrecError where the port or the address cannot be had.
    """
    try:
        from musicrec.tui.web_server import ExplorerServer
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("musicrec"):
            raise
        raise UsageError("the browser needs textual-serve: pip install 'musicrec[web]'") from error
    if not is_loopback(host):
        print(f"musicrec: {WARNING.format(host=host, port=port)}", file=sys.stderr)  # noqa: T201
    try:
        ExplorerServer(command, host, port).serve()
    except OSError as error:
        raise MusicrecError(_why_not(error, host, port)) from error


def _why_not(error: OSError, host: str, port: int) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"port {port} of {host} is taken: choose another with --port"
    if error.errno == errno.EACCES:
        return f"port {port} of {host} needs rights that you do not have: choose one above 1023 with --port"
    return f"cannot serve on {host} port {port}: {error.strerror or error}"
