"""The messages of the what-if place: what a person does to a draft, and what the explorer makes of it."""

from __future__ import annotations

from dataclasses import dataclass

from textual.message import Message

from musicrec.core.drafts import Draft
from musicrec.core.pages import WhatIf
from musicrec.core.records import Song
from musicrec.tui.messages import Reply


@dataclass
class RemovalWanted(Message):
    """The play under the cursor of the playlist is to go."""


@dataclass
class MoveWanted(Message):
    """The play under the cursor of the playlist is to be moved by so many positions; positive is more lately."""

    by: int


@dataclass
class GonePointed(Message):
    """The cursor stands on another song, of which there is no recommendation."""

    song: Song


@dataclass
class SongSearchClosed(Message):
    """The search over the catalogue was left for the playlist."""


@dataclass
class FactsWanted(Message):
    """The facts of the draft are to be edited."""


@dataclass
class DraftRead(Reply):
    """A listener as they are, to be edited; `subject` is whom it was asked for."""

    subject: str
    draft: Draft


@dataclass
class WhatIfRead(Reply):
    """What a draft is recommended, against what the listener was."""

    answer: WhatIf
