"""DTNMR as the KKBOX reference program computes it, written plainly: dense multi-hot vectors, sample by sample.

The program itself cannot be installed. What it does for a training point: builds the set of features of everything
played before, makes multi-hot vectors of all features for that set, for every song of both windows and for every
candidate, runs both windows through the LSTM, song vectors and all, and takes a softmax over the candidates. A
DataLoader hands over one item at a time and stacks 16 of them. Layers and sizes are those of the paper
(`docs/models.md`); listener and song are multiplied, as in musicrec, so that both learn the same.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.utils.data import Dataset


class Points(Dataset[tuple[Tensor, ...]]):
    """Training points: `plays` and `behaviours` are a list a listener, `static` and `songs` lists of features."""

    def __init__(
        self,
        plays: list[list[int]],
        behaviours: list[list[int]],
        static: list[list[int]],
        songs: list[list[int]],
        lengths: Tensor,
        played: list[int],
        sizes: tuple[int, int, int],
        windows: tuple[int, int],
        candidates: int,
    ) -> None:
        self.plays, self.behaviours, self.static, self.songs = plays, behaviours, static, songs
        self.lengths, self.played = lengths, played
        self.static_size, self.song_size, self.behaviour_count = sizes
        self.windows, self.candidates = windows, candidates
        self.points = [(who, at) for who, played in enumerate(plays) for at in range(len(played))]

    def __len__(self) -> int:
        return len(self.points)

    def __getitem__(self, number: int) -> tuple[Tensor, ...]:
        who, at = self.points[number]
        true = self.plays[who][at]
        drawn = [true]
        while len(drawn) < self.candidates:
            song = self.played[int(torch.randint(len(self.played), ()))]
            drawn += [song] if song != true else []
        return self.item(who, at, drawn)

    def item(self, who: int, at: int, drawn: list[int]) -> tuple[Tensor, ...]:
        """Return what is known before play `at` of a listener, and the candidates `drawn`, the true song first."""
        before, ways = self.plays[who][:at], self.behaviours[who][:at]
        union = {feature for song in before for feature in self.songs[song]}
        listener = torch.zeros(self.static_size + self.song_size)
        listener[self.static[who]] = 1
        listener[[self.static_size + feature for feature in union]] = 1
        inputs: list[Tensor] = [listener]
        for length in self.windows:
            recent, how = before[-length:], ways[-length:]
            sequence, kinds = torch.zeros(length, self.song_size + 2), torch.zeros(length, self.behaviour_count)
            for step, (song, way) in enumerate(zip(recent, how, strict=True)):
                self.describe(sequence[step], song)
                kinds[step, way] = 1
            inputs += [sequence, kinds, torch.tensor(len(recent))]
        candidates = torch.zeros(self.candidates, self.song_size + 2)
        for row, song in enumerate(drawn):
            self.describe(candidates[row], song)
        return (*inputs, candidates)

    def describe(self, row: Tensor, song: int) -> None:
        """Set the features of a song in a row of zeros, and its scaled length behind them."""
        row[self.songs[song]] = 1
        row[self.song_size :] = self.lengths[song]


class DenseDTNMR(nn.Module):
    """USFC, MFC and UDFC over multi-hot vectors: `sizes` counts listener features, song features and behaviours."""

    def __init__(self, sizes: tuple[int, int, int], hidden: int = 256, size: int = 32) -> None:
        super().__init__()
        static, songs, behaviours = sizes
        self.mfc = nn.Sequential(
            nn.Linear(songs + 2, 512), nn.ReLU(), nn.Linear(512, 64), nn.ReLU(), nn.Linear(64, size)
        )
        self.usfc = nn.Sequential(
            nn.Linear(static + songs, 512), nn.ReLU(), nn.Linear(512, 64), nn.ReLU(), nn.Linear(64, size)
        )
        self.lstm = nn.LSTM(size + behaviours, hidden, num_layers=2, dropout=0.3, batch_first=True)
        self.out = nn.Sequential(nn.Linear(hidden, hidden), nn.ReLU(), nn.Linear(hidden, size))

    def forward(self, batch: list[Tensor]) -> Tensor:
        """Return the mean cross-entropy of the true songs among their candidates."""
        listener, *windows, candidates = batch
        user = self.usfc(listener)
        for sequence, behaviours, lengths in zip(windows[::3], windows[1::3], windows[2::3], strict=True):
            user = user + self.playlist(self.mfc(sequence), behaviours, lengths)
        scores = (self.mfc(candidates) * user[:, None]).sum(2)
        return F.cross_entropy(scores, torch.zeros(len(scores), dtype=torch.int64))

    def playlist(self, songs: Tensor, behaviours: Tensor, lengths: Tensor) -> Tensor:
        """UDFC: the LSTM's state at the last play of each row, through two layers; zero for an empty playlist."""
        states, _ = self.lstm(torch.cat([songs, behaviours], dim=2))
        last = states[torch.arange(len(lengths)), lengths.clamp(min=1) - 1]
        found: Tensor = self.out(last) * (lengths > 0)[:, None]
        return found
