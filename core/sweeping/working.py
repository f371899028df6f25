"""A process at work on a sweep: it trains what nobody trains yet, until nothing is left."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import torch

from musicrec.core.dataset import Dataset
from musicrec.core.errors import MusicrecError, NotFound, UsageError
from musicrec.core.models.configs import Config, GradientConfig, NCFConfig, config_of_run
from musicrec.core.places import Places
from musicrec.core.pretraining import train
from musicrec.core.records import RunCard
from musicrec.core.runs import CARD, TRAINING, read_card, read_history, write_atomically
from musicrec.core.sweeping.results import Outcome, outcome, run_name, write_results
from musicrec.core.sweeping.shared import Claim, SharedTrials
from musicrec.core.sweeping.space import Parameters
from musicrec.core.tasks import make_task
from musicrec.core.training import METRIC, resume
from musicrec.core.watch import Epoch, Step, Watch

Keep = Literal["all", "weights", "best"]
MARK = "sweep.json"
BRANCHES = ("gmf", "mlp")  # what a pretrained NeuMF starts from


class Pruned(MusicrecError):
    """The pruner ended a training: others were better at the same pass."""


@dataclass(frozen=True, slots=True)
class SweepWatch:
    """Who is told how a sweep goes, on the training thread."""

    begun: Callable[[str, Parameters], None] = lambda run, parameters: None
    step: Callable[[Step], None] = lambda step: None
    epoch: Callable[[Epoch], None] = lambda epoch: None
    ended: Callable[[int, Outcome], None] = lambda number, found: None


class Worker:
    """Trains the trials of one sweep.

    `keep` says what stays of runs that came to their end: all, all but what only `--resume` needs, or nothing but the
    best run. With `prune` a training ends early where the pruner says so.
    """

    def __init__(
        self,
        name: str,
        shared: SharedTrials,
        data: Dataset,
        places: Places,
        *,
        device: str = "auto",
        keep: Keep = "weights",
        prune: bool = False,
        watch: SweepWatch | None = None,
    ) -> None:
        self.name, self.shared, self.data, self.places = name, shared, data, places
        self.device, self.keep, self.prune, self.watch = device, keep, prune, watch or SweepWatch()

    def run(self) -> None:
        """Train until no trial is left that nobody trains.

        Raises KeyboardInterrupt, with the trial left to whoever comes next, UsageError where a run of another origin
        has a name that the sweep needs, and MusicrecError where files cannot be written.
        """
        make_task(self.data, "validation", most=1)  # raises where there is nothing to choose by
        self.check_names()
        while (claim := self.shared.claim()) is not None:
            self.watch.begun(run_name(self.name, claim.number), claim.parameters)
            try:
                with self.shared.beating(claim):
                    self.one(claim)
            except BaseException:
                self.shared.give_up(claim)  # which changes nothing for one that is booked
                raise
            with self.shared.alone():
                found = self.now()
                write_results(self.places, found)
                self.tidy(found)
            self.watch.ended(claim.number, found)

    def now(self) -> Outcome:
        """The sweep as it stands."""
        return outcome(self.places, self.name, self.shared.plan, self.shared.trials(), self.shared.notes)

    def check_names(self) -> None:
        """Raise UsageError where a run of another origin has a name that the sweep needs."""
        foreign = [each for each in self.now().results if each.trial.state == "waiting" and self.is_foreign(each.run)]
        now = self.shared.trials()  # once more: what another process of the sweep began meanwhile is none of them
        if still := [each.run for each in foreign if now[each.trial.number - 1].state == "waiting"]:
            raise UsageError(f"run {still[0]} is there already, and not of this sweep: choose another --name")

    def is_foreign(self, run: str) -> bool:
        """Say whether there is a run of this name without the mark of this sweep."""
        return (self.places.run(run) / CARD).is_file() and not self.is_ours(run)

    def is_ours(self, run: str) -> bool:
        """Say whether a run has the mark of this sweep."""
        try:
            told = json.loads((self.places.run(run) / MARK).read_text("utf-8"))
        except (OSError, ValueError):
            return False
        return isinstance(told, dict) and told.get("sweep") == self.name

    def one(self, claim: Claim) -> None:
        """Train one trial and book what came of it."""
        try:
            card = self.trained(claim)
        except Pruned:
            card = read_card(self.places, run_name(self.name, claim.number))
            claim.note(_facts(card))
            return self.shared.prune(claim)
        except torch.OutOfMemoryError:
            return self.shared.fail(claim, "the device has too little memory for it")
        except MusicrecError as error:
            if isinstance(error.__cause__, OSError):  # a full disk is not the fault of the parameters
                raise
            return self.shared.fail(claim, str(error))
        self.mark(claim, card.name)
        if card.status == "interrupted":
            raise KeyboardInterrupt
        claim.note(_facts(card))
        return self.shared.finish(claim, card.metrics[METRIC])

    def trained(self, claim: Claim) -> RunCard:
        """Train, or go on where a training was broken off, or take what was done before it could be booked."""
        run, config = run_name(self.name, claim.number), self.shared.plan.config(claim.parameters)
        first: list[str] = []  # runs that this one starts from
        awaited = len(BRANCHES) if isinstance(config, NCFConfig) and config.pretrain else 0
        watch = Watch(self.watch.step, lambda epoch: self.passed(claim, epoch, len(first) < awaited))
        if (card := self.begun(run, config)) is not None:
            if card.status == "finished":
                return card
            try:
                for epoch in read_history(self.places, run):
                    if epoch.validation is not None:
                        claim.report(epoch.epoch, epoch.validation)
                return resume(self.data, self.places, run, device=self.device, watch=watch)
            except NotFound:  # what going on needs was not kept
                self.clear(run)

        def told(card: RunCard) -> None:
            first.append(self.mark(claim, card.name))

        return train(self.data, self.shared.plan.model, config, self.places, run, self.device, watch, told)

    def begun(self, run: str, config: Config) -> RunCard | None:
        """The run that an earlier process left of this training; None where there is none to go on with."""
        folder = self.places.run(run)
        if not (folder / CARD).is_file():
            if (folder / MARK).is_file():  # it was killed within its first save
                self.clear(run)
            return None
        card = read_card(self.places, run)
        alike = (card.model, card.fingerprint) == (self.shared.plan.model, self.data.fingerprint)
        if not alike or config_of_run(card.model, card.config) != config:
            raise UsageError(f"run {run} is there with other parameters: remove it, or choose another --name")
        return card if card.status == "finished" or isinstance(config, GradientConfig) else None

    def clear(self, run: str) -> None:
        """Remove what a training that cannot go on has left."""
        if self.is_ours(run):
            shutil.rmtree(self.places.run(run))

    def passed(self, claim: Claim, epoch: Epoch, of_branch: bool) -> None:
        """Mark the run as ours before it is first saved, and ask the pruner; passes of a branch are only told of."""
        if not of_branch:
            self.mark(claim, run_name(self.name, claim.number))
        self.watch.epoch(epoch)
        if of_branch or epoch.validation is None:
            return
        if claim.report(epoch.epoch, epoch.validation) and self.prune:
            raise Pruned(f"pruned after pass {epoch.epoch}")

    def mark(self, claim: Claim, run: str) -> str:
        """Write `sweep.json` into the folder of a run; returns its name."""
        path = self.places.run(run) / MARK
        if not path.is_file():
            told = {"sweep": self.name, "trial": claim.number, "parameters": claim.parameters}
            write_atomically(path, (json.dumps(told, ensure_ascii=False, indent=2) + "\n").encode())
        return run

    def tidy(self, found: Outcome) -> None:
        """Remove what is not to be kept of runs that came to their end."""
        best = found.best
        for each in found.results:
            ended = each.trial.state in ("finished", "pruned")
            for run in (each.run, *(f"{each.run}-{branch}" for branch in BRANCHES)):
                if ended and self.is_ours(run) and self.keep != "all":
                    (self.places.run(run) / TRAINING).unlink(missing_ok=True)
                    if self.keep == "best" and best is not None and each.run != best.run:
                        shutil.rmtree(self.places.run(run))


def _facts(card: RunCard) -> dict[str, object]:
    return {
        "ndcg": card.metrics.get(METRIC),
        "epochs": card.epochs,
        "best_epoch": card.best_epoch,
        "seconds": card.seconds,
    }
