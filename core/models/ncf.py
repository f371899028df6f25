"""Neural collaborative filtering: GMF, MLP and NeuMF (He et al., WWW 2017)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from musicrec.core.dataset import TRAIN, Dataset, Listeners
from musicrec.core.models.base import GradientModel, Parts, Scorer
from musicrec.core.models.configs import NCFConfig
from musicrec.core.models.fold_in import FoldIn
from musicrec.core.models.negatives import Unplayed
from musicrec.core.ragged import Ragged
from musicrec.core.records import Listener

_CHUNK_CELLS = 500_000  # hidden activations held at once while a catalogue is scored: 2 MB stay near the cache


@dataclass(frozen=True, slots=True)
class Pairs:
    """Listeners (B,), songs (B,) and whether each pair is a play: float32 (B,)."""

    listeners: Tensor
    songs: Tensor
    played: Tensor


class NCF(GradientModel):
    """One logit for a (listener, song) pair (paper §3.2-3.4).

    GMF multiplies vectors of size `factors`; MLP runs `layers` halving Linear + ReLU layers over separate vectors of
    size factors · 2^(layers - 1); a Linear layer joins [GMF, MLP]. `branches` says which are there. Both vectors of a
    listener stand in one row of one table, as do a song's.
    """

    def __init__(self, config: NCFConfig, data: Dataset, branches: tuple[str, ...] = ("gmf", "mlp")) -> None:
        super().__init__()
        self.config, self.branches = config, branches
        self.gmf_size = config.factors if "gmf" in branches else 0
        self.mlp_size = config.factors * 2 ** (config.layers - 1) if "mlp" in branches else 0
        self.listener_table = nn.Embedding(data.listener_count, self.gmf_size + self.mlp_size)
        self.song_table = nn.Embedding(data.song_count, self.gmf_size + self.mlp_size)
        widths = [2 * self.mlp_size >> layer for layer in range(config.layers + 1)] if self.mlp_size else []
        self.hidden = nn.ModuleList(nn.Linear(a, b) for a, b in pairwise(widths))
        self.head = nn.Linear(self.gmf_size + (config.factors if self.mlp_size else 0), 1)
        self._initialise()

    def _initialise(self) -> None:
        for table in (self.listener_table, self.song_table):
            nn.init.normal_(table.weight, std=0.01)
        for layer in self.hidden:
            assert isinstance(layer, nn.Linear)
            nn.init.xavier_uniform_(layer.weight)
            nn.init.zeros_(layer.bias)
        # Small tables make every logit a sum of tiny terms: the head starts wide enough for gradients to reach them
        nn.init.kaiming_uniform_(self.head.weight, a=1, nonlinearity="sigmoid")
        nn.init.zeros_(self.head.bias)

    def forward(self, listeners: Tensor, songs: Tensor) -> Tensor:
        """Return the logits of pairs: (B,)."""
        p, q = self.listener_table(listeners), self.song_table(songs)  # (B, gmf + mlp)
        joined = []
        if self.gmf_size:
            joined.append(p[:, : self.gmf_size] * q[:, : self.gmf_size])
        if self.mlp_size:
            x = torch.cat([p[:, self.gmf_size :], q[:, self.gmf_size :]], dim=1)
            for layer in self.hidden:
                x = torch.relu(layer(x))
            joined.append(x)
        logits: Tensor = self.head(torch.cat(joined, dim=1)).squeeze(1)
        return logits

    def prepare(self, data: Dataset) -> None:
        """Take the training plays, and what negatives must avoid."""
        device = self.head.weight.device
        songs = data.past("validation").songs
        self._unplayed = Unplayed(songs, data.song_count, device)
        self._listeners, self._songs = songs.row_ids().to(device), songs.values.to(device)

    def samples(self) -> int:
        """Count the plays and the negatives of a pass."""
        return len(self._songs) * (1 + self.config.negatives)

    def batches(self, generator: torch.Generator) -> Iterator[Pairs]:
        """Draw negatives anew and yield shuffled pairs."""
        device, n = self._songs.device, self.config.negatives
        listeners = self._listeners.repeat(1 + n)
        songs = torch.cat([self._songs, self._unplayed.draw(self._listeners.repeat(n), generator)])
        plays, size = len(self._songs), self.config.batch_size
        order = torch.randperm(len(songs), generator=generator).to(device)
        for start in range(0, len(order), size):
            chosen = order[start : start + size]
            yield Pairs(listeners[chosen], songs[chosen], (chosen < plays).float())

    def loss(self, batch: Pairs) -> Tensor:
        """Binary cross-entropy with logits (paper §3.1)."""
        return F.binary_cross_entropy_with_logits(self(batch.listeners, batch.songs), batch.played)

    def scorer(self, data: Dataset) -> Scorer:
        """Fold the song half of the first layer, and return the scorer."""
        return _NCFScorer(self, data)


class _NCFScorer(Scorer):
    """Scores with the first MLP layer split: W [p; q] = W_p p + W_q q, of which W_q q + b is computed once a song.

    What there is of songs stands in columns: products with few rows and many columns keep a processor busiest.
    """

    @torch.no_grad()
    def __init__(self, model: NCF, data: Dataset) -> None:
        self.model, self.data = model, data
        gmf, mlp = model.gmf_size, model.mlp_size
        weight, self.bias = model.head.weight[0], model.head.bias
        self.gmf_head, self.mlp_head = weight[:gmf], weight[gmf:]
        songs = model.song_table.weight
        self.song_gmf, self.vectors = songs[:, :gmf].T.contiguous(), songs  # (F, S), (S, D)
        if mlp:
            first = model.hidden[0]
            assert isinstance(first, nn.Linear)
            self.listener_weight = first.weight[:, :mlp]
            self.song_hidden = (songs[:, gmf:] @ first.weight[:, mlp:].T + first.bias).T.contiguous()  # (H, S)

    @property
    def song_vectors(self) -> Tensor:
        return self.vectors

    @torch.no_grad()
    def scores(self, listeners: Listeners) -> Tensor:
        p = self._listeners(listeners)
        scores = self.bias.expand(len(p), len(self.vectors)).clone()
        if self.model.gmf_size:
            scores.addmm_(p[:, : self.model.gmf_size] * self.gmf_head, self.song_gmf)
        if self.model.mlp_size:
            songs = max(1, _CHUNK_CELLS // (len(self.song_hidden) * max(len(p), 1)))
            for start in range(0, len(self.vectors), songs):
                scores[:, start : start + songs] += self._mlp(p, self.song_hidden[None, :, start : start + songs])
        return scores

    @torch.no_grad()
    def parts(self, listeners: Listeners, songs: Tensor) -> Parts:
        p = self._listeners(listeners)
        names, values = [], []
        if self.model.gmf_size:
            names.append("GMF")
            heads = p[:, : self.model.gmf_size] * self.gmf_head
            values.append(torch.einsum("bf,fbn->bn", heads, self.song_gmf[:, songs]))
        if self.model.mlp_size:
            names.append("MLP")
            values.append(self._mlp(p, self.song_hidden[:, songs].transpose(0, 1)))
        return Parts((*names, "bias"), torch.stack([*values, self.bias.expand_as(values[0])], dim=-1))

    @torch.no_grad()
    def usual_parts(self, listeners: Listeners, scores: Tensor) -> Tensor:
        values = []
        if self.model.gmf_size:
            heads = self._listeners(listeners)[:, : self.model.gmf_size] * self.gmf_head
            values.append(heads @ self.song_gmf.mean(1))
        if self.model.mlp_size:  # what the other parts leave of the scores
            left = scores.mean(1) - self.bias
            values.append(left - values[0] if values else left)
        return torch.stack([*values, self.bias.expand(len(scores))], dim=1)

    @torch.no_grad()
    def adapt(self, state: Listeners, origin: Listeners | None, facts: Listener | None) -> Listeners:
        plays = state.songs.values
        if origin is None or not bool(self._trained[origin.ids]):
            return replace(state, vectors=self._fold_in.new(plays)[None])
        vector = self.model.listener_table.weight[origin.ids[0]]
        return replace(state, vectors=self._fold_in.edited(vector, origin.songs.values, plays)[None])

    @cached_property
    def _trained(self) -> Tensor:
        plays = Ragged(self.data.songs, self.data.offsets)
        return (plays.count(self.data.split == TRAIN) > 0).to(self.vectors.device)

    @cached_property
    def _fold_in(self) -> FoldIn:
        trained = self.model.listener_table.weight.detach()[self._trained]
        return FoldIn(self._linearised, trained, len(self.vectors), self.model.config.negatives)

    def _linearised(self, p: Tensor, songs: Tensor) -> tuple[Tensor, Tensor]:
        """Return the logits (n,) of one listener's vector with `songs` (n,), and their slopes (n, D) in the vector."""
        logits, slopes, gmf = self.bias.expand(len(songs)), [], self.model.gmf_size
        if gmf:
            slopes.append(self.song_gmf[:, songs].T * self.gmf_head)
            logits = logits + slopes[0] @ p[:gmf]
        if self.model.mlp_size:
            x = (self.listener_weight @ p[gmf:] + self.song_hidden[:, songs].T).relu_()
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
        return logits, torch.cat(slopes, dim=1)

    def _listeners(self, listeners: Listeners) -> Tensor:
        if listeners.vectors is not None:
            return listeners.vectors
        if bool((listeners.ids < 0).any()):
            raise ValueError("a listener who was not there in training has no vector: adapt the state first")
        return self.model.listener_table.weight[listeners.ids]

    def _mlp(self, p: Tensor, song_hidden: Tensor) -> Tensor:
        # song_hidden is (1, H, n) for all listeners alike or (B, H, n) for each its own
        x = ((p[:, self.model.gmf_size :] @ self.listener_weight.T)[:, :, None] + song_hidden).relu_()  # (B, H, n)
        for layer in list(self.model.hidden)[1:]:
            assert isinstance(layer, nn.Linear)
            x = torch.bmm(layer.weight.expand(len(x), -1, -1), x).add_(layer.bias[:, None]).relu_()
        return torch.bmm(self.mlp_head.expand(len(x), 1, -1), x).squeeze(1)
