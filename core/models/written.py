"""Parameters as one types them: words to values of the right kinds, and what each parameter of a model is."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from musicrec.core.errors import UsageError
from musicrec.core.models.config import LARGEST
from musicrec.core.models.configs import CONFIGS, KINDS, Config, config_for

_TRUTHS = {"true": True, "yes": True, "false": False, "no": False}


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of a model: `usual` is its value under a preset, as one would type it."""

    name: str
    usual: str
    help: str


def parameters_of(model: str, preset: str = "default") -> tuple[Parameter, ...]:
    """Every parameter that `model` takes, its own first. Raises UsageError for names that do not exist."""
    config = config_for(model, preset)
    found = [Parameter(f.name, _shown(getattr(config, f.name)), f.metadata["help"]) for f in dataclasses.fields(config)]
    return tuple(sorted(found, key=lambda parameter: parameter.name == "seed"))


def split_parameters(text: str) -> dict[str, str]:
    """Read `key=value key=value`. Raises UsageError for a word that is none of that form, or a key given twice."""
    found: dict[str, str] = {}
    for word in text.split():
        key, equals, value = word.partition("=")
        if not (key and equals and value):
            raise UsageError(f"{word!r} is not of the form name=value; parameters have spaces between them")
        name = key.removeprefix("--").replace("-", "_")
        if name in found:
            raise UsageError(f"{name} is given twice")
        found[name] = value
    return found


def config_from_words(model: str, preset: str, words: Mapping[str, str]) -> Config:
    """Make the configuration of `model` with `words` over the preset. Raises UsageError like `config_for`."""
    fields = {field.name: field for field in dataclasses.fields(CONFIGS[model])} if model in CONFIGS else {}
    values = {
        name: _value(name, word, fields[name].default) if name in fields else word for name, word in words.items()
    }
    return config_for(model, preset, values)


def value_of(model: str, name: str, word: str) -> Any:
    """Read one value for a parameter, whatever the others are; a list stays a word. Raises UsageError for a parameter
    that `model` does not take, and for a word that is of no kind that it takes."""
    fields = {field.name: field for field in dataclasses.fields(config_for(model))}
    if name not in fields:
        config_for(model, chosen={name: word})
    return _value(name, word, fields[name].default)


def _value(name: str, word: str, default: Any) -> Any:
    kind = type(default)
    if kind is bool and word.casefold() in _TRUTHS:
        return _TRUTHS[word.casefold()]
    if kind not in (int, float):
        if kind is bool:
            raise UsageError(f"{name} takes {KINDS[kind]}, not {word!r}")
        return word
    try:
        value = kind(word)
    except ValueError as error:
        raise UsageError(f"{name} takes {KINDS[kind]}, not {word!r}") from error
    if (kind is int and abs(value) >= LARGEST) or not math.isfinite(value):
        raise UsageError(f"{name} takes {KINDS[kind]}, not {word!r}")
    return value


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return ",".join(map(str, value)) if isinstance(value, tuple) else str(value)
