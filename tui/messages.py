"""The messages by which panels, dialogs and workers meet: what a person did, and what the explorer answered."""

from __future__ import annotations

from dataclasses import dataclass

from textual.message import Message

from musicrec.core.records import Explanation, Listener, Neighbour, Page, Recommendation, Recommendations, RunCard, Song
from musicrec.tui.past import Past


@dataclass
class PageWanted(Message):
    """The listener list needs the matches of `query` from `offset`."""

    query: str
    offset: int
    limit: int


@dataclass
class ListenerMoved(Message):
    """The cursor stands on another listener."""

    listener: Listener


@dataclass
class ListenerChosen(Message):
    """The listener under the cursor was chosen."""


@dataclass
class SongMoved(Message):
    """The cursor stands on another recommendation."""

    recommendation: Recommendation


@dataclass
class SimilarWanted(Message):
    """Someone asks which songs are like this one."""

    song: Song


@dataclass
class SearchChanged(Message):
    """The words in the search box changed."""

    query: str


@dataclass
class SearchLeft(Message):
    """The search box was left for the list."""


@dataclass
class Reply(Message):
    """An answer to a question of one `kind`; `request` tells it from the answers to older ones."""

    kind: str
    request: int


@dataclass
class Failed(Reply):
    """The explorer could not answer."""

    problem: str


@dataclass
class PageRead(Reply):
    """Listeners of one page of the matches of `query`."""

    query: str
    page: Page[Listener]


@dataclass
class PastRead(Reply):
    """A listener's past."""

    past: Past


@dataclass
class RunsRead(Reply):
    """All runs of the dataset and, where there is one, the run to begin with."""

    runs: tuple[RunCard, ...]
    default: str | None


@dataclass
class RunLoading(Reply):
    """What loading a run is busy with."""

    step: str


@dataclass
class RunLoaded(Reply):
    """A run is ready to recommend."""

    run: str


@dataclass
class Ranked(Reply):
    """The ranking for a listener."""

    recommendations: Recommendations


@dataclass
class Explained(Reply):
    """Why a song stands where it stands."""

    explanation: Explanation


@dataclass
class SimilarRead(Reply):
    """Songs near one song."""

    song: Song
    neighbours: tuple[Neighbour, ...]


@dataclass
class ListenerFound(Reply):
    """The listener with an id that was asked for."""

    listener: Listener
