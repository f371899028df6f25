"""NCF's network as `kernels.ranking` takes it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F

from musicrec.core.compiled_ranking import in_parts
from musicrec.core.kernels import lanes, ranking, ranking_tiles

_BLOCKS = 256  # folded at once, and the fewest for which another thread is woken up: 0.3 ms
_ROWS = 64  # listeners

Floats = NDArray[np.float32]
Rows = Callable[[slice], tuple[Tensor, Tensor]]


class FoldedNetwork:
    """Scores songs by layers over sums of what listener and song add to the first, and by products of both.

    `rows` gives what some songs add (n, H) and what is multiplied (n, F). `layers` come after the first, `head` (·,)
    last. Each method takes addends (B, H), factors (B, F) and constants (B,) of listeners.
    """

    @torch.no_grad()
    def __init__(self, rows: Rows, songs: int, layers: Sequence[nn.Linear], head: Tensor) -> None:
        self._rows_of, self._songs = rows, songs
        first = len(rows(slice(0, 1))[0].T)
        widths = [first, *(layer.out_features for layer in layers)]
        filled = [-(-width // ranking_tiles.ROWS) * ranking_tiles.ROWS for width in widths]
        self._widths = np.array(filled)
        self._weights = np.zeros((len(layers), max(filled), max(filled)), np.float32)
        self._biases = np.zeros((len(layers), max(filled)), np.float32)
        for at, layer in enumerate(layers):
            self._weights[at, : layer.out_features, : layer.in_features] = layer.weight.numpy()
            self._biases[at, : layer.out_features] = layer.bias.numpy()
        self._head = np.zeros(filled[-1], np.float32)
        self._head[: len(head)] = head.numpy()
        self._blocks = self._fold()

    def scores(self, addends: Tensor, factors: Tensor, constants: Tensor, room: Tensor | None = None) -> Tensor:
        """Score the catalogue: (B, S), in `room` (B, S) if it is given."""
        scores = torch.empty(len(addends), self._songs) if room is None else room
        asked, out = self._asked(addends, factors, constants), scores.numpy()
        layers = self._weights, self._biases, self._widths, self._head

        def work(first: int, end: int) -> None:
            ranking.score_catalogue(self._blocks, *asked, *layers, out, first, end)

        in_parts(len(self._blocks), work, max(1, _BLOCKS // max(len(addends), 1)))
        return scores

    def scores_of(self, addends: Tensor, factors: Tensor, constants: Tensor, songs: Tensor) -> Tensor:
        """Score the listeners' own `songs` (B, n): (B, n)."""
        scores = torch.empty(songs.shape)
        asked, out, chosen = self._asked(addends, factors, constants), scores.numpy(), songs.contiguous().numpy()
        layers = self._weights, self._biases, self._widths, self._head

        def work(first: int, end: int) -> None:
            ranking.score_chosen(self._rows, chosen, *asked, *layers, out, first, end)

        in_parts(len(songs), work, _ROWS)
        return scores

    def _asked(self, addends: Tensor, factors: Tensor, constants: Tensor) -> tuple[Floats, Floats, Floats]:
        filled = F.pad(addends, (0, int(self._widths[0]) - addends.shape[1]))
        shifts, weights, sums = (each.detach().contiguous().numpy() for each in (filled, factors, constants))
        return shifts, weights, sums

    def _fold(self) -> Floats:
        # (blocks, rows, 64)
        count, columns = -(-self._songs // ranking.COLUMNS), ranking.COLUMNS
        found = torch.zeros(count, self._filled_rows(slice(0, 1)).shape[1], columns)
        for start in range(0, count, _BLOCKS):
            rows = self._filled_rows(slice(start * columns, (start + _BLOCKS) * columns))
            padded = F.pad(rows, (0, 0, 0, -len(rows) % columns))
            found[start : start + _BLOCKS] = padded.view(-1, columns, rows.shape[1]).transpose(1, 2)
        return found.numpy()

    @cached_property
    def _rows(self) -> Floats:
        # (S, rows and zeros), for songs that are scored one here and one there
        rows = self._filled_rows(slice(None))
        return F.pad(rows, (0, -rows.shape[1] % lanes.LANES)).numpy()

    def _filled_rows(self, songs: slice) -> Tensor:
        addends, factors = self._rows_of(songs)
        return torch.cat([F.pad(addends, (0, int(self._widths[0]) - addends.shape[1])), factors], dim=1).detach()
