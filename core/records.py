"""The frozen values that cross the layers: what tables read, the explorer answers, and cli and tui show."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Generic, Literal, TypeVar
from zlib import crc32

from musicrec.core.terms import KS_OF, NEGATIVES, SEED, USUAL_KS
from musicrec.core.terms import By as By
from musicrec.core.terms import ProtocolName as ProtocolName
from musicrec.core.terms import Split as Split

T = TypeVar("T")
Status = Literal["training", "finished", "interrupted"]
_LONGEST = 100  # characters of a file name


@dataclass(frozen=True, slots=True)
class Song:
    """One song of the catalogue. `song` is its dense number in this dataset (by falling plays), `id` the original."""

    song: int
    id: str
    title: str | None = None
    artists: tuple[str, ...] = ()
    album: str | None = None
    genres: tuple[str, ...] = ()  # names where the dataset has them, codes otherwise
    composers: tuple[str, ...] = ()
    lyricists: tuple[str, ...] = ()
    language: str | None = None
    country: str | None = None
    length_ms: int | None = None
    released: int | None = None  # yyyymmdd; 0 stands for a part that is not known, as in 20110000
    plays: int = 0  # training plays: what a model may know

    @property
    def label(self) -> str:
        """Title and artists in one line; the original id where the title is not known."""
        title = self.title or f"#{self.id}"
        return f"{title} — {', '.join(self.artists)}" if self.artists else title


@dataclass(frozen=True, slots=True)
class Listener:
    """One listener (KKBOX) or playlist (Melon). `listener` is its dense number (by falling plays)."""

    listener: int
    id: str
    age: int | None = None
    gender: str | None = None
    city: str | None = None
    registered_via: str | None = None
    registered: date | None = None
    expires: date | None = None
    title: str | None = None
    tags: tuple[str, ...] = ()
    likes: int | None = None
    updated: datetime | None = None
    plays: int = 0  # all plays, held-out ones included


@dataclass(frozen=True, slots=True)
class Play:
    """One play at its position in the listener's playlist, oldest first."""

    position: int
    song: Song
    behaviour: str | None = None  # KKBOX source_system_tab
    screen: str | None = None  # KKBOX source_screen_name
    source: str | None = None  # KKBOX source_type
    repeated: bool | None = None  # KKBOX target: played again within a month
    split: Split = "train"


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """A slice of a longer answer; `total` counts all matches."""

    items: tuple[T, ...]
    total: int
    offset: int = 0


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file that a dataset was made from."""

    file: str
    bytes: int
    rows: int


@dataclass(frozen=True, slots=True)
class DatasetCard:
    """What is known of a dataset without reading its tables. `counts` maps what was counted to how many."""

    name: str
    format: str
    version: int
    fingerprint: str
    created: datetime
    split: str
    sources: tuple[SourceFile, ...]
    options: dict[str, object]
    counts: dict[str, int]
    bytes: int = 0

    @property
    def listeners(self) -> int:
        """Listeners in the dataset."""
        return self.counts["listeners"]

    @property
    def songs(self) -> int:
        """Songs in the catalogue, played or not."""
        return self.counts["songs"]

    @property
    def plays(self) -> int:
        """Plays of all splits."""
        return self.counts["plays"]


@dataclass(frozen=True, slots=True)
class Playlists:
    """A listener's past as a model reads it: the last plays before the next song, oldest first."""

    short_term: tuple[Play, ...]
    long_term: tuple[Play, ...]
    held_out: tuple[Play, ...]  # test plays, which come after that past and which no model has seen
    plays: int  # length of the whole past


@dataclass(frozen=True, slots=True)
class ScorePart:
    """A named summand of a score."""

    name: str
    value: float


@dataclass(frozen=True, slots=True)
class Recommendation:
    """One song of a ranking. `share` places the score between the lowest (0) and highest (1) of the list, for bars."""

    rank: int
    song: Song
    score: float
    share: float
    heard: bool  # in the listener's past
    held_out: bool  # one of the plays that the dataset keeps back: a hit
    new_genre: bool  # no genre in common with the listener's past


@dataclass(frozen=True, slots=True)
class Recommendations:
    """A ranking for one listener by one run, and how it was made."""

    listener: Listener
    run: str
    items: tuple[Recommendation, ...]
    candidates: int  # songs that were ranked
    milliseconds: float


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A song near another one; `similarity` is a cosine in [-1, 1]."""

    song: Song
    similarity: float


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a song got its score: `parts` add up to `score`."""

    song: Song
    run: str
    score: float
    parts: tuple[ScorePart, ...]
    nearest: tuple[Neighbour, ...]  # the listener's plays nearest to the song, nearest first
    shared_artists: tuple[str, ...]
    shared_genres: tuple[str, ...]
    popularity_rank: int  # 1 is the most played song
    sentence: str


