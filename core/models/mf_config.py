"""What matrix factorization can be told."""

from __future__ import annotations

from dataclasses import dataclass

from musicrec.core.models.config import option
from musicrec.core.models.pair_config import PairConfig


@dataclass(frozen=True, slots=True, kw_only=True)
class MFConfig(PairConfig):
    """Dot product of listener and song, with biases (Rendle et al., RecSys 2020)."""

    factors: int = option(64, "Size of the vectors of listeners and songs.")
