"""SASRec: self-attention over the sequence of songs played (Kang & McAuley, ICDM 2018)."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from musicrec.core.dataset import Dataset, Listeners
from musicrec.core.models.base import GradientModel, Parts, Scorer
from musicrec.core.models.dtnmr_playlist import AttentionBlock
from musicrec.core.models.sasrec_config import SASRecConfig
from musicrec.core.ragged import Ragged, blocks, offsets_of, spans

_CHUNK = 256  # listeners whose sequences are read at once


@dataclass(frozen=True, slots=True)
class Shared:
    """Songs (n,) drawn for a whole batch: every row has them all."""

    songs: Tensor

    def rows(self, index: Tensor) -> Shared:
        """Return what some rows of the batch have."""
        return self


@dataclass(frozen=True, slots=True)
class Stretches:
    """Plays in order, B rows of two and more, and songs drawn as wrong answers; None for the whole catalogue."""

    plays: Ragged
    sampled: Shared | None


class SASRec(GradientModel):
    """Predicts each play of a sequence from those before it, all at once: attention sees the past alone (paper §III).

    A song has one vector, read as a play and looked for as the next one, and a bias. Where the program of the paper
    draws one wrong song for each play, the loss is a softmax over all songs, or over `negatives` drawn ones, each
    standing for its share of the catalogue: with few negatives the model is too sure of itself (Petrov & Macdonald,
    RecSys 2023), and with the softmax it is worth more than its successors (Klenitskiy & Vasilev, RecSys 2023).
    The vector of a song that nobody played is 0, and takes no room.
    """

    played: Tensor
    rows: Tensor

    def __init__(self, config: SASRecConfig, data: Dataset) -> None:
        super().__init__()
        self.config = config
        size = config.embedding_size
        self.songs = nn.Embedding(data.song_count, size)
        self.bias = nn.Parameter(torch.zeros(data.song_count))
        self.positions = nn.Embedding(config.max_len, size)
        self.dropout = nn.Dropout(config.dropout)
        heads = config.attention_heads
        self.blocks = nn.ModuleList(AttentionBlock(size, heads, config.dropout) for _ in range(config.attention_blocks))
        self.norm = nn.LayerNorm(size)
        for table in (self.songs, self.positions):
            nn.init.normal_(table.weight, std=0.02)
        known = data.popularity > 0
        kept = self.songs.weight.detach()[known if bool(known.any()) else slice(1)]
        self.songs = nn.Embedding(len(kept), size, _weight=kept)
        # Not saved: the dataset of a run gives them again
        self.register_buffer("played", known.float()[:, None], persistent=False)
        self.register_buffer("rows", (known.cumsum(0) - 1).clamp(min=0), persistent=False)

    def vectors(self, songs: Tensor) -> Tensor:
        """Return the vectors of songs (…): (…, E)."""
        # The backward pass of an embedding adds up in one order whatever the threads; that of indexing does not
        return F.embedding(self.rows[songs], self.songs.weight) * self.played[songs]

    def all_vectors(self) -> Tensor:
        """Return the vectors of all songs: (S, E)."""
        return F.embedding(self.rows, self.songs.weight) * self.played

    def states(self, songs: Tensor) -> Tensor:
        """Read sequences (B, T), padded on the right with any songs, which reach no step before them: (B, T, E)."""
        steps = torch.arange(songs.shape[1], device=songs.device)
        scale = self.config.embedding_size**0.5
        x = self.dropout(self.vectors(songs) * scale + self.positions(steps))
        past = (steps <= steps[:, None])[None, None]  # (1, 1, T, T): step t sees steps up to t
        for block in self.blocks:
            x = block(x, x, past)
        out: Tensor = self.norm(x)
        return out

    def prepare(self, data: Dataset) -> None:
        """Cut the training plays of listeners into stretches of `max_len` plays to predict, from the last one on."""
        plays, most = data.past("validation").songs, self.config.max_len
        # A stretch begins with the play that ends the one before
        counts = (plays.lengths + most - 2).clamp(min=0) // most
        owners = torch.repeat_interleave(torch.arange(len(plays)), counts)
        before = torch.arange(len(owners)) - offsets_of(counts)[owners]
        ends = plays.offsets[1:][owners] - before * most
        starts = torch.maximum(ends - most - 1, plays.offsets[owners])
        device = self.bias.device
        self._plays, self._starts, self._lengths = (part.to(device) for part in (plays.values, starts, ends - starts))

    def samples(self) -> int:
        """Count the stretches."""
        return len(self._starts)

    def batches(self, generator: torch.Generator) -> Iterator[Stretches]:
        """Yield shuffled stretches with freshly drawn songs."""
        songs, drawn, device = len(self.bias), self.config.negatives, self.bias.device
        order = torch.randperm(self.samples(), generator=generator).to(device)
        for chosen in blocks(len(order), self.config.batch_size, device):
            lengths = self._lengths[order[chosen]]
            plays = self._plays[spans(self._starts[order[chosen]], lengths)]
            sampled = Shared(torch.randint(songs, (drawn,), generator=generator).to(device)) if songs > drawn else None
            yield Stretches(Ragged(plays, offsets_of(lengths)), sampled)

    def loss(self, batch: Stretches) -> Tensor:
        """Softmax cross-entropy of every play but the first of each stretch."""
        plays = batch.plays.padded()
        there = torch.arange(1, plays.shape[1], device=plays.device) < batch.plays.lengths[:, None]  # (B, T)
        states, true = self.states(plays[:, :-1])[there], plays[:, 1:][there]  # (n, E), (n,)
        if batch.sampled is None:
            return F.cross_entropy(torch.addmm(self.bias, states, self.all_vectors().T), true)
        drawn = batch.sampled.songs
        right = (states * self.vectors(true)).sum(1) + F.embedding(true, self.bias[:, None]).squeeze(1)
        wrong = states @ self.vectors(drawn).T + F.embedding(drawn, self.bias[:, None]).squeeze(1)
        wrong = wrong + math.log(len(self.bias) / len(drawn))  # each stands for so many
        wrong = wrong.masked_fill(drawn == true[:, None], -torch.inf)
        return -(right - torch.logsumexp(torch.cat([right[:, None], wrong], dim=1), dim=1)).mean()

    def weight(self, batch: Stretches) -> float:
        """Count the plays that the loss is a mean over."""
        return len(batch.plays.values) - len(batch.plays)

    def scorer(self, data: Dataset) -> Scorer:
        """Return the scorer."""
        return _SASRecScorer(self)


class _SASRecScorer(Scorer):
    """Scores by the product of the last state, 0 without plays, with each song's vector, plus the song's bias."""

    pairwise = True

    @torch.no_grad()
    def __init__(self, model: SASRec) -> None:
        self.model = model.eval()
        self.vectors, self.bias = model.all_vectors().detach(), model.bias.detach()

    @property
    def song_vectors(self) -> Tensor:
        return self.vectors

    @torch.no_grad()
    def scores(self, listeners: Listeners) -> Tensor:
        return torch.addmm(self.bias, self._last(listeners.songs), self.vectors.T)

    @torch.no_grad()
    def parts(self, listeners: Listeners, songs: Tensor) -> Parts:
        sequence = torch.einsum("be,bne->bn", self._last(listeners.songs), self.vectors[songs])
        return Parts(("sequence", "song bias"), torch.stack([sequence, self.bias[songs]], dim=-1))

    @torch.no_grad()
    def usual_parts(self, listeners: Listeners, scores: Tensor) -> Tensor:
        sequence = self._last(listeners.songs) @ self._mean  # the mean of products is the product with the mean
        return torch.stack([sequence, self.bias.mean().expand_as(sequence)], dim=1)

    @cached_property
    def _mean(self) -> Tensor:
        return self.vectors.mean(0)

    def _last(self, plays: Ragged) -> Tensor:
        lengths = plays.lengths.clamp(max=self.model.config.max_len)
        window = Ragged(plays.values[spans(plays.offsets[1:] - lengths, lengths)], offsets_of(lengths))
        states = self.vectors.new_zeros(len(plays), self.vectors.shape[1])
        for rows in blocks(len(plays), _CHUNK, states.device):
            some = window.rows(rows)
            if len(some.values):
                last = (some.lengths - 1).clamp(min=0)[:, None, None].expand(-1, 1, states.shape[1])
                states[rows] = self.model.states(some.padded()).gather(1, last).squeeze(1)
        return states * (lengths > 0)[:, None]
