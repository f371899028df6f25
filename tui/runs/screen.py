"""The Runs place: every run in full, and the training of new ones."""

from __future__ import annotations

import time
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container
from textual.widgets import Footer

from musicrec.core.records import RunCard
from musicrec.tui.messages import Reply
from musicrec.tui.place import OTHER_RUN, Place
from musicrec.tui.places_bar import PlacesBar
from musicrec.tui.runs import messages as told
from musicrec.tui.runs.card import RunCardPanel
from musicrec.tui.runs.differences import RunDifferences
from musicrec.tui.runs.learning_curve import LearningCurve
from musicrec.tui.runs.metrics import RunMetrics
from musicrec.tui.runs.table import RunTable
from musicrec.tui.runs.trainer import Trainer
from musicrec.tui.runs.training import Start, Training
from musicrec.tui.view import View

MOVE = 0.08  # seconds that the cursor must rest on a run before it is read
TELL = 0.1  # seconds between two news of an evaluation
UNUSED = frozenset({"filters", "resize", "heard"})  # keys of every place that have nothing to change here
HINT = ("Mark another run with space to see in what they differ.",)


class RunsScreen(Trainer):
    """Holds the panels and the evaluation under way."""

    CSS_PATH = "screen.tcss"
    AUTO_FOCUS = "#runs"
    PANELS: ClassVar[dict[str, tuple[str, ...]]] = {
        "page": ("#curve", "#metrics"),
        "differences": ("#differences",),
        "evaluate": ("#metrics",),
    }

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("r", "runs", "Run", id="place.runs", show=False, tooltip="Switch to another run"),
        Binding("c", "compare", "Compare", id="runs.compare", tooltip="Compare what the loaded and this run recommend"),
        Binding("E", "evaluate", "Evaluate", id="runs.evaluate", tooltip="Evaluate the run on the test split"),
    ]

    def __init__(self, start: Start | None = None) -> None:
        """`start` begins a training; without it that is a process of its own."""
        super().__init__(start)
        self._marked: str | None = None
        self._evaluating: told.Evaluating | None = None

    def compose(self) -> ComposeResult:
        """Place the panels; the style sheet arranges them by the size of the terminal."""
        yield PlacesBar(id="places-bar").data_bind(Place.view)
        with Container(id="runs-place"):
            yield RunTable(id="runs")
            with Container(id="figures"):
                yield LearningCurve(id="curve")
                with Container(id="numbers"):
                    yield RunMetrics(id="metrics")
                    yield RunDifferences(id="differences")
            yield RunCardPanel(id="run-card")
        yield Footer()

    def on_mount(self) -> None:
        """Wait for the runs."""
        self.query_one(RunTable).say("Looking for runs …")
        self.show_nothing()

    def watch_view(self, old: View, new: View) -> None:
        """Show the runs, and which is loaded."""
        table = self.query_one(RunTable)
        if new.runs is None:
            return
        if old.runs is None and new.run is not None:
            table.go_to(new.run)
        if (old.runs, old.run, old.problem) != (new.runs, new.run, new.problem):
            self.show_runs()
        if old.loading is None and new.loading is not None:
            table.wait()
        elif old.loading is not None and new.loading is None:
            table.settle()

    # -- What a person does

    @on(told.RunMoved)
    def follow_run(self, message: told.RunMoved) -> None:
        """Show what is known of the run at once; the rest follows when the cursor rests."""
        table, training = self.query_one(RunTable), self.training
        if table.on_training and training is not None:
            self.show_training(training)
            return
        card = self.card
        if card is None:
            self.show_nothing()
            return
        self.query_one(RunCardPanel).show_run(card)
        self.query_one(LearningCurve).wait()
        self.query_one(RunMetrics).wait()
        self.read_page(card.name, MOVE)
        self.tell_differences(card.name, MOVE)

    @on(told.RunChosen)
    def load_run(self, message: told.RunChosen) -> None:
        """Load a run: all places recommend by it from then on."""
        told_of = f"{message.run} is loaded." if message.run == self.view.run else f"Loading {message.run} …"
        self.notify(told_of, markup=False, timeout=2)
        self.shell.use_run(message.run)

    @on(told.RunMarked)
    def mark_run(self, message: told.RunMarked) -> None:
        """Mark a run to compare with, or unmark it."""
        self._marked = None if message.run == self._marked else message.run
        self.set_class(self._marked is not None, "-marked")
        self.show_runs()

    def action_compare(self) -> None:
        """Go to the place that compares, with the marked run or the one under the cursor as the other one."""
        candidates = (self._marked, self.query_one(RunTable).current)
        for name in candidates:
            card = self.view.card_of(name)
            if card is not None and card.problem is None and name is not None and name != self.view.run:
                self.shell.use_other(name)
                self.shell.go_to_place("compare")
                return
        missing = "Go to a run other than the loaded one to compare both."
        if self.view.run is None:
            missing = "There is no run to compare yet: press n to train one."
        self.notify(missing, severity="warning", markup=False)

    def action_evaluate(self) -> None:
        """Evaluate the run under the cursor."""
        card = self.card
        if card is None or card.problem is not None:
            self.app.bell()
        elif self._evaluating is not None:
            told_of = f"{self._evaluating.run} is being evaluated: wait, or cancel it with escape."
            self.notify(told_of, severity="warning", markup=False)
        else:
            self.evaluate(card.name)

    def action_again(self) -> None:
        """Read the runs again."""
        self.shell.questions.runs()
        self.show_runs()

    def left(self) -> None:
        """Cancel the evaluation; else unmark."""
        if self._evaluating is not None:
            self.desk.drop("evaluate")
            self.stop_evaluating("The evaluation was cancelled; nothing was stored.")
        elif self._marked is not None:
            self.mark_run(told.RunMarked(self._marked))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer what there is something to do for."""
        if action in UNUSED:
            return False
        if action == "stop":
            return self.training is not None
        return super().check_action(action, parameters)

    # -- Questions and answers

    @property
    def card(self) -> RunCard | None:
        """The run under the cursor."""
        table = self.query_one(RunTable)
        return None if table.on_training else table.card_at(table.cursor)

    def read_page(self, name: str, after: float = 0.0) -> None:
        """Ask for a run in full."""
        explorer = self.explorer
        self.desk.ask("page", lambda number: told.RunPageRead("page", number, explorer.run_page(name)), after)

    @on(told.RunPageRead)
    def show_page(self, reply: told.RunPageRead) -> None:
        """Show how training went, and the figures."""
        if not self.desk.is_stale(reply):
            self.query_one(LearningCurve).show_page(reply.page)
            self.query_one(RunMetrics).show_page(reply.page)

    def tell_differences(self, name: str, after: float = 0.0) -> None:
        """Ask in what a run differs from the marked one, else from the loaded one."""
        panel, explorer = self.query_one(RunDifferences), self.explorer
        other = self._marked or self.view.run
        if other is None or other == name:
            self.desk.drop("differences")
            panel.clear(*HINT)
            if self.view.run is None and self.view.problem is not None:
                panel.fail(self.view.problem, OTHER_RUN)
            return
        panel.wait()

        def read(number: int) -> Reply:
            return told.DifferencesRead("differences", number, name, other, explorer.differences(name, other))

        self.desk.ask("differences", read, after)

    @on(told.DifferencesRead)
    def show_differences(self, reply: told.DifferencesRead) -> None:
        """Show them."""
        if not self.desk.is_stale(reply):
            self.query_one(RunDifferences).show_differences(reply.one, reply.other, reply.differences)

    def evaluate(self, name: str) -> None:
        """Have a run evaluated in the background."""
        explorer, desk = self.explorer, self.desk

        def work(number: int) -> Reply:
            heard = 0.0

            def tell(scorer: str, done: int, total: int) -> None:
                nonlocal heard
                if (now := time.monotonic()) - heard > TELL:
                    heard = now
                    desk.tell(told.Evaluating("evaluate", number, name, scorer, done, total))

            explorer.evaluate([name], progress=tell)
            return told.Evaluated("evaluate", number, name)

        self.show_evaluating(told.Evaluating("evaluate", 0, name, "", 0, 0))
        desk.ask("evaluate", work)

    @on(told.Evaluating)
    def follow_evaluation(self, reply: told.Evaluating) -> None:
        """Show how far it is."""
        if not self.desk.is_stale(reply):
            self.show_evaluating(reply)

    @on(told.Evaluated)
    def take_evaluation(self, reply: told.Evaluated) -> None:
        """Read the figures."""
        if not self.desk.is_stale(reply):
            self.stop_evaluating(f"{reply.run} is evaluated.")
            if (card := self.card) is not None:
                self.read_page(card.name)

    def show_evaluating(self, evaluating: told.Evaluating) -> None:
        """Show how far an evaluation is."""
        self._evaluating = evaluating
        self.query_one(RunMetrics).show_progress(evaluating)

    def stop_evaluating(self, text: str) -> None:
        """Have no evaluation under way."""
        self._evaluating = None
        self.query_one(RunMetrics).show_progress(None)
        self.notify(text, markup=False)

    def tell_problem(self, kind: str, problem: str) -> None:
        """Tell a problem; an evaluation is over then."""
        if kind == "evaluate":
            self._evaluating = None
            self.query_one(RunMetrics).show_progress(None)
        super().tell_problem(kind, problem)

    # -- The training

    def training_changed(self) -> None:
        """Show the training in its row and, with the cursor there, its curve."""
        table = self.query_one(RunTable)
        table.show_training(self.training)
        if self.training is not None and table.on_training:
            self.query_one(LearningCurve).show_training(self.training)

    def training_kept(self, card: RunCard) -> None:
        """Have the cursor go on to the run that the training left, if it was on the training."""
        table = self.query_one(RunTable)
        if table.on_training:
            table.go_to(card.name)

    def show_training(self, training: Training) -> None:
        """Show the training in all panels."""
        self.desk.drop("page")
        self.desk.drop("differences")
        self.query_one(RunCardPanel).show_training(training)
        self.query_one(LearningCurve).show_training(training)
        self.query_one(RunMetrics).clear("The figures come when the training has ended.")
        self.query_one(RunDifferences).clear(*HINT)

    def show_runs(self) -> None:
        """Show the runs; the one that is being trained stands in the row of the training."""
        view = self.view
        runs = [card for card in view.runs or () if not self.is_in_training(card)]
        self.query_one(RunTable).show_runs(tuple(runs), view.run, self._marked)

    def show_nothing(self) -> None:
        """There is no run to show."""
        self.query_one(RunCardPanel).clear()
        self.query_one(LearningCurve).clear("How its training went will be drawn here.")
        self.query_one(RunMetrics).clear("Its evaluations will stand here.")
        self.query_one(RunDifferences).clear(*HINT)
