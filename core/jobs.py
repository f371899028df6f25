"""A training as a process of its own, for the screen: it reports, can be called off, and outlives who started it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import IO

from musicrec.core.errors import MusicrecError
from musicrec.core.places import Places
from musicrec.core.records import RunCard
from musicrec.core.runs import read_card
from musicrec.core.watch import Epoch, Step

_OURS, _SEE = "musicrec: ", "; see `musicrec "  # the command line's one line, and its hint for those who type
_CANCELLED = "cancelled before the first pass was done: nothing is kept"


@dataclass(frozen=True, slots=True)
class Finished:
    """The training ended and left a run; one that was cancelled has status `interrupted`."""

    card: RunCard


@dataclass(frozen=True, slots=True)
class Failed:
    """The training ended and left nothing, and why, in one line."""

    message: str


class TrainingJob:
    """`musicrec train --json` in a session of its own, so that the terminal's Ctrl-C does not reach it.

    One thread must read `events`; the process waits where nobody does. When the reader goes away with its program, the
    training goes on to its end and keeps its run.
    """

    def __init__(self, places: Places, process: subprocess.Popen[str], errors: IO[bytes]) -> None:
        self._places, self._process, self._errors = places, process, errors
        self._cancelled = False

    @classmethod
    def start(
        cls,
        places: Places,
        model: str,
        dataset: str,
        preset: str,
        parameters: Mapping[str, str],
        name: str | None = None,
    ) -> TrainingJob:
        """Begin. `parameters` has values as one would type them, by field name; `name` is the run's, or a free one.

        What is wrong with any of these is the message of the Failed that `events` ends with. Raises MusicrecError where
        no process can be started.
        """
        where = ["--data", str(places.data), "--checkpoints", str(places.checkpoints)]
        what = ["train", model, "--dataset", dataset, "--preset", preset, "--json", *_options(parameters)]
        command = [sys.executable, "-m", "musicrec.cli", *where, *what, *([f"--name={name}"] if name else [])]
        errors = tempfile.TemporaryFile()  # noqa: SIM115 - it lives as long as the job; a pipe could fill up
        try:
            process = subprocess.Popen(
                command,
                env=os.environ | {"PYTHONIOENCODING": "utf-8"},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
                encoding="utf-8",
                errors="replace",
                start_new_session=True,
            )
        except OSError as error:
            errors.close()
            raise MusicrecError(f"cannot start a training: {error.strerror or error}") from error
        return cls(places, process, errors)

    @property
    def running(self) -> bool:
        """Whether the process is there."""
        return self._process.poll() is None

    def events(self) -> Iterator[Step | Epoch | Finished | Failed]:
        """What happens, as it happens; the last one is Finished or Failed. Blocks meanwhile."""
        assert self._process.stdout is not None
        end: Finished | Failed | None = None
        with self._process.stdout as lines:
            for line in lines:
                event = self._event(line)
                if isinstance(event, Finished | Failed):
                    end = event
                elif event is not None:
                    yield event
        self._process.wait()
        with self._errors:
            end = end or Failed(self._problem())
        yield end

    def cancel(self) -> None:
        """End the training and keep its best pass; where it does not end, a second call kills it."""
        if not self.running:
            return
        if self._cancelled:
            self._process.kill()
        else:
            self._process.send_signal(signal.SIGINT)
        self._cancelled = True

    def _event(self, line: str) -> Step | Epoch | Finished | Failed | None:
        try:
            ((kind, fields),) = json.loads(line).items()
            if kind == "run":
                return Finished(read_card(self._places, fields["name"]))
            return Step(**fields) if kind == "step" else Epoch(**fields)
        except MusicrecError as error:
            return Failed(str(error))
        except (ValueError, TypeError, KeyError, AttributeError):
            return None  # a library's chatter

    def _problem(self) -> str:
        self._errors.seek(0)
        lines = [line.strip() for line in self._errors.read().decode("utf-8", "replace").splitlines() if line.strip()]
        own = [line.removeprefix(_OURS).partition(_SEE)[0] for line in lines if line.startswith(_OURS)]
        if self._cancelled:
            return _CANCELLED
        return next(iter((*own[-1:], *lines[-1:])), f"the training ended with code {self._process.returncode}")


def _options(parameters: Mapping[str, str]) -> Iterator[str]:
    for name, value in parameters.items():
        option = name.replace("_", "-")
        if value.casefold() in ("true", "false"):
            yield f"--{option}" if value.casefold() == "true" else f"--no-{option}"
        else:
            yield f"--{option}={value}"
