"""Neural collaborative filtering: GMF, MLP and NeuMF (He et al., WWW 2017)."""

from __future__ import annotations

from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from musicrec.core.dataset import Dataset
from musicrec.core.models.base import Scorer
from musicrec.core.models.ncf_config import NCFConfig
from musicrec.core.models.ncf_scorer import NCFScorer
from musicrec.core.models.pairs import PairModel


class NCF(PairModel):
    """One logit for a (listener, song) pair (paper §3.2-3.4).

    GMF multiplies vectors of size `factors`; MLP runs `layers` halving Linear + ReLU layers over separate vectors of
    size factors · 2^(layers - 1), with dropout before each; a Linear layer joins [GMF, MLP]. `branches` says which are
    there. A row of a table is [GMF vector, MLP vector, bias], the last where `bias` is on.
    """

    config: NCFConfig

    def __init__(self, config: NCFConfig, data: Dataset, branches: tuple[str, ...] = ("gmf", "mlp")) -> None:
        gmf_size = config.factors if "gmf" in branches else 0
        mlp_size = config.factors * 2 ** (config.layers - 1) if "mlp" in branches else 0
        super().__init__(config, data, gmf_size + mlp_size + config.bias)
        self.gmf_size, self.mlp_size, self.vector_size = gmf_size, mlp_size, gmf_size + mlp_size
        widths = [2 * self.mlp_size >> layer for layer in range(config.layers + 1)] if self.mlp_size else []
        self.hidden = nn.ModuleList(nn.Linear(a, b) for a, b in pairwise(widths))
        self.head = nn.Linear(self.gmf_size + (config.factors if self.mlp_size else 0), 1)
        self._initialise()

    def _initialise(self) -> None:
        for table in (self.listener_table, self.song_table):
            nn.init.normal_(table.weight, std=0.01)
            nn.init.zeros_(table.weight[:, self.vector_size :])
        for layer in self.hidden:
            assert isinstance(layer, nn.Linear)
            nn.init.xavier_uniform_(layer.weight)
            nn.init.zeros_(layer.bias)
        # Small tables make every logit a sum of tiny terms: the head starts wide enough for gradients to reach them
        nn.init.kaiming_uniform_(self.head.weight, a=1, nonlinearity="sigmoid")
        nn.init.zeros_(self.head.bias)

    def forward(self, listeners: Tensor, songs: Tensor) -> Tensor:
        """Return the logits of pairs: (B,)."""
        p, q = self.listener_table(listeners), self.song_table(self.rows_of(songs))  # (B, gmf + mlp + bias)
        joined, gmf, both = [], self.gmf_size, self.vector_size
        if gmf:
            joined.append(p[:, :gmf] * q[:, :gmf])
        if self.mlp_size:
            x = torch.cat([p[:, gmf:both], q[:, gmf:both]], dim=1)
            for layer in self.hidden:
                x = torch.relu(layer(F.dropout(x, self.config.dropout, self.training)))
            joined.append(x)
        logits: Tensor = self.head(torch.cat(joined, dim=1)).squeeze(1)
        return logits + p[:, both] + q[:, both] if self.config.bias else logits

    def scorer(self, data: Dataset) -> Scorer:
        """Fold the song half of the first layer, and return the scorer."""
        return NCFScorer(self, data)
