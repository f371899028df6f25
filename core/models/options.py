"""The parameters of all models side by side, as options to offer: the name, the type and the help of each."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any

from musicrec.core.models.configs import CONFIGS

_FAMILIES = ("dtnmr", "ncf", "itemknn")  # the others take the parameters of one of these


@dataclass(frozen=True, slots=True)
class ParameterOption:
    """One parameter of one or more models; `kind` is int, float, bool or str, which also stands for a list."""

    name: str
    kind: type
    help: str


def parameter_options() -> tuple[ParameterOption, ...]:
    """Every parameter of every model, each once, with its defaults in the help."""
    fields: dict[str, dict[str, dataclasses.Field[Any]]] = {}
    for model in _FAMILIES:
        for field in dataclasses.fields(CONFIGS[model]):
            fields.setdefault(field.name, {})[model] = field
    return tuple(_option(name, of_models) for name, of_models in fields.items())


def _option(name: str, fields: dict[str, dataclasses.Field[Any]]) -> ParameterOption:
    field = next(iter(fields.values()))
    shown = {model: _shown(each.default) for model, each in fields.items()}
    alike = len(set(shown.values())) == 1 and len(shown) > 1
    text = next(iter(shown.values())) if alike else ", ".join(f"{model} {value}" for model, value in shown.items())
    kind = str if isinstance(field.default, tuple | str) else type(field.default)
    return ParameterOption(name, kind, f"{field.metadata['help']} [{text}]")


def _shown(default: object) -> str:
    return ",".join(map(str, default)) if isinstance(default, tuple) else str(default)
