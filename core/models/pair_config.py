"""What the models of (listener, song) pairs can be told: how plays are set against songs that were not played."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal, get_args

from musicrec.core.errors import UsageError
from musicrec.core.models.config import GradientConfig, check_choice, option

NegativeSampling = Literal["uniform", "popularity"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PairConfig(GradientConfig):
    """What every model of pairs takes."""

    negatives: int = option(4, "Songs never played, drawn for each play in each pass.")
    negative_sampling: NegativeSampling = option(
        "popularity", "Draw negatives by popularity, corrected for it in the loss, or uniform(ly)."
    )
    popularity_exponent: float = option(
        1.0, "With popularity: a song's chance is (plays + 1) to this power, from 0 to 1."
    )
    spare_negatives: int = option(
        0, "Songs of each listener kept out of the negatives: those of the sampled protocol with so many."
    )
    song_id_plays: int = option(
        0, "Songs with fewer training plays than this share the weights of one song: less memory for large catalogues."
    )

    ZERO_IS_FINE: ClassVar[frozenset[str]] = GradientConfig.ZERO_IS_FINE | {
        "popularity_exponent", "spare_negatives", "song_id_plays",
    }  # fmt: skip

    def check(self, model: str) -> None:
        """Raise UsageError where a value is out of range."""
        GradientConfig.check(self, model)
        check_choice("negative sampling", self.negative_sampling, get_args(NegativeSampling))
        if self.popularity_exponent > 1:
            raise UsageError(f"{model}: popularity_exponent must be at most 1, not {self.popularity_exponent}")
