"""What every model and its training can be told: one frozen record a model, with the reference systems' defaults.

The command line builds its options from these fields. Nothing here imports torch.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, get_args

from musicrec.core.errors import UsageError

if TYPE_CHECKING:
    from musicrec.core.tables.columns import BagKey

Optimizer = Literal["adam", "adamw", "sgd", "adagrad"]


def _option(default: Any, help: str) -> Any:
    return field(default=default, metadata={"help": help})


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """What every model takes."""

    seed: int = _option(7, "Seed of initial weights, shuffling, sampling and dropout.")


@dataclass(frozen=True, slots=True, kw_only=True)
class PopularityConfig(Config):
    """Ranks by training plays."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemKNNConfig(Config):
    """Cosine similarity between songs over the listeners who played them (Sarwar et al., WWW 2001)."""

    neighbours: int = _option(100, "Similar songs kept for each song.")
    shrink: float = _option(10.0, "Added to the denominator, so that two shared listeners prove little.")


@dataclass(frozen=True, slots=True, kw_only=True)
class GradientConfig(Config):
    """What every model trained by gradient steps takes."""

    epochs: int = _option(20, "Most passes over the training plays.")
    batch_size: int = _option(1024, "Samples in a gradient step.")
    optimizer: Optimizer = _option("adam", "adam, adamw, sgd or adagrad.")
    lr: float = _option(1e-3, "Learning rate.")
    l2: float = _option(0.0, "L2 penalty on the weights (decoupled for adamw).")
    patience: int = _option(5, "Stop after this many passes without a better validation NDCG@10.")
    validation_listeners: int = _option(4_000, "Validate on at most this many listeners, drawn once.")


@dataclass(frozen=True, slots=True, kw_only=True)
class NCFConfig(GradientConfig):
    """Neural collaborative filtering (He et al., WWW 2017)."""

    factors: int = _option(8, "Size of the GMF vectors and of the last MLP layer.")
    layers: int = _option(3, "MLP layers; each halves its input.")
    negatives: int = _option(4, "Songs never played, drawn for each play in each pass.")


@dataclass(frozen=True, slots=True, kw_only=True)
class DTNMRConfig(GradientConfig):
    """Deep temporal neural music recommendation (Zheng et al., Applied Sciences 9(4):703, 2019)."""

    batch_size: int = _option(16, "Samples in a gradient step.")
    optimizer: Optimizer = _option("sgd", "adam, adamw, sgd or adagrad.")
    lr: float = _option(0.1, "Learning rate.")
    embedding_size: int = _option(32, "Size of listener and song vectors.")
    feature_hidden: tuple[int, ...] = _option((512, 64), "Layers between features and vectors.")
    lstm_hidden: int = _option(256, "Hidden size of the LSTM over a playlist.")
    lstm_layers: int = _option(2, "Layers of that LSTM.")
    dropout: float = _option(0.3, "Dropout between those layers.")
    subset_size: int = _option(5, "The true next song and this many minus one sampled songs share a softmax.")
    short_term_len: int = _option(10, "Plays in the short-term playlist.")
    long_term_len: int = _option(20, "Plays in the long-term playlist.")
    song_ids: bool = _option(False, "Add the song itself to its features: a hybrid of metadata and collaboration.")
    song_features: tuple[str, ...] = _option(
        ("genre", "artist", "composer", "language"), "Of genre artist composer lyricist language album country year."
    )
    listener_features: tuple[str, ...] = _option(
        ("age", "gender", "city", "title", "tag", "likes"), "Of age gender city registered_via title tag likes."
    )
    rare: int = _option(3, "Feature values on fewer songs (or listeners) than this share hashed buckets.")
    rare_buckets: int = _option(1024, "Most hashed buckets for each feature.")

    @property
    def song_bags(self) -> BagKey:
        """What Dataset.bags is asked for songs."""
        return "song", self.song_features, self.rare, self.rare_buckets

    @property
    def listener_bags(self) -> BagKey:
        """What Dataset.bags is asked for listeners."""
        return "listener", self.listener_features, self.rare, self.rare_buckets


CONFIGS: dict[str, type[Config]] = {
    "dtnmr": DTNMRConfig,
    "ncf": NCFConfig,
    "neumf": NCFConfig,
    "gmf": NCFConfig,
    "mlp": NCFConfig,
    "itemknn": ItemKNNConfig,
    "popularity": PopularityConfig,
}
MODELS = tuple(CONFIGS)
SONG_FEATURES = ("genre", "artist", "composer", "lyricist", "language", "album", "country", "year")
LISTENER_FEATURES = ("age", "gender", "city", "registered_via", "title", "tag", "likes")
_KINDS: dict[type, str] = {int: "a whole number", float: "a number", str: "a name", bool: "true or false"}

