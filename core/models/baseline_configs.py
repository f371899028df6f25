"""What the baselines can be told."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from musicrec.core.errors import UsageError
from musicrec.core.models.config import Config, option


@dataclass(frozen=True, slots=True, kw_only=True)
class PopularityConfig(Config):
    """Ranks by training plays."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecentConfig(Config):
    """Ranks by training plays, of which each listener's latest ones count most."""

    half_life: float = option(10.0, "A play counts half as much with so many later plays of its listener.")


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemKNNConfig(Config):
    """Cosine similarity between songs over the listeners who played them (Sarwar et al., WWW 2001)."""

    neighbours: int = option(100, "Similar songs kept for each song.")
    shrink: float = option(10.0, "Added to the denominator, so that two shared listeners prove little.")

    ZERO_IS_FINE: ClassVar[frozenset[str]] = Config.ZERO_IS_FINE | {"shrink"}


@dataclass(frozen=True, slots=True, kw_only=True)
class EASEConfig(Config):
    """A linear model of songs by songs in closed form (Steck, WWW 2019)."""

    l2: float = option(300.0, "L2 penalty on the weights of a song for the others.")
    most_songs: int = option(20_000, "Songs in the model, the most played ones: 12 bytes of memory for each pair.")
    kept_weights: int = option(200, "Weights kept of what a played song gives to others, the largest ones.")


@dataclass(frozen=True, slots=True, kw_only=True)
class ALSConfig(Config):
    """Matrix factorization of plays with confidences (Hu, Koren & Volinsky, ICDM 2008), by the library implicit."""

    factors: int = option(64, "Size of the vectors of listeners and songs.")
    alpha: float = option(1.0, "Confidence in a play; 1 is that in a song not played.")
    l2: float = option(10.0, "L2 penalty on the vectors of listeners and songs.")
    iterations: int = option(15, "Times that the vectors of all listeners, then of all songs, are solved for.")

    ZERO_IS_FINE: ClassVar[frozenset[str]] = Config.ZERO_IS_FINE | {"alpha", "l2"}

    def check(self, model: str) -> None:
        """Raise UsageError where a value is out of range."""
        Config.check(self, model)
        if min(self.alpha, self.l2) <= 0:
            raise UsageError(f"{model}: alpha and l2 must be above 0")


@dataclass(frozen=True, slots=True, kw_only=True)
class BPRConfig(Config):
    """Matrix factorization by pairs of a played and another song (Rendle et al., UAI 2009), by the library implicit."""

    factors: int = option(64, "Size of the vectors of listeners and songs.")
    lr: float = option(0.01, "Learning rate.")
    l2: float = option(0.01, "L2 penalty on the vectors of listeners and songs.")
    iterations: int = option(100, "Passes over the training plays.")

    ZERO_IS_FINE: ClassVar[frozenset[str]] = Config.ZERO_IS_FINE | {"lr", "l2"}
