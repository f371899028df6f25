"""The errors that a person can cause or mend: one line each, naming the thing and the remedy."""

from __future__ import annotations


class MusicrecError(Exception):
    """Something failed for a reason that one line can tell; the command line prints it and exits with `exit_code`."""

    exit_code = 1


class UsageError(MusicrecError):
    """The command was called with something that it cannot take."""

    exit_code = 2


class ImportFailed(MusicrecError):
    """Files could not become a dataset; no dataset was made or changed."""


class NotFound(MusicrecError):
    """A dataset, run, listener or song with this name or id does not exist."""


class WrongDataset(MusicrecError):
    """A run met another dataset than the one it was trained on."""


class Interrupted(MusicrecError):
    """A question was called off: the dataset was closed before it was answered."""


def is_out_of_memory(error: BaseException) -> bool:
    """Say whether the machine or its GPU had too little memory, which torch tells by a RuntimeError."""
    told = str(error).lower() if isinstance(error, RuntimeError) else ""
    signs = ("allocate memory", "out of memory", "size calculation overflowed")  # the last of more than 2^63 bytes
    return isinstance(error, MemoryError) or any(sign in told for sign in signs)
