"""Matrix factorization: the dot product that neural models of pairs must beat (Rendle et al., RecSys 2020)."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from musicrec.core.dataset import Dataset, Listeners
from musicrec.core.models.base import Parts, Scorer
from musicrec.core.models.mf_config import MFConfig
from musicrec.core.models.pairs import PairModel, PairScorer


class MF(PairModel):
    """The logit p · q + b_listener + b_song + b (paper §2.2). A row of a table is [vector, bias]."""

    config: MFConfig

    def __init__(self, config: MFConfig, data: Dataset) -> None:
        super().__init__(config, data, config.factors + 1)
        self.bias = nn.Parameter(torch.zeros(1))
        for table in (self.listener_table, self.song_table):
            nn.init.normal_(table.weight, std=0.1 / config.factors**0.5)
            nn.init.zeros_(table.weight[:, -1])

    def forward(self, listeners: Tensor, songs: Tensor) -> Tensor:
        """Return the logits of pairs: (B,)."""
        p, q = self.listener_table(listeners), self.song_table(self.rows_of(songs))
        logits: Tensor = (p[:, :-1] * q[:, :-1]).sum(1) + p[:, -1] + q[:, -1] + self.bias
        return logits

    def scorer(self, data: Dataset) -> Scorer:
        """Return the scorer."""
        return _MFScorer(self, data)


class _MFScorer(PairScorer):
    """Scores by one product, in which each bias meets a 1: [p, b_listener + b, 1] · [q, 1, b_song]."""

    pairwise = True

    @torch.no_grad()
    def __init__(self, model: MF, data: Dataset) -> None:
        super().__init__(model, data)
        self.model, self.bias = model, model.bias
        weight = model.song_table.weight
        self.columns = weight.new_ones(weight.shape[1] + 1, data.song_count)  # (D + 2, S)
        rows = torch.arange(len(weight), device=weight.device) if model.song_rows is None else model.song_rows
        for into, part in ((self.columns[:-2], weight[:, :-1]), (self.columns[-1:], weight[:, -1:])):
            torch.index_select(part.T, 1, rows, out=into)

    @property
    def song_vectors(self) -> Tensor:
        return self.model.of_songs().detach()[:, :-1]

    @torch.no_grad()
    def scores(self, listeners: Listeners) -> Tensor:
        return self._factors(listeners) @ self.columns

    @torch.no_grad()
    def scores_in(self, listeners: Listeners, room: Tensor) -> Tensor:
        return torch.mm(self._factors(listeners), self.columns, out=room[: len(listeners.ids)])

    def _factors(self, listeners: Listeners) -> Tensor:  # (B, D + 2)
        p = self.rows(listeners)
        return torch.cat([p[:, :-1], p[:, -1:] + self.bias, torch.ones_like(p[:, :1])], dim=1)

    @torch.no_grad()
    def scores_of(self, listeners: Listeners, songs: Tensor) -> Tensor:
        p = self.rows(listeners)
        vectors = self.model.song_table.weight[self.model.rows_of(songs), :-1]
        products = torch.bmm(vectors, p[:, :-1, None]).squeeze(2)
        return products + self.columns[-1, songs] + p[:, -1:] + self.bias

    @torch.no_grad()
    def parts(self, listeners: Listeners, songs: Tensor) -> Parts:
        p = self.rows(listeners)
        products = torch.einsum("bf,fbn->bn", p[:, :-1], self.columns[:-2, songs])
        biases = [self.columns[-1, songs], p[:, -1:].expand(songs.shape), self.bias.expand(songs.shape)]
        return Parts(("dot product", "song bias", "listener bias", "bias"), torch.stack([products, *biases], dim=-1))

    @torch.no_grad()
    def usual_parts(self, listeners: Listeners, scores: Tensor) -> Tensor:
        p, usual = self.rows(listeners), self.columns.mean(1)
        return torch.stack(
            [p[:, :-1] @ usual[:-2], usual[-1].expand(len(p)), p[:, -1], self.bias.expand(len(p))], dim=1
        )

    def linearised(self, p: Tensor, songs: Tensor) -> tuple[Tensor, Tensor]:
        slopes = self.columns[:-1, songs].T
        return slopes @ p + self.columns[-1, songs] + self.bias, slopes
