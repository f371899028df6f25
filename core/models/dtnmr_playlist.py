"""DTNMR's UDFC: what a playlist says."""

from __future__ import annotations

from abc import ABC, abstractmethod

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from musicrec.core.models.configs import DTNMRConfig
from musicrec.core.models.dtnmr_products import Room
from musicrec.core.models.dtnmr_recurrent import last_states

_MANY = 128  # playlists from which on `last_states` is faster than torch


class PlaylistCell(nn.Module, ABC):
    """UDFC: a sequence of [song vector, behaviour one-hot] to R^E; an empty sequence gives zero.

    `behaviours` counts the behaviours; with `use_behaviours` off the song vectors stand alone.
    """

    out: nn.Sequential

    def __init__(self, config: DTNMRConfig, behaviours: int) -> None:
        super().__init__()
        self.behaviours = behaviours if config.use_behaviours else 0

    def forward(self, songs: Tensor, behaviours: Tensor, lengths: Tensor) -> Tensor:
        """Read `songs` (B, T, E) and `behaviours` (B, T), of which the first `lengths` (B,) steps count: (B, E).

        Rows are padded on the right.
        """
        if self.behaviours:
            songs = torch.cat([songs, F.one_hot(behaviours, self.behaviours).to(songs.dtype)], dim=2)
        out: Tensor = self.out(self.read(songs, lengths.clamp(min=1)))
        return out * (lengths > 0)[:, None]

    @abstractmethod
    def read(self, steps: Tensor, lengths: Tensor) -> Tensor:
        """Summarise the first `lengths` (B,) of `steps` (B, T, inputs), at least one in each row: (B, H)."""


class RecurrentCell(PlaylistCell):
    """An LSTM (paper §3.3) or a GRU: the state at each row's last step, which padding cannot reach."""

    def __init__(self, config: DTNMRConfig, behaviours: int) -> None:
        super().__init__(config, behaviours)
        kind = nn.LSTM if config.cell == "lstm" else nn.GRU
        self.lstm = kind(
            config.embedding_size + self.behaviours,
            config.lstm_hidden,
            num_layers=config.lstm_layers,
            dropout=config.dropout if config.lstm_layers > 1 else 0.0,
            batch_first=True,
        )
        self.out = _out(config)
        self._room = Room()

    def read(self, steps: Tensor, lengths: Tensor) -> Tensor:
        """Return the state at the last step: (B, H)."""
        # In this order: a graph that is written would keep the number of rows that was asked for
        if self.training and steps.device.type == "cpu" and len(steps) >= _MANY:
            return last_states(self.lstm, steps, lengths, self._room)
        states, _ = self.lstm(steps)  # (B, T, H)
        return _at_last(states, lengths).squeeze(1)


class AttentionCell(PlaylistCell):
    """Self-attention over the whole playlist, read at its last step (Kang and McAuley, ICDM 2018, §III).

    Positions are learned and counted from the end, so that a play means the same by its age whatever the length.
    Nothing needs a causal mask, as every training point has a window of its own that ends before its song.
    """

    def __init__(self, config: DTNMRConfig, behaviours: int) -> None:
        super().__init__(config, behaviours)
        hidden = config.lstm_hidden
        self.enter = nn.Linear(config.embedding_size + self.behaviours, hidden)
        self.positions = nn.Embedding(config.playlists[0], hidden)
        self.dropout = nn.Dropout(config.dropout)
        self.blocks = nn.ModuleList(
            AttentionBlock(hidden, config.attention_heads, config.dropout) for _ in range(config.lstm_layers)
        )
        self.norm = nn.LayerNorm(hidden)
        self.out = _out(config)
        nn.init.normal_(self.positions.weight, std=0.02)

    def read(self, steps: Tensor, lengths: Tensor) -> Tensor:
        """Return what the last step has gathered: (B, H)."""
        at = torch.arange(steps.shape[1], device=steps.device)
        age = lengths[:, None] - 1 - at  # (B, T): 0 for the latest play, negative for padding
        x = self.dropout(self.enter(steps) + self.positions(age.clamp(min=0)))
        there = (age >= 0)[:, None, None, :]
        for block in self.blocks[:-1]:
            x = block(x, x, there)
        x = self.blocks[-1](_at_last(x, lengths), x, there)  # of the last block only one step is read
        out: Tensor = self.norm(x.squeeze(1))
        return out


class AttentionBlock(nn.Module):
    """Attention, then two layers, each added to what came in, normalised before."""

    def __init__(self, hidden: int, heads: int, dropout: float) -> None:
        super().__init__()
        self.heads, self.rate = heads, dropout
        self.before, self.between = nn.LayerNorm(hidden), nn.LayerNorm(hidden)
        self.query, self.key_value = nn.Linear(hidden, hidden), nn.Linear(hidden, 2 * hidden)
        self.join = nn.Linear(hidden, hidden)
        self.layers = nn.Sequential(nn.Linear(hidden, hidden), nn.ReLU(), nn.Linear(hidden, hidden))
        self.dropout = nn.Dropout(dropout)

    def forward(self, asking: Tensor, steps: Tensor, there: Tensor) -> Tensor:
        """Let `asking` (B, Q, H) attend to `steps` (B, T, H) where `there` is true: (B, Q, H).

        `there` is (B, 1, 1, T) where all of a row may see the same, (1, 1, Q, T) where each step has a past of its own.
        """
        key, value = self.key_value(self.before(steps)).chunk(2, dim=2)
        query = self.query(self.before(asking))
        query, key, value = (x.unflatten(2, (self.heads, -1)).transpose(1, 2) for x in (query, key, value))
        rate = self.rate if self.training else 0.0
        seen = F.scaled_dot_product_attention(query, key, value, attn_mask=there, dropout_p=rate)  # (B, heads, Q, ·)
        x = asking + self.dropout(self.join(seen.transpose(1, 2).flatten(2)))
        out: Tensor = x + self.dropout(self.layers(self.between(x)))
        return out


def playlist_cell(config: DTNMRConfig, behaviours: int) -> PlaylistCell:
    """Make the cell that `config` names, for so many behaviours."""
    return AttentionCell(config, behaviours) if config.cell == "attention" else RecurrentCell(config, behaviours)


def _out(config: DTNMRConfig) -> nn.Sequential:
    hidden, size = config.lstm_hidden, config.embedding_size
    return nn.Sequential(nn.Linear(hidden, hidden), nn.ReLU(), nn.Linear(hidden, size))


def _at_last(steps: Tensor, lengths: Tensor) -> Tensor:
    # Of (B, T, H) each row's last step: (B, 1, H)
    return steps.gather(1, (lengths - 1)[:, None, None].expand(-1, 1, steps.shape[2]))
