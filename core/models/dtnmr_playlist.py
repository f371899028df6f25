"""DTNMR's UDFC: what a playlist says."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from musicrec.core.models.configs import DTNMRConfig


class PlaylistLSTM(nn.Module):
    """UDFC: a sequence of [song vector, behaviour one-hot] to R^E; an empty sequence gives zero."""

    def __init__(self, config: DTNMRConfig, behaviours: int) -> None:
        super().__init__()
        self.behaviours = behaviours
        self.lstm = nn.LSTM(
            config.embedding_size + behaviours,
            config.lstm_hidden,
            num_layers=config.lstm_layers,
            dropout=config.dropout if config.lstm_layers > 1 else 0.0,
            batch_first=True,
        )
        self.out = nn.Sequential(
            nn.Linear(config.lstm_hidden, config.lstm_hidden),
            nn.ReLU(),
            nn.Linear(config.lstm_hidden, config.embedding_size),
        )

    def forward(self, songs: Tensor, behaviours: Tensor, lengths: Tensor) -> Tensor:
        """Read `songs` (B, T, E) and `behaviours` (B, T), of which the first `lengths` (B,) steps count: (B, E).

        Rows are padded on the right and the state is taken at each row's last step, which padding cannot reach.
        """
        one_hot = F.one_hot(behaviours, self.behaviours).to(songs.dtype)
        states, _ = self.lstm(torch.cat([songs, one_hot], dim=2))  # (B, T, H)
        last = (lengths - 1).clamp(min=0)[:, None, None].expand(-1, 1, states.shape[2])
        out: Tensor = self.out(states.gather(1, last).squeeze(1))
        return out * (lengths > 0)[:, None]
