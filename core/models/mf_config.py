"""What matrix factorization can be told."""

from __future__ import annotations

from dataclasses import dataclass

from musicrec.core.models.config import Optimizer, option
from musicrec.core.models.pair_config import PairConfig


@dataclass(frozen=True, slots=True, kw_only=True)
class MFConfig(PairConfig):
    """Dot product of listener and song, with biases (Rendle et al., RecSys 2020)."""

    epochs: int = option(40, "Most passes over the training plays.")
    lr: float = option(3e-3, "Learning rate.")
    optimizer: Optimizer = option("adamw", "adam, adamw, sgd or adagrad.")
    l2: float = option(0.1, "L2 penalty on the weights (decoupled for adamw).")
    factors: int = option(64, "Size of the vectors of listeners and songs.")
