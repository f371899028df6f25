"""A stand-in with runs worth reading, and trainings that happen step by step."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Literal

from invented import WHEN
from stand_in import StandIn

from musicrec.core.jobs import Failed, Finished
from musicrec.core.pages import Difference, RunPage
from musicrec.core.records import Evaluation, Metric, Protocol, RunCard
from musicrec.core.watch import Epoch, Step
from musicrec.tui.runs.screen import RunsScreen
from musicrec.tui.runs.training import Event, Order

TRIES = (
    ("dtnmr-夜-2", "dtnmr", 0.1899, 8, 6), ("ncf-sample-1", "ncf", 0.1699, 20, 14),
    ("dtnmr-once", "dtnmr", 0.0914, 1, 1),
    ("itemknn-1", "itemknn", 0.1635, 1, 1), ("popularity-1", "popularity", 0.1061, 1, 1),
)  # fmt: skip
GRADIENT: dict[str, object] = {
    "seed": 7, "epochs": 8, "batch_size": 512, "optimizer": "adam", "lr": 0.003, "schedule": "constant", "l2": 1e-05,
    "patience": 2,
}  # fmt: skip
# Of their own: what models will take one day must not change pictures of the screen
CONFIGS: dict[str, dict[str, object]] = {
    "dtnmr": GRADIENT | {
        "embedding_size": 32, "feature_hidden": (128, 64), "use_static": True, "use_long_term": True, "cell": "lstm",
        "lstm_hidden": 64, "dropout": 0.3, "sampling": "uniform", "short_term_len": 10, "long_term_len": 20,
        "song_ids": True, "song_features": ("genre", "artist", "composer", "language"),
    },
    "ncf": GRADIENT | {"negatives": 4, "factors": 8, "layers": 3, "pretrain": False},
    "itemknn": {"seed": 7, "neighbours": 100, "shrink": 10.0},
    "popularity": {"seed": 7},
}  # fmt: skip
PROTOCOLS = (
    Protocol("test", "full", None, 7, 900, 1_400, (10,)),
    Protocol("validation", "sampled", 99, 7, 900, 1_400, (10,)),
)


@dataclass
class RunsStandIn(StandIn):
    """Six runs, one of which is of another dataset."""

    added: list[RunCard] = field(default_factory=list)
    evaluated: set[str] = field(default_factory=lambda: {"dtnmr-夜-2"})
    gate: threading.Event = field(default_factory=threading.Event)  # an evaluation stops half way until it is set

    def runs(self) -> tuple[RunCard, ...]:
        self._enter("runs")
        if not self.has_runs:
            return tuple(self.added)
        cards = [_card(*each, days) for days, each in enumerate(TRIES)]
        problem = "it was trained on another dataset [x]: train it again"
        stranger = replace(cards[0], name="dtnmr-[old]", problem=problem, status="interrupted")
        return (*reversed(self.added), *cards, stranger)

    def default_run(self) -> str | None:
        return next((card.name for card in self.runs() if card.problem is None), None)

    def load(self, run: str | None = None, progress: Callable[[str], None] | None = None) -> str:
        self._enter("load")
        name = run or self.default_run()
        assert name is not None
        return name

    def run_page(self, name: str) -> RunPage:
        self._enter("run_page")
        card = next(card for card in self.runs() if card.name == name)
        fitted = card.model in ("itemknn", "popularity")
        best, ndcg = card.best_epoch, card.metrics["ndcg@10"]
        epochs = () if fitted else tuple(epoch_of(n, best, ndcg) for n in range(1, card.epochs + 1))
        there = name in self.evaluated
        found = tuple(Evaluation(name, card.model, each, _figures(card)) for each in PROTOCOLS) if there else ()
        return RunPage(card, epochs, found)

    def differences(self, one: str, other: str) -> tuple[Difference, ...]:
        if "once" in one:
            return ()
        many = (Difference("song_features", ("genre", "artist"), None), Difference("[x]", "夜色裡的星光", True))
        return (*super().differences(one, other), *many)

    def evaluate(
        self,
        runs: Sequence[str] | None = None,
        split: Literal["validation", "test"] = "test",
        ks: tuple[int, ...] = (5, 10, 20),
        negatives: int | None = None,
        seed: int = 7,
        progress: Callable[[str, int, int], None] | None = None,
    ) -> tuple[Evaluation, ...]:
        self._enter("evaluate")
        (name,) = runs or ("",)
        assert progress is not None
        while not self.gate.wait(0.01):
            progress(name, 300, 900)
        self.evaluated.add(name)
        return self.run_page(name).evaluations


@dataclass
class FakeJob:
    """A training whose events are sent by the test."""

    order: Order
    sent: list[Event] = field(default_factory=list)
    news: threading.Condition = field(default_factory=threading.Condition)
    cancelled: int = 0
    running: bool = True

    def send(self, *events: Event) -> None:
        """Have something happen."""
        with self.news:
            self.sent += events
            self.news.notify_all()

    def events(self) -> Iterator[Event]:
        place = 0
        while True:
            with self.news:
                while place >= len(self.sent):
                    self.news.wait(5)
                event = self.sent[place]
            place += 1
            yield event
            if isinstance(event, Finished | Failed):
                self.running = False
                return

    def cancel(self) -> None:
        self.cancelled += 1
        card = replace(_card("stopped-1", self.order.model, 0.12, 2, 2, 0), status="interrupted")
        self.running = False
        self.send(Finished(card))


@dataclass
class Trainings:
    """Starts jobs and keeps them; put in the place of processes by `of`."""

    jobs: list[FakeJob] = field(default_factory=list)

    def start(self, order: Order) -> FakeJob:
        self.jobs.append(FakeJob(order))
        return self.jobs[-1]

    def screen(self) -> RunsScreen:
        return RunsScreen(self.start)


def epoch_of(number: int, best: int, ndcg: float = 0.19) -> Epoch:
    """Return a pass of a training that learns until `best`."""
    validation = ndcg * (1 - 0.6 / number + 0.6 / best) - max(number - best, 0) * 0.004
    return Epoch(number, 1.9 / number**0.7 + 0.1, 3.2, 51_000.0, validation, number <= best)


def step_of(epoch: int, epochs: int = 8, samples: int = 20_000) -> Step:
    """Return a step within a pass."""
    return Step(epoch, epochs, samples, 50_000, 1.9 / epoch**0.7 + 0.1, 51_000.0)


def card_of(name: str) -> RunCard:
    """Return a run that a training left."""
    return _card(name, "ncf", 0.2, 3, 2, -1)


def _card(name: str, model: str, ndcg: float, epochs: int, best: int, days: int) -> RunCard:
    config = CONFIGS[model]
    versions = {"musicrec": "0.1.0", "torch": "2.9.1+cpu", "python": "3.11.9"}
    return RunCard(
        name, model, "sample [x]", "f3a9" * 4, config, 7, "cpu", WHEN - timedelta(days=days), "finished", epochs, best,
        41.3 * epochs, 120_000, {"ndcg@10": ndcg}, versions,
    )  # fmt: skip


def _figures(card: RunCard) -> dict[str, Metric]:
    ndcg = card.metrics["ndcg@10"]
    return {
        "ndcg@10": Metric(ndcg, ndcg - 0.0138, ndcg + 0.0138),
        "hr@10": Metric(0.6621, 0.63, 0.6942),
        "recall@10": Metric(0.1481, 0.1342, 0.162),
        "mrr@10": Metric(0.3465, 0.3204, 0.3726),
        "auc": Metric(0.8614, 0.8541, 0.8687),
        "catalogue_coverage@10": Metric(0.2816),
    }
