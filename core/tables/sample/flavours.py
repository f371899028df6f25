"""What differs between a KKBOX world and a Melon one: languages, genres, the present day, habits of listening."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from musicrec.core.tables.options import Format

SOURCES: Final = ("continue", "pool", "scene", "favourite", "chart")


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of session: its share of listening time and, in the order of `SOURCES`, where its plays come from."""

    name: str
    share: float
    mix: tuple[float, float, float, float, float]
    pool_favourites: float  # chance that an artist of the session's pool is one of the listener's favourites


@dataclass(frozen=True, slots=True)
class Flavour:
    """The constants of a world. `languages` lists (language, scenes, plays): its share of scenes and of all plays."""

    languages: tuple[tuple[str, float, float], ...]
    genres: dict[str, tuple[str, ...]]
    today: int  # year of the newest releases
    fame: tuple[float, float]  # shift and exponent of the artists' Zipf law
    hits: float  # exponent of the Zipf law of an artist's songs
    kinds: tuple[Kind, ...]
    kind_spread: float  # Dirichlet concentration of a listener's kinds; small means loyal to one
    tongue_spread: float  # Dirichlet concentration of a listener's languages
    taste_spread: float  # Dirichlet concentration of a listener's scenes within a language
    activity: float  # standard deviation of the logarithm of plays per listener
    segment: float  # mean number of plays before the mood may change
    session: float  # chance that a new segment begins a new session
    moods: tuple[tuple[float, float], tuple[float, float]]  # (stay, neighbour) within a session and between sessions


_KKBOX = Flavour(
    languages=(
        ("zh", 0.34, 0.52), ("en", 0.26, 0.22), ("ko", 0.13, 0.11), ("ja", 0.10, 0.05), ("th", 0.03, 0.01),
        ("yue", 0.05, 0.04), ("nan", 0.04, 0.02), ("none", 0.03, 0.02), ("vi", 0.02, 0.01),
    ),
    genres={
        "zh": ("465", "458", "465", "465", "458", "465"), "yue": ("465", "458"), "nan": ("465", "1011"),
        "en": ("1609", "2022", "359", "139", "1259", "2122", "786", "437", "726"), "ko": ("444", "465", "1259"),
        "ja": ("921", "947", "1155", "2022"), "th": ("465", "1138"), "vi": ("465", "1180"),
        "none": ("958", "1152", "2122"),
    },
    today=2017,
    fame=(2.0, 1.15),
    hits=0.95,
    kinds=(
        Kind("my library", 0.60, (0.09, 0.46, 0.15, 0.25, 0.05), 0.45),
        Kind("discover", 0.25, (0.09, 0.32, 0.35, 0.05, 0.19), 0.10),
        Kind("search", 0.06, (0.42, 0.30, 0.14, 0.09, 0.05), 0.35),
        Kind("radio", 0.05, (0.02, 0.14, 0.64, 0.05, 0.15), 0.05),
        Kind("listen with", 0.02, (0.08, 0.28, 0.44, 0.02, 0.18), 0.00),
        Kind("explore", 0.02, (0.05, 0.12, 0.33, 0.02, 0.48), 0.00),
    ),
    kind_spread=0.45,
    tongue_spread=0.8,
    taste_spread=1.5,
    activity=1.0,
    segment=9.0,
    session=0.4,
    moods=((0.60, 0.32), (0.30, 0.25)),
)  # fmt: skip

_MELON = Flavour(
    languages=(
        ("ko", 0.56, 0.66), ("en", 0.26, 0.24), ("ja", 0.06, 0.03), ("zh", 0.03, 0.01), ("th", 0.03, 0.01),
        ("none", 0.06, 0.05),
    ),
    genres={
        "ko": ("GN0100", "GN0200", "GN0300", "GN0400", "GN0500", "GN2500", "GN0600", "GN0800", "GN1500", "GN0700"),
        "en": ("GN0900", "GN1000", "GN1100", "GN1200", "GN1300", "GN1400"), "ja": ("GN1900", "GN1500"),
        "zh": ("GN2000",), "th": ("GN2000",), "none": ("GN1800", "GN1600", "GN1700"),
    },
    today=2020,
    fame=(12.0, 0.95),
    hits=0.7,
    kinds=(Kind("playlist", 1.0, (0.06, 0.28, 0.50, 0.10, 0.06), 0.20),),
    kind_spread=1.0,
    tongue_spread=0.8,
    taste_spread=1.5,
    activity=0.9,
    segment=12.0,
    session=0.05,
    moods=((0.60, 0.30), (0.40, 0.30)),
)  # fmt: skip

FLAVOURS: Final[dict[Format, Flavour]] = {"kkbox": _KKBOX, "melon": _MELON}


def cumulative(weights: np.ndarray) -> np.ndarray:
    """Return running sums that start with 0, along the last axis."""
    start = np.zeros((*weights.shape[:-1], 1))
    return np.concatenate([start, np.cumsum(weights, axis=-1)], axis=-1)


def choose(chances: np.ndarray, draws: np.ndarray) -> np.ndarray:
    """Return, for every row of `chances` (weights, n × k), the column that its draw in [0, 1) falls on."""
    bounds = np.cumsum(chances, axis=1)
    picked = (draws[:, None] * bounds[:, -1:] >= bounds).sum(axis=1)
    return np.asarray(np.minimum(picked, chances.shape[1] - 1))
