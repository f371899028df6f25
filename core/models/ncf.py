"""Neural collaborative filtering: GMF, MLP and NeuMF (He et al., WWW 2017)."""

from __future__ import annotations

from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from musicrec.core.dataset import Dataset, Listeners
from musicrec.core.models.base import Parts, Scorer
from musicrec.core.models.ncf_config import NCFConfig
from musicrec.core.models.pairs import PairModel, PairScorer

_CHUNK_CELLS = 500_000  # hidden activations held at once while a catalogue is scored: 2 MB stay near the cache


class NCF(PairModel):
    """One logit for a (listener, song) pair (paper §3.2-3.4).

    GMF multiplies vectors of size `factors`; MLP runs `layers` halving Linear + ReLU layers over separate vectors of
    size factors · 2^(layers - 1), with dropout before each; a Linear layer joins [GMF, MLP]. `branches` says which are
    there. A row of a table is [GMF vector, MLP vector, bias], the last where `bias` is on.
    """

    def __init__(self, config: NCFConfig, data: Dataset, branches: tuple[str, ...] = ("gmf", "mlp")) -> None:
        super().__init__()
        self.config: NCFConfig = config
        self.gmf_size = config.factors if "gmf" in branches else 0
        self.mlp_size = config.factors * 2 ** (config.layers - 1) if "mlp" in branches else 0
        self.vector_size = self.gmf_size + self.mlp_size
        self.listener_table = nn.Embedding(data.listener_count, self.vector_size + config.bias)
        self.song_table = nn.Embedding(data.song_count, self.vector_size + config.bias)
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
        p, q = self.listener_table(listeners), self.song_table(songs)  # (B, gmf + mlp + bias)
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
        return _NCFScorer(self, data)


class _NCFScorer(PairScorer):
    """Scores with the first MLP layer split: W [p; q] = W_p p + W_q q, of which W_q q + b is computed once a song.

    What there is of songs stands in columns: products with few rows and many columns keep a processor busiest.
    """

    @torch.no_grad()
    def __init__(self, model: NCF, data: Dataset) -> None:
        super().__init__(model, data)
        self.model = model
        self.gmf, self.both = gmf, both = model.gmf_size, model.vector_size
        weight, self.bias = model.head.weight[0], model.head.bias
        self.gmf_head, self.mlp_head = weight[:gmf], weight[gmf:]
        songs = model.song_table.weight
        self.vectors = songs[:, :both]  # (S, D)
        self.song_gmf = songs[:, :gmf].T.contiguous()  # (F, S)
        self.song_bias = songs[:, both].clone() if model.config.bias else None  # (S,)
        if model.mlp_size:
            first = model.hidden[0]
            assert isinstance(first, nn.Linear)
            self.listener_weight = first.weight[:, : model.mlp_size]
            self.song_hidden = (songs[:, gmf:both] @ first.weight[:, model.mlp_size :].T + first.bias).T.contiguous()

    @property
    def song_vectors(self) -> Tensor:
        return self.vectors

    @torch.no_grad()
    def scores(self, listeners: Listeners) -> Tensor:
        p = self.rows(listeners)
        if self.song_bias is None:
            scores = self.bias.expand(len(p), len(self.vectors)).clone()
        else:
            scores = p[:, self.both :] + self.bias + self.song_bias
        if self.gmf:
            scores.addmm_(p[:, : self.gmf] * self.gmf_head, self.song_gmf)
        if self.model.mlp_size:
            songs = max(1, _CHUNK_CELLS // (len(self.song_hidden) * max(len(p), 1)))
            for start in range(0, len(self.vectors), songs):
                scores[:, start : start + songs] += self._mlp(p, self.song_hidden[None, :, start : start + songs])
        return scores

    @torch.no_grad()
    def parts(self, listeners: Listeners, songs: Tensor) -> Parts:
        p = self.rows(listeners)
        values = []
        if self.gmf:
            values.append(torch.einsum("bf,fbn->bn", p[:, : self.gmf] * self.gmf_head, self.song_gmf[:, songs]))
        if self.model.mlp_size:
            values.append(self._mlp(p, self.song_hidden[:, songs].transpose(0, 1)))
        if self.song_bias is not None:
            values += [self.song_bias[songs], p[:, self.both :].expand(songs.shape)]
        return Parts(self._names, torch.stack([*values, self.bias.expand(songs.shape)], dim=-1))

    @torch.no_grad()
    def usual_parts(self, listeners: Listeners, scores: Tensor) -> Tensor:
        p = self.rows(listeners)
        biases = [self.bias.expand(len(p))]
        if self.song_bias is not None:
            biases = [self.song_bias.mean().expand(len(p)), p[:, self.both], *biases]
        values = [(p[:, : self.gmf] * self.gmf_head) @ self.song_gmf.mean(1)] if self.gmf else []
        if self.model.mlp_size:  # what the other parts leave of the scores
            values.append(scores.mean(1) - sum([*values, *biases]))
        return torch.stack([*values, *biases], dim=1)

    @property
    def _names(self) -> tuple[str, ...]:
        branches = [name for name, size in (("GMF", self.gmf), ("MLP", self.model.mlp_size)) if size]
        return (*branches, *(() if self.song_bias is None else ("song bias", "listener bias")), "bias")

    def linearised(self, p: Tensor, songs: Tensor) -> tuple[Tensor, Tensor]:
        logits, slopes, gmf, both = self.bias.expand(len(songs)), [], self.gmf, self.both
        if gmf:
            slopes.append(self.song_gmf[:, songs].T * self.gmf_head)
            logits = logits + slopes[0] @ p[:gmf]
        if self.model.mlp_size:
            x = (self.listener_weight @ p[gmf:both] + self.song_hidden[:, songs].T).relu_()
            active = [x > 0]
            for layer in list(self.model.hidden)[1:]:
                x = layer(x).relu_()
                active.append(x > 0)
            logits = logits + x @ self.mlp_head
            slope = self.mlp_head * active.pop()
            for layer, on in zip(list(self.model.hidden)[:0:-1], active[::-1], strict=True):
                assert isinstance(layer, nn.Linear)
                slope = (slope @ layer.weight) * on
            slopes.append(slope @ self.listener_weight)
        if self.song_bias is not None:
            logits = logits + self.song_bias[songs] + p[both]
            slopes.append(torch.ones_like(logits)[:, None])
        return logits, torch.cat(slopes, dim=1)

    def _mlp(self, p: Tensor, song_hidden: Tensor) -> Tensor:
        # song_hidden is (1, H, n) for all listeners alike or (B, H, n) for each its own
        x = ((p[:, self.gmf : self.both] @ self.listener_weight.T)[:, :, None] + song_hidden).relu_()  # (B, H, n)
        for layer in list(self.model.hidden)[1:]:
            assert isinstance(layer, nn.Linear)
            x = torch.bmm(layer.weight.expand(len(x), -1, -1), x).add_(layer.bias[:, None]).relu_()
        return torch.bmm(self.mlp_head.expand(len(x), 1, -1), x).squeeze(1)
