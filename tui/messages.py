"""The messages by which panels, places and workers meet: what a person did, and what the explorer answered."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from textual.message import Message

from musicrec.core.pages import Profile
from musicrec.core.records import (
    DatasetCard,
    Explanation,
    Listener,
    Neighbour,
    Page,
    Recommendation,
    Recommendations,
    RunCard,
    Song,
)
from musicrec.tui.view import Order

if TYPE_CHECKING:
    from musicrec.core.explorer import Explorer
    from musicrec.core.tabular import Sheet

    Make = Callable[[Explorer], tuple[Sheet, tuple[Song, ...]]]  # runs in a thread


@dataclass
class PageWanted(Message):
    """A list of listeners or songs needs the matches of `query` from `offset`."""

    query: str
    order: Order
    offset: int
    limit: int


@dataclass
class OrderWanted(Message):
    """A list is to be sorted another way."""

    order: Order


@dataclass
class ListenerMoved(Message):
    """The cursor stands on another listener."""

    listener: Listener


@dataclass
class ListenerChosen(Message):
    """The listener under the cursor was chosen."""

    listener: Listener


@dataclass
class ListenerWanted(Message):
    """Someone wants to go to a listener."""

    listener: Listener


@dataclass
class SongMoved(Message):
    """The cursor stands on another song of a ranking."""

    recommendation: Recommendation


@dataclass
class SongPointed(Message):
    """The cursor stands on another song of the catalogue."""

    song: Song


@dataclass
class SongChosen(Message):
    """The song under the cursor of the catalogue was chosen."""

    song: Song


@dataclass
class SongWanted(Message):
    """Someone wants to see the page of a song."""

    song: Song


@dataclass
class SimilarWanted(Message):
    """Someone asks which songs are like this one."""

    song: Song


@dataclass
class AddWanted(Message):
    """Someone asks what if the listener had played this song."""

    song: Song


@dataclass
class RowsWanted(Message):
    """The rows of a list are to be copied or exported; `make` gets them from the explorer."""

    purpose: Literal["copy", "export"]
    name: str
    make: Make


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
class Painted(Message):
    """A place is on the screen for the first time."""


@dataclass
class Opened(Reply):
    """The dataset is open."""

    dataset: DatasetCard


@dataclass
class ListenersRead(Reply):
    """Listeners of one page of the matches of `query`."""

    query: str
    order: Order
    page: Page[Listener]


@dataclass
class SongsRead(Reply):
    """Songs of one page of the matches of `query`."""

    query: str
    order: Order
    page: Page[Song]


@dataclass
class PlaceRead(Reply):
    """Where in the matches of `query` something stands; None where it is not among them."""

    query: str
    place: int | None


@dataclass
class ListenerFound(Reply):
    """The listener who was asked for."""

    listener: Listener


@dataclass
class SongFound(Reply):
    """The song that was asked for."""

    song: Song


@dataclass
class ProfileRead(Reply):
    """A listener's past."""

    profile: Profile


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
class KindsRead(Reply):
    """The genres and languages of the dataset with their songs, most songs first."""

    genres: tuple[tuple[str, int], ...]
    languages: tuple[tuple[str, int], ...]


@dataclass
class RowsRead(Reply):
    """Rows to copy: tab-separated lines, and how many."""

    text: str
    rows: int


@dataclass
class Exported(Reply):
    """Rows were written to a file."""

    path: str
    rows: int
