"""What a sweep is: a model, what is fixed, what is tried, and how; and the sweeps of the reference systems by name."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Literal, cast

from musicrec.core.errors import MusicrecError, UsageError
from musicrec.core.models.configs import Config, config_for
from musicrec.core.records import ProtocolName
from musicrec.core.sweeping.space import Axis, Parameters, draws, grid, read_space

Search = Literal["grid", "random", "guided"]
_IN_A_ROW = 1_000  # draws that no training can have, before there is taken to be none that it can


@dataclass(frozen=True, slots=True)
class Plan:
    """One sweep. `space` has the values of each parameter that varies as text, `fixed` those of others.

    `trials` counts the trainings that are asked for, 0 for all of a grid; `seed` is of the search.
    """

    model: str
    dataset: str
    fingerprint: str
    search: Search
    space: dict[str, str]
    preset: str = "default"
    fixed: Parameters = field(default_factory=dict)
    trials: int = 0
    seed: int = 7

    def axes(self) -> tuple[Axis, ...]:
        """What varies. Raises UsageError for what cannot be read."""
        return read_space(self.model, self.space)

    def config(self, parameters: Mapping[str, object]) -> Config:
        """The configuration of one training. Raises UsageError for one that cannot be."""
        return config_for(self.model, self.preset, {**self.fixed, **parameters})

    def to_json(self) -> str:
        """Write the plan."""
        return json.dumps(asdict(self), ensure_ascii=False, indent=2) + "\n"


@dataclass(frozen=True, slots=True)
class Trials:
    """The trainings of a plan. A guided search has empty parameters: they are found when a training begins.

    `left_out` counts combinations that no training can have, and `why` says for one of them.
    """

    parameters: tuple[Parameters, ...]
    left_out: int = 0
    why: str = ""


def make_plan(plan: Plan) -> Plan:
    """Write the values of a plan in one form, and check them. Raises UsageError for what cannot be trained at all."""
    axes = plan.axes()
    if not axes:
        raise UsageError("a sweep varies something: name parameters and values, such as factors=4,8,16")
    if both := sorted({axis.name for axis in axes} & set(plan.fixed)):
        raise UsageError(f"{both[0]} is both fixed and among what varies")
    if plan.search == "grid" and plan.trials:
        raise UsageError("a grid trains every combination: leave out trials, or take a random or guided search")
    if plan.search != "grid" and plan.trials < 1:
        raise UsageError(f"a {plan.search} search takes a number of trainings, 1 or more")
    written = {**asdict(plan), "space": {axis.name: axis.text for axis in axes}}
    made = Plan(**written)
    trials_of(made)
    return made


def trials_of(plan: Plan) -> Trials:
    """Every training of the plan, in order; those of a longer plan of the same search begin with them.

    Raises UsageError where a value fits no training.
    """
    axes = plan.axes()
    if plan.search == "grid":
        return _all(plan, grid(axes))
    drawn = _some(plan, draws(axes, plan.seed))
    return drawn if plan.search == "random" else Trials(({},) * plan.trials)


def read_plan(text: str) -> Plan:
    """Read a plan that `to_json` wrote. Raises MusicrecError for one that makes no sense."""
    try:
        told = json.loads(text)
        return Plan(**{each.name: told[each.name] for each in fields(Plan)})
    except (ValueError, TypeError, KeyError) as error:
        raise MusicrecError(f"the plan of the sweep is damaged ({error}): begin another sweep") from error


def difference(one: Plan, other: Plan) -> str | None:
    """Say in what two plans differ, or None where they differ in no more than the number of trainings."""
    for name in (each.name for each in fields(Plan)):
        before, now = getattr(one, name), getattr(other, name)
        if before != now and name != "trials":
            return f"{name} {_told(before)}, not {_told(now)}"
    return None


@dataclass(frozen=True, slots=True)
class Preset:
    """A sweep of a reference system, and the protocol of its table."""

    model: str
    space: dict[str, str]
    fixed: Parameters
    protocol: ProtocolName


PRESETS: dict[str, Preset] = {
    # The reference trains all 20 passes and keeps the best: patience must not end one before
    "ncf-reference": Preset(
        "ncf", {"negatives": "1,5,10", "factors": "4,8,16", "layers": "1,2,3"}, {"patience": 20}, "ncf-reference"
    ),
    "dtnmr-reference": Preset(
        "dtnmr", {"short_term_len": "5,10,20", "long_term_len": "10,20,40", "subset_size": "2,5,10,20"}, {}, "full"
    ),
}


def _all(plan: Plan, combinations: Iterable[Parameters]) -> Trials:
    good: list[Parameters] = []
    refused: list[tuple[Parameters, UsageError]] = []
    for parameters in combinations:
        try:
            plan.config(parameters)
        except UsageError as problem:
            refused.append((parameters, problem))
        else:
            good.append(parameters)
    fits = {pair for parameters in good for pair in parameters.items()}
    for parameters, error in refused:
        if not fits.issuperset(parameters.items()):
            raise error
    return Trials(tuple(good), len(refused), str(refused[0][1]) if refused else "")


def _some(plan: Plan, combinations: Iterator[Parameters]) -> Trials:
    good: list[Parameters] = []
    refused, in_a_row, why = 0, 0, ""
    for parameters in combinations:
        try:
            plan.config(parameters)
        except UsageError as error:
            refused, in_a_row, why = refused + 1, in_a_row + 1, str(error)
            if in_a_row == _IN_A_ROW:
                raise
        else:
            in_a_row = 0
            good.append(parameters)
        if len(good) == plan.trials:
            break
    if not good:
        raise UsageError(why)
    return Trials(tuple(good), refused, why)


def _told(value: object) -> str:
    if isinstance(value, dict):
        return " ".join(f"{name}={item}" for name, item in cast("dict[str, object]", value).items()) or "nothing"
    return str(value)
