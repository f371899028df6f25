"""The parameters that a sweep tries, as one types them: `factors=4,8,16`, `lr=1e-4..1e-1:log`."""

from __future__ import annotations

import dataclasses
import itertools
import math
import random
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from musicrec.core.errors import UsageError
from musicrec.core.models.configs import CONFIGS
from musicrec.core.models.written import value_of

Value = bool | int | float | str  # a list stands as the words with commas between
Parameters = dict[str, Value]

_RANGE = re.compile(r"(?P<low>[^:]+?)\.\.(?P<high>[^:]+)(?::(?P<how>.+))?")
_MOST = 10_000  # trainings that a grid may ask for
_TRIES = 1_000  # draws in a row that come to nothing before a space is taken to be used up


@dataclass(frozen=True, slots=True)
class Choices:
    """A parameter that takes one of a few values; `words` are these as typed."""

    name: str
    values: tuple[Value, ...]

    @property
    def text(self) -> str:
        """The values as one may type them."""
        return "|".join(str(value).lower() if isinstance(value, bool) else str(value) for value in self.values)

    def draw(self, chance: random.Random) -> Value:
        """Draw a value, each as likely as any other."""
        return chance.choice(self.values)

    def listed(self) -> tuple[Value, ...]:
        """All values."""
        return self.values


@dataclass(frozen=True, slots=True)
class Range:
    """A parameter that takes any number from `low` to `high`, both included; `step` None is every number."""

    name: str
    low: int | float
    high: int | float
    log: bool = False
    step: int | float | None = None

    @property
    def text(self) -> str:
        """The range as one may type it."""
        how = ":log" if self.log else "" if self.step is None else f":{self.step}"
        return f"{self.low}..{self.high}{how}"

    def draw(self, chance: random.Random) -> Value:
        """Draw a number: evenly, or evenly on the scale of its logarithm."""
        if self.step is not None:
            return chance.choice(self.listed())
        if isinstance(self.low, int):
            if self.log:
                drawn = math.exp(chance.uniform(math.log(self.low - 0.5), math.log(self.high + 0.5)))
                return min(max(round(drawn), self.low), int(self.high))
            return chance.randint(self.low, int(self.high))
        if self.log:
            drawn = math.exp(chance.uniform(math.log(self.low), math.log(self.high)))
            return min(max(drawn, self.low), self.high)
        return chance.uniform(self.low, self.high)

    def listed(self) -> tuple[Value, ...]:
        """All values of a range of steps. Raises UsageError for one that has no end of them."""
        step = 1 if isinstance(self.low, int) and self.step is None else self.step
        if step is None or self.log:
            raise UsageError(f"{self.name}={self.text} has no end of values: a grid takes {self.name}=A,B,C")
        low, high, by = (Decimal(str(number)) for number in (self.low, self.high, step))
        kind = type(self.low)
        count = int((high - low) / by) + 1
        if count > _MOST:
            raise UsageError(f"{self.name}={self.text} are {count:,} values: a grid takes at most {_MOST:,}")
        return tuple(kind(low + by * at) for at in range(count))


Axis = Choices | Range


def read_space(model: str, words: Mapping[str, str]) -> tuple[Axis, ...]:
    """Read the values of every parameter. Raises UsageError, naming what cannot be and what can."""
    return tuple(_axis(model, name, text) for name, text in words.items())


def split_words(words: Sequence[str]) -> dict[str, str]:
    """Read `name=values name=values`. Raises UsageError for a word of another form, or a name given twice."""
    found: dict[str, str] = {}
    for word in words:
        name, equals, values = word.partition("=")
        name = name.removeprefix("--").replace("-", "_")
        if not (name and equals and values):
            raise UsageError(f"{word!r} is not of the form name=values, such as factors=4,8,16 or lr=1e-4..1e-1:log")
        if name in found:
            raise UsageError(f"{name} is given twice")
        found[name] = values
    return found


def grid(space: Sequence[Axis]) -> Iterator[Parameters]:
    """Every combination once, the last parameter changing fastest. Raises UsageError for too many."""
    listed = [axis.listed() for axis in space]
    if (count := math.prod(map(len, listed))) > _MOST:
        raise UsageError(f"a grid of {count:,} trainings: it takes at most {_MOST:,}; draw some by --random N")
    return (dict(zip((axis.name for axis in space), values, strict=True)) for values in itertools.product(*listed))


def draws(space: Sequence[Axis], seed: int) -> Iterator[Parameters]:
    """Combinations at random, none twice, until the space is used up; the same ones for the same seed."""
    chance, seen, in_vain = random.Random(seed), set[tuple[Value, ...]](), 0
    while in_vain < _TRIES:
        drawn = {axis.name: axis.draw(chance) for axis in space}
        if (key := tuple(drawn.values())) in seen:
            in_vain += 1
            continue
        seen.add(key)
        in_vain = 0
        yield drawn


def _axis(model: str, name: str, text: str) -> Axis:
    kinds = {field.name: type(field.default) for field in dataclasses.fields(CONFIGS[model])}
    kind = kinds.get(name, str)
    if kind in (int, float) and (found := _RANGE.fullmatch(text.strip())):
        return _range(model, name, text, *found.group("low", "high", "how"))
    separator = "|" if "|" in text or kind is tuple else ","
    words = [word.strip() for word in text.split(separator)]
    if not all(words):
        raise UsageError(f"{name}={text}: a value is missing")
    values = tuple(value_of(model, name, word) for word in words)
    if len(set(values)) < len(values):
        raise UsageError(f"{name}={text}: a value is given twice")
    return Choices(name, values)


def _range(model: str, name: str, text: str, first: str, last: str, how: str | None) -> Range:
    low, high = value_of(model, name, first.strip()), value_of(model, name, last.strip())
    assert isinstance(low, int | float)
    assert isinstance(high, int | float)
    if low >= high:
        raise UsageError(f"{name}={text}: the first number must be below the last")
    if how is None:
        return Range(name, low, high)
    if how == "log":
        if low <= 0:
            raise UsageError(f"{name}={text}: a range by :log begins above 0")
        return Range(name, low, high, log=True)
    step = value_of(model, name, how)
    assert isinstance(step, int | float)
    if step <= 0:
        raise UsageError(f"{name}={text}: a step is above 0")
    return Range(name, low, high, step=step)