@dataclass(frozen=True, slots=True)
class Metric:
    """A mean over listeners with its bootstrap 95 % interval; `low` and `high` are None for set-level figures."""

    mean: float
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class Protocol:
    """How a metric came about; no number travels without it."""

    split: Split
    candidates: Literal["full", "sampled"]
    negatives: int | None  # sampled songs per listener; None ranks all songs that the protocol lets in
    seed: int
    listeners: int
    songs: int  # that may be candidates, the same for all listeners
    ks: tuple[int, ...]
    name: ProtocolName | None = None  # full or sampled, as the candidates are, where none is given
    first_plays: int | None = None  # only so many plays of each listener were shown; None shows the whole past
    drawn: bool = False  # the listeners are a draw, by the seed, of all whom the protocol measures

    def __post_init__(self) -> None:
        """Name what has no name after its candidates."""
        if self.name is None:
            object.__setattr__(self, "name", self.candidates)

    @property
    def key(self) -> str:
        """A name for files of figures, another for whatever they differ in; what is as usual is left out of it."""
        told = "".join(f"-{name}-{value.replace(',', '-')}" for name, value in self._unusual().items())
        name = f"{self.split}-{self.name}{told}"
        return name if len(name) <= _LONGEST else f"{name[:_LONGEST]}-{crc32(name.encode()):08x}"

    @property
    def options(self) -> str:
        """What `musicrec evaluate` is told to measure so."""
        asked = {} if self.name == "full" else {"protocol": str(self.name)}
        asked |= {} if self.split == "test" else {"split": str(self.split)}
        return " ".join(f"--{name} {value}" for name, value in (asked | self._unusual()).items())

    def _unusual(self) -> dict[str, str]:
        # What differs from what is measured where nothing is asked for, by its option
        ks, usual = (",".join(map(str, each)) for each in (self.ks, KS_OF.get(str(self.name), USUAL_KS)))
        asked: dict[str, tuple[object, object]] = {
            "first": (self.first_plays, None),
            "k": (ks, usual),
            "negatives": (self.negatives, None if self.negatives is None else NEGATIVES),
            "listeners": (self.listeners if self.drawn else None, None),
            "seed": (self.seed, SEED),
        }
        return {name: str(value) for name, (value, as_usual) in asked.items() if value != as_usual}

    @property
    def label(self) -> str:
        """The protocol in one phrase."""
        listeners, seed = f"{self.listeners:,} listeners{' drawn' if self.drawn else ''}", f"seed {self.seed}"
        match self.name:
            case "ncf-reference":
                told = f"ncf-reference: {self.split} song of the latest issue date among {self.negatives} sampled songs"
            case "dtnmr-paper":
                told = f"dtnmr-paper: {self.split}.csv after train.csv, all {self.songs:,} songs that are in both"
            case "cold-songs":
                told = f"cold-songs: {self.split} split, all {self.songs:,} songs without a play before it"
            case "cold-listeners":
                shown = "first plays are" if self.first_plays is None else f"first {self.first_plays} plays are"
                told = f"cold-listeners: {self.split} split, all {self.songs:,} songs, only the {shown} shown"
            case "sampled":
                told = f"{self.split} split, held-out songs among {self.negatives} sampled songs"
            case _:
                told = f"{self.split} split, all {self.songs:,} songs"
        return f"{told}, {listeners}, {seed}"


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The metrics of one run under one protocol; keys are like `ndcg@10`, `auc`."""

    run: str
    model: str
    protocol: Protocol
    metrics: dict[str, Metric]
    notices: tuple[str, ...] = ()  # what must be known of this run's figures, a line each


@dataclass(frozen=True, slots=True)
class RunCard:
    """What `run.json` says of a run."""

    name: str
    model: str
    dataset: str
    fingerprint: str
    config: dict[str, object]
    seed: int
    device: str
    created: datetime
    status: Status
    epochs: int  # passes done
    best_epoch: int
    seconds: float
    parameters: int
    metrics: dict[str, float]  # validation metrics of the best epoch
    versions: dict[str, str] = field(default_factory=dict)
    engine: str = ""  # what took the gradient steps, torch or numba; empty where there were none
    problem: str | None = None  # why the run cannot be used, where it cannot
