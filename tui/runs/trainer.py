"""A place from which one training at a time is started, watched and stopped."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

from textual import on
from textual.binding import Binding, BindingType

from musicrec.core.errors import MusicrecError
from musicrec.core.jobs import Failed, Finished, TrainingJob
from musicrec.core.records import RunCard
from musicrec.tui.messages import Reply
from musicrec.tui.place import Place
from musicrec.tui.runs.messages import TrainingTold
from musicrec.tui.runs.training import Job, Order, Start, Training


class Trainer(Place):
    """Holds the training; subclasses show it. It goes on while other places are on the screen."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("n", "train", "New", id="runs.train", tooltip="Train a new run in the background"),
        Binding("X", "stop", "Stop", id="runs.stop", tooltip="Stop the training; its best pass is kept"),
    ]

    def __init__(self, start: Start | None = None) -> None:
        """`start` begins a training; without it that is a process of its own."""
        super().__init__()
        self._start = start or self._start_process
        self._job: Job | None = None
        self._order: Order | None = None  # the latest one, to begin the next one with
        self._there: frozenset[str] = frozenset()  # the runs that were there when the training began
        self.training: Training | None = None

    def training_changed(self) -> None:
        """Show the training as it is now; None is none."""

    def training_kept(self, card: RunCard) -> None:
        """Show the run that the training left."""

    def on_unmount(self) -> None:
        """Have a training end with the app; its best pass is kept."""
        if self._job is not None and self._job.running:
            self._job.cancel()

    def is_in_training(self, card: RunCard) -> bool:
        """Whether a run is the one that is being trained here."""
        return self._job is not None and card.status == "training" and card.name not in self._there

    def action_train(self) -> None:
        """Ask what to train."""
        from musicrec.tui.runs.train_dialog import TrainDialog

        if self._job is not None:
            self.notify("One training at a time: wait for it, or stop it with X.", severity="warning", markup=False)
            return

        def start(order: Order | None) -> None:
            if order is not None:
                self.train(order)

        taken = frozenset(card.name for card in self.view.runs or ())
        self.app.push_screen(TrainDialog(taken, self._order), start)

    def action_stop(self) -> None:
        """Stop the training, or forget the one that failed."""
        if self._job is not None and self.training is not None:
            again = self.training.cancelled
            self._job.cancel()
            self._update(replace(self.training, cancelled=True))
            text = "The training is ended." if again else "Stopping: the best pass is kept. X again ends it at once."
            self.notify(text, markup=False)
        elif self.training is not None:
            self._update(None)

    def train(self, order: Order) -> None:
        """Start a training and read what it tells in a thread."""
        self._order = order
        self._there = frozenset(card.name for card in self.view.runs or ())
        self._update(None)
        self._update(Training(order))
        try:
            job = self._job = self._start(order)
        except MusicrecError as error:
            self._fail(str(error))
            return
        desk = self.desk

        def read(number: int) -> Reply:
            end = TrainingTold("training", number, Failed("the training did not tell how it ended"))
            for event in job.events():
                reply = TrainingTold("training", number, event)
                if isinstance(event, Finished | Failed):
                    end = reply
                else:
                    desk.tell(reply)
            return end

        desk.ask("training", read)

    @on(TrainingTold)
    def follow_training(self, reply: TrainingTold) -> None:
        """Take in what happened."""
        if self.desk.is_stale(reply) or self.training is None:
            return
        event = reply.event
        if isinstance(event, Finished):
            self._job = None
            self._keep(event.card)
        elif isinstance(event, Failed):
            self._fail(event.message)
        else:
            self._update(self.training.after(event))

    def tell_problem(self, kind: str, problem: str) -> None:
        """Tell a problem; one of the training stays with it."""
        if kind == "training":
            self._fail(problem)
        else:
            super().tell_problem(kind, problem)

    def _keep(self, card: RunCard) -> None:
        metric = card.metrics.get("ndcg@10")
        scored = f": NDCG@10 {metric:.4f} in pass {card.best_epoch}" if metric is not None else ""
        kept = "was stopped, its best pass is kept" if card.status == "interrupted" else "is trained"
        self.notify(f"Run {card.name} {kept}{scored}.", markup=False)
        self.training_kept(card)
        self._update(None)
        self.shell.questions.runs()

    def _fail(self, problem: str) -> None:
        self._job = None
        if self.training is not None and self.training.cancelled:
            self._update(None)
            self.notify(problem, markup=False)
            return
        if self.training is not None:
            self._update(replace(self.training, problem=problem))
        self.notify(problem, severity="error", markup=False)

    def _update(self, training: Training | None) -> None:
        before, self.training = self.training, training
        self.training_changed()
        if (before is None) != (training is None):  # the footer is made anew: not with every step
            self.refresh_bindings()

    def _start_process(self, order: Order) -> Job:
        explorer = self.explorer
        dataset, name = explorer.dataset.name, order.name or None
        return TrainingJob.start(explorer.places, order.model, dataset, order.preset, order.parameters, name)
