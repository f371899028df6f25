"""Records made of texts that markup, terminals and columns stumble over."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import cycle

from hypothesis import strategies as st

from musicrec.core.drafts import Draft, Filters
from musicrec.core.pages import Comparison, Portion, Profile, RunPage, Shift, Taste, WhatIf
from musicrec.core.records import (
    DatasetCard,
    Evaluation,
    Explanation,
    Listener,
    Metric,
    Neighbour,
    Play,
    Playlists,
    Protocol,
    Recommendation,
    Recommendations,
    RunCard,
    ScorePart,
    Song,
)
from musicrec.core.watch import Epoch, Step
from musicrec.tui.runs.training import Order as TrainingOrder
from musicrec.tui.runs.training import Training
from musicrec.tui.view import View
from musicrec.tui.what_if.edits import Edits

WHEN = datetime(2024, 5, 17, 20, 30, tzinfo=UTC)
PIECES = (
    "[/foo]", "[/]", "[bold red]x[/]", "[@click=app.quit]q[/]", "[", "\\[x]", "$name", "{0}", "%s", ":smile:", "[#f00]",
    "\x1b[31mred\x1b[0m", "\x1b]0;title\x07", "\x1b]52;c;aGk=\x07", "\x1bc", "\x9b2J", "\x00", "\x7f", "\r", "\n", "\t",
    "\u2028", "\u2029", "\u200b", "\u200d", "\ufeff", "\xad", "👩\u200d👩\u200d👧", "❤\ufe0f", "👍🏽", "🇹🇼",
    "🏴\U000e0067",
    "\u202e", "\u2067", "\u200f", "شارع البحر", "עִבְרִית", "e\u0301\u0302\u0303", "\u0301", "ก็ยังคิดถึง",
    "각", "周杰倫", "　", "\ud800", "\udfff", " ", "", "-", "None",
)  # fmt: skip
LONG = ("x" * 10_000, "夜" * 10_000, "a " * 5_000, "\u0301" * 500, "[/]" * 3_000)
TEXTS = st.lists(
    st.one_of(
        st.sampled_from(PIECES), st.text(max_size=30), st.lists(st.sampled_from(PIECES), max_size=4).map("".join)
    ),
    min_size=3,
    max_size=9,
)
NUMBERS = st.lists(st.floats(width=32), min_size=1, max_size=5)


@dataclass
class Data:
    """Records that are made of `texts` and `numbers`, each of them in turn."""

    texts: list[str]
    numbers: list[float]

    def __post_init__(self) -> None:
        self._texts, self._numbers = cycle(self.texts), cycle(self.numbers)

    @property
    def text(self) -> str:
        return next(self._texts)

    @property
    def number(self) -> float:
        return next(self._numbers)

    def several(self, count: int = 2) -> tuple[str, ...]:
        return tuple(self.text for _ in range(count))

    def song(self, number: int = 0) -> Song:
        return Song(
            number, self.text, self.text, self.several(), self.text, self.several(3), self.several(), self.several(),
            self.text, self.text, 65_000, 20_110_000, number * 7,
        )  # fmt: skip

    def songs(self) -> tuple[Song, ...]:
        return (*(self.song(number) for number in range(4)), Song(9, self.text))

    def listener(self, number: int = 0) -> Listener:
        return Listener(
            number, self.text, 20, self.text, self.text, self.text, date(2010, 1, 2), date(2020, 1, 2),
            self.text, self.several(), 3, WHEN, 40,
        )  # fmt: skip

    def listeners(self) -> tuple[Listener, ...]:
        return (*(self.listener(number) for number in range(4)), Listener(9, self.text))

    def plays(self) -> tuple[Play, ...]:
        return tuple(Play(n, song, self.text, self.text, self.text) for n, song in enumerate(self.songs()))

    def portions(self) -> tuple[Portion, ...]:
        return tuple(Portion(self.text, 9 - n, 0.5 / (n + 1)) for n in range(4))

    def profile(self) -> Profile:
        plays, genres = self.plays(), self.portions()
        tastes = tuple(Taste(genre.name, (0.1, 0.9, 0.4, 0.0)) for genre in genres)
        playlists = Playlists(plays, plays, plays, len(plays))
        return Profile(self.listener(), playlists, genres, self.portions(), self.portions(), tastes)

    def recommendations(self) -> Recommendations:
        items = tuple(
            Recommendation(rank, song, self.number, self.number, rank == 2, rank == 3, rank == 1)
            for rank, song in enumerate(self.songs(), start=1)
        )
        return Recommendations(self.listener(), self.text, items, 1_234_567, 3.2)

    def filters(self) -> Filters:
        return Filters(self.text, self.text, 1990, 2000, True, 2)

    def shifts(self, found: Recommendations) -> tuple[Shift, ...]:
        ranks = cycle((1, None, 60_000, 3))
        return tuple(Shift(item.song, next(ranks), item.rank) for item in found.items)

    def what_if(self) -> WhatIf:
        before, after = self.recommendations(), self.recommendations()
        gone = tuple(Shift(song, 3, None if n % 2 else 600_000) for n, song in enumerate(self.songs()))
        return WhatIf(Draft(self.listener(), self.plays()), before, after, self.shifts(after), gone)

    def comparison(self) -> Comparison:
        one, other = self.recommendations(), self.recommendations()
        overall = self.evaluation(), self.evaluation()
        return Comparison(one, other, self.shifts(one), self.shifts(other), 2, self.shifts(one), overall)

    def evaluation(self) -> Evaluation:
        metrics = {name: Metric(self.number, 0.1, 0.3) for name in (self.text, "ndcg@10", "user_coverage@10")}
        metrics[self.text] = Metric(self.number)
        return Evaluation(self.text, self.text, Protocol("test", "full", None, 7, 900, 600_000, (10,)), metrics)

    def neighbours(self) -> tuple[Neighbour, ...]:
        return tuple(Neighbour(song, self.number) for song in self.songs())

    def explanation(self) -> Explanation:
        parts = tuple(ScorePart(self.text, self.number) for _ in range(3))
        shared = self.several(), self.several()
        return Explanation(self.song(), self.text, self.number, parts, self.neighbours(), *shared, 7, self.text)

    def card(self, name: str | None = None, problem: str | None = None) -> RunCard:
        config = {self.text: self.text, "windows": self.several(), "lr": self.number, self.text: None, "on": True}
        return RunCard(
            name or self.text, self.text, self.text, self.text, config, 7, self.text, WHEN, "finished", 12, 9, 41.0,
            120_000, {"ndcg@10": self.number}, {self.text: self.text}, problem,
        )  # fmt: skip

    def cards(self) -> tuple[RunCard, ...]:
        return self.card(), self.card(problem=self.text or "x"), self.card()

    def epochs(self, count: int) -> tuple[Epoch, ...]:
        return tuple(
            Epoch(n, self.number, 3.2, self.number, self.number if n % 3 else None, n % 4 == 1)
            for n in range(1, count + 1)
        )

    def run_page(self, epochs: int = 5) -> RunPage:
        return RunPage(self.card(), self.epochs(epochs), (self.evaluation(), self.evaluation()))

    def training(self, epochs: int = 3, problem: str | None = None) -> Training:
        order = TrainingOrder("dtnmr", "quick", self.text, {self.text: self.text, "epochs": "4"})
        step = Step(epochs + 1, 4, 20, 50, self.number, self.number)
        return Training(order, self.epochs(epochs), step, problem=problem)

    def edits(self) -> Edits:
        who = self.listener()
        edits = Edits.of(Draft(who, self.plays(), who)).added(self.song(7)).moved(0, 3)
        return edits.with_facts(age=30, gender=None, city=self.text)

    def view(self) -> View:
        card = self.card()
        counts = {"listeners": 34_000, "songs": 1_400, "plays": 9}
        dataset = DatasetCard(self.text, self.text, 1, self.text, WHEN, self.text, (), {}, counts)
        return View(dataset=dataset, listener=self.listener(), run=card.name, other=self.text, runs=(card,))
