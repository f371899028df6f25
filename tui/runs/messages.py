"""What the panels of the Runs place tell it, and what the explorer and a training answer."""

from __future__ import annotations

from dataclasses import dataclass

from textual.message import Message

from musicrec.core.pages import Difference, RunPage
from musicrec.tui.messages import Reply
from musicrec.tui.runs.training import Event


@dataclass
class RunMoved(Message):
    """The cursor stands on another run, or on the training (None)."""

    run: str | None


@dataclass
class RunChosen(Message):
    """The run under the cursor is to be loaded."""

    run: str


@dataclass
class RunMarked(Message):
    """The run under the cursor is to be compared with, or no longer."""

    run: str


@dataclass
class RunPageRead(Reply):
    """One run in full."""

    page: RunPage


@dataclass
class DifferencesRead(Reply):
    """In what two runs differ."""

    one: str
    other: str
    differences: tuple[Difference, ...]


@dataclass
class Evaluating(Reply):
    """How far an evaluation is: `done` of `total` listeners by `scorer`, which may be a baseline."""

    run: str
    scorer: str
    done: int
    total: int


@dataclass
class Evaluated(Reply):
    """An evaluation is stored."""

    run: str


@dataclass
class TrainingTold(Reply):
    """Something happened in the training."""

    event: Event