PRESETS: dict[str, dict[str, dict[str, object]]] = {
    "reference": {},
    "quick": {
        "dtnmr": {
            "batch_size": 512,
            "optimizer": "adam",
            "lr": 3e-3,
            "l2": 1e-5,
            "lstm_hidden": 64,
            "lstm_layers": 1,
            "subset_size": 400,
            "feature_hidden": (128, 64),
            "epochs": 8,
            "patience": 2,
            "song_ids": True,
        },
        "ncf": {"epochs": 20, "patience": 4},
    },
}


def config_for(model: str, preset: str = "reference", chosen: dict[str, Any] | None = None) -> Config:
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
            raise UsageError(f"{model} takes no parameter {name!r}: it takes {', '.join(sorted(known))}")
    config = CONFIGS[model](**{name: _fit(name, value, known[name].default) for name, value in values.items()})
    _check(model, config)
    return config


def bags_read(model: str, config: dict[str, Any]) -> tuple[BagKey, ...]:
    """Return the bags that a run with this configuration asks its dataset for; none where it cannot be used."""
    try:
        chosen = config_for(model, chosen=config)
    except UsageError:
        return ()
    return (chosen.song_bags, chosen.listener_bags) if isinstance(chosen, DTNMRConfig) else ()


def family(model: str) -> str:
    """Return the model that `model` is a form of: gmf, mlp and neumf are forms of ncf."""
    return "ncf" if model in ("neumf", "gmf", "mlp") else model


def windows(config: dict[str, Any]) -> tuple[int, int]:
    """Return how many of the last plays a run reads as short-term and long-term playlist; DTNMR's for the others."""
    default = DTNMRConfig()
    return config.get("short_term_len", default.short_term_len), config.get("long_term_len", default.long_term_len)


def _fit(name: str, value: Any, default: Any) -> Any:
    if isinstance(default, tuple):
        return _sequence(name, value, type(default[0]))
    if isinstance(default, float) and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if not isinstance(value, type(default)) or (isinstance(value, bool) and not isinstance(default, bool)):
        raise UsageError(f"{name} takes {_KINDS[type(default)]}, not {value!r}")
    return value


def _sequence(name: str, value: Any, kind: type) -> tuple[Any, ...]:
    items = value.split(",") if isinstance(value, str) else value
    try:
        found = tuple(kind(str(item).strip()) for item in items)
    except (ValueError, TypeError) as error:
        raise UsageError(f"{name} takes {_KINDS[kind]}s with commas between, not {value!r}") from error
    if not found:
        raise UsageError(f"{name} must name at least one")
    return found


def _check(model: str, config: Config) -> None:
    zero_is_fine = {"seed", "l2", "dropout", "shrink", "lr", "validation_listeners"}
    for each in dataclasses.fields(config):
        value = getattr(config, each.name)
        least = 0 if each.name in zero_is_fine else 1
        if isinstance(value, int | float) and not isinstance(value, bool) and value < least:
            raise UsageError(f"{model}: {each.name} must be at least {least}, not {value}")
    if isinstance(config, GradientConfig) and config.optimizer not in get_args(Optimizer):
        raise UsageError(f"no optimizer is called {config.optimizer!r}: choose one of {', '.join(get_args(Optimizer))}")
    if isinstance(config, DTNMRConfig):
        _check_dtnmr(config)


def _check_dtnmr(config: DTNMRConfig) -> None:
    if config.subset_size < 2:
        raise UsageError("dtnmr: subset_size must be at least 2: the true song and one sampled song")
    if config.short_term_len > config.long_term_len:
        raise UsageError("dtnmr: short_term_len must not exceed long_term_len")
    if config.dropout >= 1:
        raise UsageError(f"dtnmr: dropout must be below 1, not {config.dropout}")
    if min(config.feature_hidden) < 1:
        raise UsageError("dtnmr: feature_hidden must be at least 1")
    for given, known in ((config.song_features, SONG_FEATURES), (config.listener_features, LISTENER_FEATURES)):
        if unknown := set(given) - set(known):
            raise UsageError(f"dtnmr: no feature is called {min(unknown)!r}: choose of {', '.join(known)}")
