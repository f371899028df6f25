"""The trials of a sweep in Optuna's storage, each trained exactly once by whichever process comes first.

A sweep of n trainings has the places 1 to n. A place belongs to the oldest trial in the storage that is made for it and
is not void; whoever begins another one finds that out before it trains, and makes its own void. So any number of
processes may fill the places at the same moment, and no lock is needed between machines. A trial is void where its
training was broken off; its place is then filled anew, with the same parameters.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from musicrec.core.errors import UsageError
from musicrec.core.sweeping import signs
from musicrec.core.sweeping.plan import Plan, trials_of
from musicrec.core.sweeping.signs import SignsOfLife, beating
from musicrec.core.sweeping.space import Axis, Choices, Parameters, Value
from musicrec.core.sweeping.storage import locked, open_study

if TYPE_CHECKING:
    import optuna
    from optuna.trial import FrozenTrial

State = Literal["waiting", "running", "finished", "pruned", "failed"]
_REFUSALS = 50  # combinations that a guided search may propose for a place and no training can have


@dataclass(frozen=True, slots=True)
class Trial:
    """One place of a sweep and how its training went; `ndcg` is the best validation NDCG@10."""

    number: int
    state: State
    parameters: Parameters
    ndcg: float | None = None
    epochs: int | None = None
    best_epoch: int | None = None
    seconds: float | None = None
    problem: str | None = None
    where: str | None = None  # the machine


class Claim:
    """A trial that this process trains: its place and its parameters."""

    def __init__(self, trial: optuna.Trial, number: int, parameters: Parameters) -> None:
        self._trial, self.number, self.parameters = trial, number, parameters

    def report(self, epoch: int, ndcg: float) -> bool:
        """Tell how a pass went; whether the pruner would end the training."""
        self._trial.report(ndcg, epoch)
        return self._trial.should_prune()

    def note(self, facts: Mapping[str, object]) -> None:
        """Keep facts with the trial."""
        for name, value in facts.items():
            self._trial.set_user_attr(name, value)


class SharedTrials:
    """A sweep's storage, opened by one process. Not for several threads."""

    def __init__(self, study: optuna.Study, folder: Path, plan: Plan) -> None:
        self._study, self._folder, self.plan = study, folder, plan
        self._axes = plan.axes()
        self._planned = trials_of(plan)
        self._signs = SignsOfLife(folder / "workers")

    @property
    def places(self) -> int:
        """How many trainings the sweep is of."""
        return len(self._planned.parameters)

    @property
    def notes(self) -> tuple[str, ...]:
        """Say what combinations are left out, and why."""
        if not self._planned.left_out:
            return ()
        several = "1 combination is" if self._planned.left_out == 1 else f"{self._planned.left_out:,} combinations are"
        return (f"{several} left out: {self._planned.why}",)

    def close(self) -> None:
        """Give back what tells others that this process lives."""
        self._signs.close()

    def trials(self) -> tuple[Trial, ...]:
        """Every place, in order."""
        held = self._holders()
        return tuple(
            _told(number, held[number]) if number in held else Trial(number, "waiting", self._parameters(number))
            for number in range(1, self.places + 1)
        )

    def claim(self) -> Claim | None:
        """Take a trial that nobody trains; None where there is none left."""
        from optuna.trial import TrialState

        while True:
            self._fill()
            if not self._study.get_trials(deepcopy=False, states=(TrialState.WAITING,)):
                return None
            trial = self._study.ask()
            number = trial.user_attrs.get("place", 0)  # 0: somebody was faster, and Optuna made one of its own
            holder = self._holders().get(number)
            if holder is None or holder.number != trial.number or number > self.places:
                self._tell(trial, TrialState.FAIL)
                continue
            self._signs.begin(trial)
            self._study.sampler = _sampler(self.plan, trial.number)
            parameters = {axis.name: _suggest(trial, axis) for axis in self._axes}
            if self.plan.search != "guided" or self._possible(trial, number, parameters):
                return Claim(trial, number, parameters)

    @contextmanager
    def beating(self, claim: Claim) -> Iterator[None]:
        """Give signs of life for a trial meanwhile."""
        with beating(claim._trial):
            yield

    def finish(self, claim: Claim, ndcg: float) -> None:
        """Book a training that came to its end."""
        from optuna.trial import TrialState

        self._tell(claim._trial, TrialState.COMPLETE, ndcg)

    def prune(self, claim: Claim) -> None:
        """Book a training that the pruner ended."""
        from optuna.trial import TrialState

        self._tell(claim._trial, TrialState.PRUNED)

    def fail(self, claim: Claim, problem: str) -> None:
        """Book a training that cannot be done: it is not tried again."""
        from optuna.trial import TrialState

        claim._trial.set_user_attr("problem", problem)
        self._tell(claim._trial, TrialState.FAIL)

    def give_up(self, claim: Claim) -> None:
        """Leave a training to whoever comes next."""
        from optuna.trial import TrialState

        self._tell(claim._trial, TrialState.FAIL)

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Keep the other processes in this folder from the same meanwhile."""
        with locked(self._folder, "results"):
            yield

    def _tell(self, trial: optuna.Trial, state: Any, value: float | None = None) -> None:
        self._study.tell(trial, value, state=state, skip_if_finished=True)

    def _parameters(self, number: int) -> Parameters:
        return self._planned.parameters[number - 1]

    def _holders(self) -> dict[int, FrozenTrial]:
        held: dict[int, FrozenTrial] = {}
        for trial in self._study.get_trials(deepcopy=False):
            if not _void(trial) and trial.user_attrs.get("place", 0) > 0:
                held.setdefault(trial.user_attrs["place"], trial)
        return held

    def _fill(self) -> None:
        """Make trials for places without one, and for those whose process is gone."""
        from optuna.trial import TrialState

        for trial in (*filter(self._signs.gone, self._running()), *self._taken_by_nobody()):
            self._study.tell(trial.number, state=TrialState.FAIL, skip_if_finished=True)
            self._signs.clear(trial)
        held = self._holders()
        last = {trial.user_attrs.get("place"): trial for trial in self._study.get_trials(deepcopy=False)}
        for number in range(1, self.places + 1):
            if number not in held:
                begun = {} if number not in last or _refused(last[number]) else last[number].params
                self._study.enqueue_trial(self._parameters(number) or begun, user_attrs={"place": number})

    def _running(self) -> list[FrozenTrial]:
        from optuna.trial import TrialState

        return [trial for trial in self._holders().values() if trial.state == TrialState.RUNNING]

    def _taken_by_nobody(self) -> list[FrozenTrial]:
        # Who died between taking a trial and the first sign left nothing but the lock; the living sign meanwhile
        running = self._running()
        unsigned = {trial.number for trial in running if self._signs.unsigned(trial)}
        if not unsigned or not self._signs.deaths(running):
            return []
        time.sleep(signs.FIRST)
        return [trial for trial in self._running() if trial.number in unsigned and self._signs.unsigned(trial)]

    def _possible(self, trial: optuna.Trial, number: int, parameters: Parameters) -> bool:
        from optuna.trial import TrialState

        try:
            self.plan.config(parameters)
        except UsageError as error:
            every = self._study.get_trials(deepcopy=False)
            refused = sum(_refused(each) for each in every if each.user_attrs.get("place") == number)
            if refused + 1 < _REFUSALS:
                trial.set_user_attr("refused", str(error))
                self._tell(trial, TrialState.PRUNED)  # so that the search learns from it
            else:
                trial.set_user_attr("problem", str(error))
                self._tell(trial, TrialState.FAIL)
            return False
        return True


@contextmanager
def opened(
    folder: Path, name: str, plan: Plan | None, storage: str | None = None, prune: bool = False
) -> Iterator[SharedTrials]:
    """Open a sweep, or begin one by `plan`, for as long as the block takes. Raises as `open_study` does."""
    study, agreed = open_study(folder, name, plan, storage, prune)
    shared = SharedTrials(study, folder, agreed)
    try:
        yield shared
    finally:
        shared.close()


def _told(number: int, trial: FrozenTrial) -> Trial:
    from optuna.trial import TrialState

    states: dict[TrialState, State] = {
        TrialState.WAITING: "waiting",
        TrialState.RUNNING: "running",
        TrialState.COMPLETE: "finished",
        TrialState.PRUNED: "pruned",
        TrialState.FAIL: "failed",
    }
    told = trial.user_attrs
    parameters = dict(trial.params or trial.system_attrs.get("fixed_params", {}))
    facts = {name: told.get(name) for name in ("ndcg", "epochs", "best_epoch", "seconds", "problem")}
    return Trial(number, states[trial.state], parameters, where=told.get("host"), **facts)


def _void(trial: FrozenTrial) -> bool:
    from optuna.trial import TrialState

    return _refused(trial) or (trial.state == TrialState.FAIL and "problem" not in trial.user_attrs)


def _refused(trial: FrozenTrial) -> bool:
    return "refused" in trial.user_attrs


def _suggest(trial: optuna.Trial, axis: Axis) -> Value:
    if isinstance(axis, Choices):
        chosen = trial.suggest_categorical(axis.name, axis.values)
        assert chosen is not None  # Optuna has it among its choices, and a sweep has no such value
        return chosen
    if isinstance(axis.low, int):
        return trial.suggest_int(axis.name, axis.low, int(axis.high), step=int(axis.step or 1), log=axis.log)
    return trial.suggest_float(axis.name, axis.low, axis.high, step=axis.step, log=axis.log)


def _sampler(plan: Plan, number: int) -> optuna.samplers.BaseSampler:
    # Two processes must not propose the same: each trial has a seed of its own, of 32 bits, as NumPy takes it
    from optuna.samplers import RandomSampler, TPESampler

    seed = (plan.seed * 100_003 + number) % 2**32
    if plan.search != "guided":
        return RandomSampler(seed)
    return TPESampler(seed=seed, n_startup_trials=max(1, min(10, plan.trials // 3)), constant_liar=True)
