"""What NCF can be told."""

from __future__ import annotations

from dataclasses import dataclass

from musicrec.core.models.config import GradientConfig, option

REFERENCE: dict[str, object] = {
    "epochs": 20, "batch_size": 1024, "optimizer": "adam", "lr": 1e-3, "l2": 0.0,
    "factors": 8, "layers": 3, "negatives": 4,
}  # fmt: skip
QUICK: dict[str, object] = {"epochs": 20, "patience": 4}


@dataclass(frozen=True, slots=True, kw_only=True)
class NCFConfig(GradientConfig):
    """Neural collaborative filtering (He et al., WWW 2017)."""

    factors: int = option(8, "Size of the GMF vectors and of the last MLP layer.")
    layers: int = option(3, "MLP layers; each halves its input.")
    negatives: int = option(4, "Songs never played, drawn for each play in each pass.")
