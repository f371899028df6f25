"""The parameters of all models side by side, as options to offer: the name, the type and the help of each."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any

from musicrec.core.models.configs import CONFIGS, MODELS, family


@dataclass(frozen=True, slots=True)
class ParameterOption:
    """One parameter of one or more models; `kind` is int, float, bool or str, which also stands for a list."""

    name: str
    kind: type
    help: str


def parameter_options() -> tuple[ParameterOption, ...]:
    """Every parameter of every model, each once, with its defaults in the help.

    Models that mean different things by one name have a help each.
    """
    fields: dict[str, dict[str, dataclasses.Field[Any]]] = {}
    for model in dict.fromkeys(map(family, MODELS)):
        for field in dataclasses.fields(CONFIGS[model]):
            fields.setdefault(field.name, {})[model] = field
    return tuple(_option(name, of_models) for name, of_models in fields.items())


def _option(name: str, fields: dict[str, dataclasses.Field[Any]]) -> ParameterOption:
    default = next(iter(fields.values())).default
    alike: dict[str, dict[str, str]] = {}
    for model, field in fields.items():
        alike.setdefault(field.metadata["help"], {})[model] = _shown(field.default)
    text = " ".join(f"{told} [{_defaults(values)}]" for told, values in alike.items())
    return ParameterOption(name, str if isinstance(default, tuple | str) else type(default), text)


def _defaults(values: dict[str, str]) -> str:
    models: dict[str, list[str]] = {}
    for model, value in values.items():
        models.setdefault(value, []).append(model)
    if len(models) == 1 and len(values) > 1:
        return next(iter(models))
    return ", ".join(f"{' '.join(names)} {value}" for value, names in models.items())


def _shown(default: object) -> str:
    return ",".join(map(str, default)) if isinstance(default, tuple) else str(default)
