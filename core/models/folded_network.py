"""NCF's network as `kernels.folded` takes it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F

from musicrec.core.compiled_ranking import in_parts, together
from musicrec.core.kernels import folded, lanes, ranking_tiles
from musicrec.core.kernels.heaps import NOWHERE

_BLOCKS = 512  # folded at once, and the fewest for which another thread is woken up: 0.3 ms
_ROWS = 64  # listeners
_SONGS = 15_000  # for which another thread is woken up to find the best: 0.1 ms
_PART, _PARTS = 16, 32  # blocks that a thread takes at a time, at least, and into how many parts each takes its share

Floats = NDArray[np.float32]
Bools = NDArray[np.bool_]
Rows = Callable[[slice], tuple[Tensor, Tensor]]


class FoldedNetwork:
    """Scores songs by layers over sums of what listener and song add to the first, and by products of both.

    `rows` gives what some songs add (n, H) and what is multiplied (n, F). `layers` come after the first, `head` (·,)
    last. Each method takes what listeners add to the first layer (B, `width`), factors (B, F) and constants (B,);
    `width` is H and more, for which they add 0.
    """

    @torch.no_grad()
    def __init__(self, rows: Rows, songs: int, layers: Sequence[nn.Linear], head: Tensor) -> None:
        self._rows_of, self._songs = rows, songs
        first = len(rows(slice(0, 1))[0].T)
        widths = [first, *(layer.out_features for layer in layers)]
        filled = [-(-width // ranking_tiles.ROWS) * ranking_tiles.ROWS for width in widths]
        self.width = filled[0]
        self._widths, size = np.array(filled), ranking_tiles.ROWS
        packed = [np.zeros(0, np.float32)]
        for layer, inner, outer in zip(layers, filled, filled[1:], strict=False):
            both = np.zeros((1 + inner, outer), np.float32)  # biases, then columns of weights
            both[0, : layer.out_features] = layer.bias.numpy()
            both[1 : 1 + layer.in_features, : layer.out_features] = layer.weight.T.numpy()
            packed.append(both.reshape(1 + inner, -1, size).swapaxes(0, 1).ravel())
        self._weights = np.concatenate(packed)
        self._head = np.zeros(filled[-1], np.float32)
        self._head[: len(head)] = head.numpy()
        self._blocks, self._count = self._fold(), -(-songs // ranking_tiles.COLUMNS)

    def scores(self, shifts: Floats, factors: Floats, constants: Floats, room: Tensor | None = None) -> Tensor:
        """Score the catalogue: (B, S), in `room` (B, S) if it is given."""
        scores = torch.empty(len(shifts), self._songs) if room is None else room
        asked, out = (shifts, factors, constants), scores.numpy()
        layers = self._weights, self._widths, self._head

        def work(first: int, end: int) -> None:
            folded.score_catalogue(self._blocks, *asked, *layers, out, first, end)

        in_parts(self._count, work, max(1, _BLOCKS // max(len(shifts), 1)))
        return scores

    def scores_of(self, shifts: Floats, factors: Floats, constants: Floats, songs: Tensor) -> Tensor:
        """Score the listeners' own `songs` (B, n): (B, n)."""
        scores = torch.empty(songs.shape)
        asked, out, chosen = (shifts, factors, constants), scores.numpy(), songs.contiguous().numpy()
        layers = self._weights, self._widths, self._head

        def work(first: int, end: int) -> None:
            folded.score_chosen(self._rows, chosen, *asked, *layers, out, first, end)

        in_parts(len(songs), work, _ROWS)
        return scores

    def best(
        self, shifts: Floats, factors: Floats, constants: Floats, heard: NDArray[np.int64], allowed: Bools, k: int
    ) -> tuple[Tensor, Tensor] | None:
        """Find the best `k` songs for one listener, falling, and their scores, as sorting `scores` would.

        No candidates are `heard`, which rises, and those where `allowed` (S,), if it is not empty, is false. Returns
        None where a score is not finite, or stands beside too many that are not.
        """
        asked, layers = (shifts, factors, constants), (self._weights, self._widths, self._head)
        threads = max(1, min(torch.get_num_threads(), self._songs // _SONGS))
        part = max(_PART, self._count // (_PARTS * threads))
        values, places = np.full((threads, k), -np.inf, np.float32), np.full((threads, k), NOWHERE)
        taken, rows, numbers = np.zeros(1, np.int64), iter(range(threads)), []

        def work() -> None:
            row = next(rows)
            numbers.append(
                folded.keep_best_of_catalogue(
                    self._blocks, self._songs, *asked, *layers, heard, allowed, taken, part, values[row], places[row]
                )
            )

        together(work, threads)
        order = np.lexsort((places.ravel(), -values.ravel()))[:k]
        found, scores = places.ravel()[order], values.ravel()[order]
        if not all(numbers) or not np.isfinite(scores).all():
            return None
        return torch.from_numpy(found), torch.from_numpy(scores)

    def _fold(self) -> Floats:
        # (blocks, rows, 32)
        count, columns = -(-self._songs // ranking_tiles.COLUMNS), ranking_tiles.COLUMNS
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
        return torch.cat([F.pad(addends, (0, self.width - addends.shape[1])), factors], dim=1).detach()
