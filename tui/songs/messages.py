"""What the explorer answers to the songs place, and what its lists ask for."""

from __future__ import annotations

from dataclasses import dataclass

from textual.message import Message

from musicrec.core.pages import SongPage
from musicrec.tui.messages import Reply


@dataclass
class PlayersWanted(Message):
    """The list of a song's listeners needs those from `offset`."""

    song: str
    offset: int
    limit: int


@dataclass
class SongPlaceRead(Reply):
    """Where in the matches of `query` a song stands; None where it is not among them."""

    query: str
    place: int | None


@dataclass
class SongPageRead(Reply):
    """What is known of a song, with its first listeners."""

    page: SongPage


@dataclass
class PlayersRead(Reply):
    """More of the listeners who played a song."""

    page: SongPage
