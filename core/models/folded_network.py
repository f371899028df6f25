"""NCF's network as `kernels.folded` takes it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F

from musicrec.core.compiled_ranking import in_parts
from musicrec.core.kernels import folded, lanes
from musicrec.core.kernels.ranking_tiles import COLUMNS, ROWS
from musicrec.core.models.catalogue_search import Asked, Bools, Floats, Network, search
from musicrec.core.models.narrow_catalogue import NarrowCatalogue

_BLOCKS = 512  # folded at once, and the fewest for which another thread is woken up: 0.3 ms
_CHOSEN = 16_000  # scores of a part, at least: handing one to a thread takes as long as some hundreds
_LISTENERS = 16  # for whom songs are scored together: more write to more pages than are at hand, fewer read more often
_LARGE = 16_000_000  # bytes of songs that no cache holds: they are read in half as many, and the best of them again

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
        filled = [-(-width // ROWS) * ROWS for width in widths]
        self.width = filled[0]
        both = []
        for layer, inner, outer in zip(layers, filled, filled[1:], strict=False):
            both.append(np.zeros((1 + inner, outer), np.float32))  # biases, then columns of weights
            both[-1][0, : layer.out_features] = layer.bias.numpy()
            both[-1][1 : 1 + layer.in_features, : layer.out_features] = layer.weight.T.numpy()
        last = np.zeros(filled[-1], np.float32)
        last[: len(head)] = head.numpy()
        self._network, self._blocks, self._layers, self._head = Network.of(both, last), self._fold(), both, last

    def scores(self, shifts: Floats, factors: Floats, constants: Floats, room: Tensor | None = None) -> Tensor:
        """Score the catalogue: (B, S), in `room` (B, S) if it is given."""
        scores = torch.empty(len(shifts), self._songs) if room is None else room
        for start in range(0, len(shifts), _LISTENERS):
            rows = slice(start, start + _LISTENERS)
            self._score(shifts[rows], factors[rows], constants[rows], scores[rows].numpy())
        return scores

    def _score(self, shifts: Floats, factors: Floats, constants: Floats, scores: Floats) -> None:
        def work(first: int, end: int) -> None:
            folded.score_catalogue(self._blocks, shifts, factors, constants, *self._network.arrays, scores, first, end)

        in_parts(len(self._blocks), work, max(1, _BLOCKS // max(len(shifts), 1)))

    def scores_of(self, shifts: Floats, factors: Floats, constants: Floats, songs: Tensor) -> Tensor:
        """Score the listeners' own `songs` (B, n): (B, n)."""
        scores = torch.empty(songs.shape)
        asked, out, chosen = (shifts, factors, constants), scores.numpy(), songs.contiguous().numpy()

        def work(first: int, end: int) -> None:
            folded.score_chosen(self._rows, chosen, *asked, *self._network.arrays, out, first, end)

        in_parts(len(songs), work, max(1, _CHOSEN // max(songs.shape[1], 1)))
        return scores

    def expect_best(self) -> None:
        """Make ready what the first call of `best` would."""
        _ = self._narrow

    def best(
        self, shifts: Floats, factors: Floats, constants: Floats, heard: NDArray[np.int64], allowed: Bools, k: int
    ) -> tuple[Tensor, Tensor] | None:
        """Find the best `k` songs for one listener, falling, and their scores, as sorting `scores` would.

        No candidates are `heard`, which rises, and those where `allowed` (S,), if it is not empty, is false. Returns
        None where a score is not finite, or stands beside too many that are not.
        """
        asked = shifts, factors, constants
        narrow = self._narrow
        if narrow is not None:
            chosen = narrow.candidates(asked, heard, allowed, k)
            if chosen is not None:
                return _sorted(self._scores_again(asked, chosen), chosen, k)
        kept = search(self._blocks, self._songs, asked, self._network, heard, allowed, k)
        return None if kept is None else _sorted(kept[0].ravel(), kept[1].ravel(), k)

    def _scores_again(self, asked: Asked, songs: NDArray[np.int64]) -> Floats:
        rows = self._blocks[songs // COLUMNS, :, songs % COLUMNS]  # (n, rows)
        filled = np.pad(rows, ((0, 0), (0, -rows.shape[1] % lanes.LANES)))
        scores = np.empty(len(songs), np.float32)
        folded.score_chosen(filled, np.arange(len(songs))[None], *asked, *self._network.arrays, scores[None], 0, 1)
        return scores

    def _fold(self) -> Floats:
        # (blocks, rows, 32)
        count, columns = -(-self._songs // COLUMNS), COLUMNS
        found = torch.zeros(count, self._filled_rows(slice(0, 1)).shape[1], columns)
        for start in range(0, count, _BLOCKS):
            rows = self._filled_rows(slice(start * columns, (start + _BLOCKS) * columns))
            padded = F.pad(rows, (0, 0, 0, -len(rows) % columns))
            found[start : start + _BLOCKS] = padded.view(-1, columns, rows.shape[1]).transpose(1, 2)
        return found.numpy()

    @cached_property
    def _narrow(self) -> NarrowCatalogue | None:
        if not self._layers or self._blocks.nbytes <= _LARGE or not np.isfinite(self._blocks.sum()):
            return None
        return NarrowCatalogue(self._blocks, self._songs, self._layers, self._head)

    @cached_property
    def _rows(self) -> Floats:
        # (S, rows and zeros), for songs that are scored one here and one there
        rows = self._filled_rows(slice(None))
        return F.pad(rows, (0, -rows.shape[1] % lanes.LANES)).numpy()

    def _filled_rows(self, songs: slice) -> Tensor:
        addends, factors = self._rows_of(songs)
        return torch.cat([F.pad(addends, (0, self.width - addends.shape[1])), factors], dim=1).detach()


def _sorted(scores: Floats, songs: NDArray[np.int64], k: int) -> tuple[Tensor, Tensor] | None:
    order = np.lexsort((songs, -scores))[:k]
    found = scores[order]
    return (torch.from_numpy(songs[order]), torch.from_numpy(found)) if np.isfinite(found).all() else None
