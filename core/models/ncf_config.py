"""What NCF can be told."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from musicrec.core.errors import UsageError
from musicrec.core.models.config import option
from musicrec.core.models.pair_config import PairConfig

REFERENCE: dict[str, object] = {
    "epochs": 20, "batch_size": 1024, "optimizer": "adam", "lr": 1e-3, "l2": 0.0,
    "factors": 8, "layers": 3, "bias": False, "dropout": 0.0, "negatives": 4, "negative_sampling": "uniform",
    "popularity_exponent": 1.0, "spare_negatives": 99, "song_id_plays": 0,
    "pretrain": False, "alpha": 0.5, "pretrain_lr": 1e-3,
}  # fmt: skip
UNSAID: dict[str, object] = {"spare_negatives": 0}  # what runs that do not say were trained with, reference or not
_MOST_LAYERS = 30  # the first has 2^layers times the factors
QUICK: dict[str, object] = {"epochs": 20, "patience": 4}


@dataclass(frozen=True, slots=True, kw_only=True)
class NCFConfig(PairConfig):
    """Neural collaborative filtering (He et al., WWW 2017)."""

    factors: int = option(8, "Size of the GMF vectors and of the last MLP layer.")
    layers: int = option(3, "MLP layers; each halves its input.")
    bias: bool = option(False, "Add a bias of the listener and one of the song to the logit.")
    dropout: float = option(0.0, "Dropout before each MLP layer.")
    pretrain: bool = option(False, "Train gmf and mlp first, and start NeuMF from both.")
    alpha: float = option(0.5, "With pretrain: the share of gmf in the first logit, from 0 to 1; the rest is of mlp.")
    pretrain_lr: float = option(1e-3, "With pretrain: learning rate of gmf and mlp, which are trained by adam.")

    ZERO_IS_FINE: ClassVar[frozenset[str]] = PairConfig.ZERO_IS_FINE | {"dropout", "alpha", "pretrain_lr"}

    def check(self, model: str) -> None:
        """Raise UsageError where a value is out of range."""
        PairConfig.check(self, model)
        if self.layers > _MOST_LAYERS:
            raise UsageError(f"{model}: layers must be at most {_MOST_LAYERS}, not {self.layers}")
        if self.dropout >= 1:
            raise UsageError(f"{model}: dropout must be below 1, not {self.dropout}")
        if self.alpha > 1:
            raise UsageError(f"{model}: alpha must be at most 1, not {self.alpha}")
        if self.pretrain and model in ("gmf", "mlp"):
            raise UsageError(f"{model}: pretrain is for ncf, which starts from gmf and mlp")
