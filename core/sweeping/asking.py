"""From what a person asks for to a plan: words, a preset, a file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any, cast, get_args

from musicrec.core.errors import UsageError
from musicrec.core.models.configs import MODELS, config_for
from musicrec.core.models.configs import PRESETS as PARAMETERS
from musicrec.core.records import ProtocolName
from musicrec.core.sweeping.plan import PRESETS, Plan, Search, make_plan
from musicrec.core.sweeping.space import Parameters, split_words
from musicrec.core.typed import read_toml

_KINDS: dict[str, type] = {
    **dict.fromkeys(("model", "preset", "search"), str),
    **dict.fromkeys(("trials", "seed"), int),
    **dict.fromkeys(("space", "fixed"), dict),
}


@dataclass(frozen=True, slots=True)
class Asked:
    """What a sweep is asked to be; None and what is empty leave it open."""

    model: str | None = None
    preset: str | None = None
    search: Search | None = None
    trials: int = 0
    seed: int | None = None
    space: dict[str, str] = field(default_factory=dict)
    fixed: Parameters = field(default_factory=dict)
    protocol: ProtocolName | None = None

    def over(self, base: Asked) -> Asked:
        """Put this over `base`: what is fixed here no longer varies there, and the other way round."""
        if self.model and base.model and self.model != base.model:
            raise UsageError(f"the sweep asked for is of {base.model}, not {self.model}")
        space = {name: text for name, text in base.space.items() if name not in self.fixed}
        fixed = {name: value for name, value in base.fixed.items() if name not in self.space}
        return replace(
            base,
            model=self.model or base.model,
            preset=self.preset or base.preset,
            search=self.search or base.search,
            trials=self.trials or (0 if self.search == "grid" else base.trials),
            seed=self.seed if self.seed is not None else base.seed,
            space=space | self.space,
            fixed=fixed | self.fixed,
            protocol=self.protocol or base.protocol,
        )

    @property
    def empty(self) -> bool:
        """Whether nothing is asked for: a sweep that is there goes on as it is."""
        return self == Asked()

    def plan(self, dataset: str, fingerprint: str) -> Plan:
        """Make the plan for a dataset. Raises UsageError for what cannot be."""
        if self.model is None:
            raise UsageError(
                f"name what to train: a model, one of {', '.join(MODELS)}, or --preset {'|'.join(PRESETS)}"
            )
        search, preset = self.search or "grid", self.preset or "default"
        config_for(self.model, preset)
        plan = Plan(self.model, dataset, fingerprint, search, self.space, preset, self.fixed, self.trials)
        return make_plan(plan if self.seed is None else replace(plan, seed=self.seed))


def from_words(words: Sequence[str]) -> Asked:
    """Read `MODEL name=values name=values`; the model may be left out. Raises UsageError."""
    model = words[0] if words and "=" not in words[0] else None
    if model is not None:
        config_for(model)
    return Asked(model=model, space=split_words(words[1:] if model else words))


def from_preset(name: str) -> Asked:
    """Return the sweep of a reference system called `name`, or one that starts from that preset of parameters."""
    if name in PARAMETERS:
        return Asked(preset=name)
    if name not in PRESETS:
        raise UsageError(f"no preset is called {name!r}: choose one of {', '.join((*PRESETS, *PARAMETERS))}")
    found = PRESETS[name]
    return Asked(
        found.model, "reference", "grid", space=dict(found.space), fixed=dict(found.fixed), protocol=found.protocol
    )


def from_file(path: Path) -> Asked:
    """Read a TOML file: model, preset, search, trials, seed, and the tables space and fixed. Raises UsageError."""
    told = read_toml(path, "--space")
    for name, value in told.items():
        if name not in _KINDS:
            near = get_close_matches(name, _KINDS, 1)
            meant = f" did you mean {near[0]}?" if near else ""
            raise UsageError(f"--space {path} has {name!r}:{meant} it takes {', '.join(_KINDS)}")
        if not isinstance(value, _KINDS[name]) or isinstance(value, bool):
            raise UsageError(f"--space {path}: {name} cannot be {value!r}")
    if told.get("search") not in (None, *get_args(Search)):
        raise UsageError(f"--space {path}: search is one of {', '.join(get_args(Search))}, not {told['search']!r}")
    base = from_preset(told["preset"]) if "preset" in told else Asked()
    return Asked(
        model=told.get("model"),
        search=cast("Search | None", told.get("search")),
        trials=told.get("trials", 0),
        seed=told.get("seed"),
        space={name.replace("-", "_"): _values(value) for name, value in told.get("space", {}).items()},
        fixed=as_fixed({name.replace("-", "_"): value for name, value in told.get("fixed", {}).items()}),
    ).over(base)


def as_fixed(values: Mapping[str, Any]) -> Parameters:
    """Write lists as words with commas between: parameters that do not vary."""
    return {name: _word(value) if isinstance(value, list | tuple) else value for name, value in values.items()}


def _values(value: Any) -> str:
    if not isinstance(value, list):
        return _text(value)
    return "|".join(_word(item) if isinstance(item, list) else _text(item) for item in value)


def _word(items: Sequence[Any]) -> str:
    return ",".join(map(_text, items))


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
