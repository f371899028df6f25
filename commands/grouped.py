"""Options that commands take together, each group as one parameter."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from functools import wraps
from typing import TYPE_CHECKING, Annotated, Any

import typer

from musicrec.commands.options import Genre, IncludeHeard, Language, PerArtist, Years
from musicrec.core.models.options import ParameterOption, parameter_options

if TYPE_CHECKING:
    from musicrec.core.drafts import Filters

Command = Callable[..., None]

_AS_IN_THE_REFERENCE = {  # the NCF reference program's names, beside ours
    "optimizer": "--optim",
    "batch_size": "--batch_size",
    "factors": "--latent_dim_mf",
    "layers": "--num_layers",
    "negatives": "--num_neg",
}


def with_filters(command: Command) -> Command:
    """Give a command the options of what may be recommended, in place of its `filters: Filters`."""
    options = (
        _option("include_heard", IncludeHeard, False),
        _option("genre", Genre),
        _option("language", Language),
        _option("year", Years),
        _option("per_artist", PerArtist),
    )
    return _grouped(command, "filters", options, _filters)


def with_parameters(command: Command) -> Command:
    """Give a command one option for every parameter of every model, in place of its `parameters: dict[str, Any]`.

    It gets those that were given.
    """
    return _grouped(command, "parameters", [_option_of(each) for each in parameter_options()], _given)


def _grouped(
    command: Command, name: str, options: Sequence[inspect.Parameter], value_of: Callable[..., object]
) -> Command:
    @wraps(command)
    def told(**values: Any) -> None:
        value = value_of(**{option.name: values.pop(option.name) for option in options})
        command(**values, **{name: value})

    del command.__annotations__[name]  # its type may be one that help must not import
    signature = inspect.signature(command, eval_str=True)
    parameters = list(signature.parameters.values())
    place = list(signature.parameters).index(name)
    parameters[place : place + 1] = options
    vars(told)["__signature__"] = signature.replace(parameters=parameters)  # what inspect, and so Typer, goes by
    told.__annotations__ = {each.name: each.annotation for each in parameters}
    return told


def _option(name: str, annotation: object, default: object = None) -> inspect.Parameter:
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation)


def _option_of(each: ParameterOption) -> inspect.Parameter:
    names = [f"--{each.name.replace('_', '-')}", also] if (also := _AS_IN_THE_REFERENCE.get(each.name)) else []
    return _option(each.name, Annotated[each.kind | None, typer.Option(*names, help=each.help, show_default=False)])


def _filters(
    genre: str | None, language: str | None, year: str | None, include_heard: bool, per_artist: int | None
) -> Filters:
    from musicrec.core.drafts import Filters
    from musicrec.core.typed import years

    first, last = years(year) if year is not None else (None, None)
    return Filters(genre, language, first, last, include_heard, per_artist)


def _given(**values: object) -> dict[str, object]:
    return {name: value for name, value in values.items() if value is not None}
