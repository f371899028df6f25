"""Which models there are, what each can be told, and named sets of values: presets. Nothing here imports torch."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from musicrec.core.errors import UsageError
from musicrec.core.models import dtnmr_config, ncf_config
from musicrec.core.models.baseline_configs import (
    ALSConfig,
    BPRConfig,
    EASEConfig,
    ItemKNNConfig,
    PopularityConfig,
    RecentConfig,
)
from musicrec.core.models.config import LARGEST, Config, GradientConfig
from musicrec.core.models.dtnmr_config import LISTENER_FEATURES, SONG_FEATURES, DTNMRConfig
from musicrec.core.models.mf_config import MFConfig
from musicrec.core.models.ncf_config import NCFConfig
from musicrec.core.models.sasrec_config import SASRecConfig

if TYPE_CHECKING:
    from musicrec.core.tables.columns import BagKey

__all__ = [
    "CONFIGS",
    "LISTENER_FEATURES",
    "MODELS",
    "PRESETS",
    "SONG_FEATURES",
    "ALSConfig",
    "BPRConfig",
    "Config",
    "DTNMRConfig",
    "EASEConfig",
    "GradientConfig",
    "ItemKNNConfig",
    "MFConfig",
    "NCFConfig",
    "PopularityConfig",
    "RecentConfig",
    "SASRecConfig",
    "bags_read",
    "config_for",
    "config_of_run",
    "family",
    "windows",
]  # fmt: skip

CONFIGS: dict[str, type[Config]] = {
    "dtnmr": DTNMRConfig,
    "ncf": NCFConfig,
    "neumf": NCFConfig,
    "gmf": NCFConfig,
    "mlp": NCFConfig,
    "mf": MFConfig,
    "itemknn": ItemKNNConfig,
    "popularity": PopularityConfig,
    "recent": RecentConfig,
    "ease": EASEConfig,
    "als": ALSConfig,
    "bpr": BPRConfig,
    "sasrec": SASRecConfig,
}
MODELS = tuple(CONFIGS)
KINDS: dict[type, str] = {int: "a whole number", float: "a number", str: "a name", bool: "true or false"}

PRESETS: dict[str, dict[str, dict[str, object]]] = {
    "default": {},
    "reference": {"dtnmr": dtnmr_config.REFERENCE, "ncf": ncf_config.REFERENCE},
    "quick": {"dtnmr": dtnmr_config.QUICK, "ncf": ncf_config.QUICK},
}


def config_for(model: str, preset: str = "default", chosen: dict[str, Any] | None = None) -> Config:
    """Make the configuration of `model`: the preset's values, with `chosen` over them.

    Raises UsageError for a model, preset, parameter or value that does not exist, naming the ones that do.
    """
    if model not in CONFIGS:
        raise UsageError(f"no model is called {model!r}: choose one of {', '.join(MODELS)}")
    if preset not in PRESETS:
        raise UsageError(f"no preset is called {preset!r}: choose one of {', '.join(PRESETS)}")
    known = {each.name: each for each in dataclasses.fields(CONFIGS[model])}
    values: dict[str, Any] = dict(PRESETS[preset].get(family(model), {})) | (chosen or {})
    for name in values:
        if name not in known:
            near = get_close_matches(name, known, 1)
            meant = f"did you mean {near[0]}?" if near else f"it takes {', '.join(sorted(known))}"
            raise UsageError(f"{model} takes no parameter {name!r}: {meant}")
    config = CONFIGS[model](**{name: _fit(name, value, known[name].default) for name, value in values.items()})
    config.check(model)
    return config


def config_of_run(model: str, config: Mapping[str, object]) -> Config:
    """Make the configuration of a run that says `config`; what it does not say is as in the reference systems."""
    unsaid = ncf_config.UNSAID if family(model) == "ncf" else {}
    return config_for(model, "reference", unsaid | dict(config))


def bags_read(model: str, config: dict[str, Any]) -> tuple[BagKey, ...]:
    """Return the bags that a run with this configuration asks its dataset for; none where it cannot be used."""
    try:
        chosen = config_of_run(model, config)
    except UsageError:
        return ()
    return (chosen.song_bags, chosen.listener_bags) if isinstance(chosen, DTNMRConfig) else ()


def family(model: str) -> str:
    """Return the model that `model` is a form of: gmf, mlp and neumf are forms of ncf."""
    return "ncf" if model in ("neumf", "gmf", "mlp") else model


def windows(config: dict[str, Any]) -> tuple[int, int]:
    """Return how many of the last plays a run reads as short-term and long-term playlist; DTNMR's if it says none."""
    default = DTNMRConfig()
    short, long = config.get("short_term_len"), config.get("long_term_len")
    return (
        short if isinstance(short, int) and short > 0 else default.short_term_len,
        long if isinstance(long, int) and long > 0 else default.long_term_len,
    )


def _fit(name: str, value: Any, default: Any) -> Any:
    if isinstance(default, tuple):
        return _sequence(name, value, type(default[0]))
    if isinstance(default, float) and isinstance(value, int) and not isinstance(value, bool) and abs(value) < LARGEST:
        return float(value)
    if not isinstance(value, type(default)) or (isinstance(value, bool) and not isinstance(default, bool)):
        raise UsageError(f"{name} takes {KINDS[type(default)]}, not {value!r}")
    return value


def _sequence(name: str, value: Any, kind: type) -> tuple[Any, ...]:
    items = value.split(",") if isinstance(value, str) else value
    try:
        found = tuple(kind(str(item).strip()) for item in items)
    except (ValueError, TypeError) as error:
        raise UsageError(f"{name} takes {KINDS[kind]}s with commas between, not {value!r}") from error
    if not found:
        raise UsageError(f"{name} must name at least one")
    return found
