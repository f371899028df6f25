"""Scores of NCF, with all that depends on songs alone computed once."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F

from musicrec.core import compiled_ranking
from musicrec.core.dataset import Dataset, Listeners
from musicrec.core.models.base import Parts
from musicrec.core.models.pairs import PairScorer

Floats = NDArray[np.float32]

if TYPE_CHECKING:
    from musicrec.core.models.folded_network import FoldedNetwork
    from musicrec.core.models.ncf import NCF

_CHUNK_CELLS = 500_000  # hidden activations held at once while a catalogue is scored: 2 MB stay near the cache


class NCFScorer(PairScorer):
    """Scores with the first MLP layer split: W [p; q] = W_p p + W_q q, of which W_q q + b is computed once a song."""

    pairwise = True

    @torch.no_grad()
    def __init__(self, model: NCF, data: Dataset) -> None:
        super().__init__(model, data)
        self.model = model
        self.gmf, self.both = gmf, both = model.gmf_size, model.vector_size
        weight, self.bias = model.head.weight[0], model.head.bias
        self.gmf_head, self.mlp_head = weight[:gmf], weight[gmf:]
        songs = model.of_songs()
        self.vectors = songs[:, :both]  # (S, D)
        self.song_bias = songs[:, both].clone() if model.config.bias else None  # (S,)
        self.layers = [layer for layer in model.hidden if isinstance(layer, nn.Linear)]
        if model.mlp_size:
            self.listener_weight, self.song_weight = torch.split(self.layers[0].weight, model.mlp_size, dim=1)
        self._compiled: FoldedNetwork | None = None

    @property
    def song_vectors(self) -> Tensor:
        return self.vectors

    @property
    def finds_best(self) -> bool:
        return self._compiled is not None

    def expect(self, scores: float, best: bool = False) -> None:
        super().expect(scores, best)
        compilable = self.model.mlp_size and self.vectors.device.type == "cpu" and self.vectors.dtype == torch.float32
        if not compilable or compiled_ranking.loops() is None:
            return
        network = self._compiled
        if network is None:
            from musicrec.core.models.folded_network import FoldedNetwork

            network = FoldedNetwork(self._rows, len(self.vectors), self.layers[1:], self.mlp_head)
            filled = (0, 0, 0, network.width - len(self.listener_weight))
            self._shifting = F.pad(self.listener_weight.detach(), filled).T.numpy()  # (·, width)
            self._weighed, self._constant = self.gmf_head.detach().numpy(), np.float32(self.bias.item())
        if best:
            network.expect_best()
        self._compiled = network  # the last of all: meanwhile others ask
        self.__dict__.pop("_columns", None)

    @torch.no_grad()
    def scores(self, listeners: Listeners) -> Tensor:
        p = self.rows(listeners)
        if self._compiled is not None:
            return self._compiled.scores(*self._asked(p))
        if self.song_bias is None:
            scores = self.bias.expand(len(p), len(self.vectors)).clone()
        else:
            scores = p[:, self.both :] + self.bias + self.song_bias
        song_gmf, song_hidden = self._columns
        if self.gmf:
            scores.addmm_(p[:, : self.gmf] * self.gmf_head, song_gmf)
        if self.model.mlp_size:
            songs = max(1, _CHUNK_CELLS // (len(song_hidden) * max(len(p), 1)))
            for start in range(0, len(self.vectors), songs):
                scores[:, start : start + songs] += self._mlp(p, song_hidden[None, :, start : start + songs])
        return scores

    @torch.no_grad()
    def scores_in(self, listeners: Listeners, room: Tensor) -> Tensor:
        if self._compiled is None:
            return self.scores(listeners)
        return self._compiled.scores(*self._asked(self.rows(listeners)), room[: len(listeners.ids)])

    @torch.no_grad()
    def scores_of(self, listeners: Listeners, songs: Tensor) -> Tensor:
        p = self.rows(listeners)
        if self._compiled is not None:
            return self._compiled.scores_of(*self._asked(p), songs)
        return self.parts(listeners, songs).values.sum(2)

    @torch.no_grad()
    def best(self, listener: Listeners, k: int, heard: Tensor, allowed: Tensor | None) -> tuple[Tensor, Tensor] | None:
        if self._compiled is None:
            return None
        open_to = np.zeros(0, np.bool_) if allowed is None else allowed.numpy()
        return self._compiled.best(*self._asked(self.rows(listener)), heard.numpy(), open_to, k)

    @torch.no_grad()
    def parts(self, listeners: Listeners, songs: Tensor) -> Parts:
        p = self.rows(listeners)
        values = []
        if self.gmf:
            values.append(torch.einsum("bf,bnf->bn", p[:, : self.gmf] * self.gmf_head, self.vectors[songs, : self.gmf]))
        if self.model.mlp_size:
            values.append(self._mlp(p, self._hidden(songs).transpose(1, 2)))
        if self.song_bias is not None:
            values += [self.song_bias[songs], p[:, self.both :].expand(songs.shape)]
        return Parts(self._names, torch.stack([*values, self.bias.expand(songs.shape)], dim=-1))

    @torch.no_grad()
    def usual_parts(self, listeners: Listeners, scores: Tensor) -> Tensor:
        p = self.rows(listeners)
        biases = [self.bias.expand(len(p))]
        if self.song_bias is not None:
            biases = [self.song_bias.mean().expand(len(p)), p[:, self.both], *biases]
        values = [(p[:, : self.gmf] * self.gmf_head) @ self._mean_gmf] if self.gmf else []
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
            slopes.append(self.vectors[songs, :gmf] * self.gmf_head)
            logits = logits + slopes[0] @ p[:gmf]
        if self.model.mlp_size:
            x = (self.listener_weight @ p[gmf:both] + self._hidden(songs)).relu_()
            active = [x > 0]
            for layer in self.layers[1:]:
                x = layer(x).relu_()
                active.append(x > 0)
            logits = logits + x @ self.mlp_head
            slope = self.mlp_head * active.pop()
            for layer, on in zip(self.layers[:0:-1], active[::-1], strict=True):
                slope = (slope @ layer.weight) * on
            slopes.append(slope @ self.listener_weight)
        if self.song_bias is not None:
            logits = logits + self.song_bias[songs] + p[both]
            slopes.append(torch.ones_like(logits)[:, None])
        return logits, torch.cat(slopes, dim=1)

    @cached_property
    @torch.no_grad()
    def _columns(self) -> tuple[Tensor, Tensor]:
        # (F, S) and (H, S): products with few rows and many columns keep a processor busiest
        hidden = self._hidden(slice(None)) if self.model.mlp_size else self.vectors[:, :0]
        return self.vectors[:, : self.gmf].T.contiguous(), hidden.T.contiguous()

    @cached_property
    def _mean_gmf(self) -> Tensor:
        return self.vectors[:, : self.gmf].mean(0)

    def _hidden(self, songs: Tensor | slice) -> Tensor:  # (…, H)
        return F.linear(self.vectors[songs][..., self.gmf :], self.song_weight, self.layers[0].bias)

    def _mlp(self, p: Tensor, song_hidden: Tensor) -> Tensor:
        # song_hidden is (1, H, n) for all listeners alike or (B, H, n) for each its own
        x = ((p[:, self.gmf : self.both] @ self.listener_weight.T)[:, :, None] + song_hidden).relu_()  # (B, H, n)
        for layer in self.layers[1:]:
            x = torch.bmm(layer.weight.expand(len(x), -1, -1), x).add_(layer.bias[:, None]).relu_()
        return torch.bmm(self.mlp_head.expand(len(x), 1, -1), x).squeeze(1)

    @torch.no_grad()
    def _rows(self, songs: slice) -> tuple[Tensor, Tensor]:
        # What songs add to the first layer, and what is multiplied by factors of the listener
        factors = [self.vectors[songs, : self.gmf]] + ([] if self.song_bias is None else [self.song_bias[songs, None]])
        return self._hidden(songs), torch.cat(factors, dim=1)

    def _asked(self, p: Tensor) -> tuple[Floats, Floats, Floats]:
        # What listeners add to the first layer, factors, and constants, as FoldedNetwork takes them. By numpy, since
        # torch takes several times as long to begin a product, and one listener has no others
        rows, gmf, both = p.numpy(), self.gmf, self.both
        factors = rows[:, : self.gmf] * self._weighed
        constants = np.full(len(rows), self._constant)
        if self.song_bias is not None:
            factors, constants = np.hstack([factors, np.ones_like(rows[:, :1])]), constants + rows[:, both]
        return rows[:, gmf:both] @ self._shifting, factors, constants
