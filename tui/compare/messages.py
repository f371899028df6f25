"""What the panels of the compare place tell, and what the explorer answers there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from textual.message import Message

from musicrec.core.pages import Comparison, Shift
from musicrec.tui.messages import Reply

Side = Literal["one", "other"]  # the run in use, and the run that it is compared with


@dataclass
class ShiftMoved(Message):
    """The cursor of a list (`panel` is its id) stands on a song with these ranks."""

    panel: str | None
    shift: Shift


@dataclass
class Compared(Reply):
    """Two runs on one listener."""

    comparison: Comparison


@dataclass
class Measuring(Reply):
    """How far the evaluation of a run has come, in listeners."""

    run: str
    done: int
    total: int

    def can_replace(self, message: Message) -> bool:
        """Let only the latest news of a run count."""
        return isinstance(message, Measuring) and message.run == self.run


@dataclass
class Measured(Reply):
    """Both runs were evaluated; their figures are stored."""
