"""What the models of (listener, song) pairs share: batches of plays and sampled songs, their loss, and fold-in."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from musicrec.core.dataset import Dataset
from musicrec.core.models.base import GradientModel
from musicrec.core.models.fold_in import FoldIn, FoldInScorer
from musicrec.core.models.negatives import Unplayed, sampling_chances
from musicrec.core.models.pair_config import PairConfig


@dataclass(frozen=True, slots=True)
class Pairs:
    """Listeners (B,), songs (B,) and whether each pair is a play: float32 (B,)."""

    listeners: Tensor
    songs: Tensor
    played: Tensor


@dataclass(frozen=True, slots=True)
class Drawn:
    """What a pass goes over: its plays, listeners (N,) and songs (N,), and `negatives` (N · n,).

    Pair i is play i where i < N, else the song i - N of the negatives with the listener of play i modulo N; `order`
    (N + N · n,) has every pair once. `correction` (S,) is taken off the logits, where there is one.
    """

    listeners: Tensor
    songs: Tensor
    negatives: Tensor
    order: Tensor
    correction: Tensor | None


class PairModel(GradientModel):
    """One logit for a (listener, song) pair, learned from plays and from songs that were not played.

    A row of `listener_table` is all that is learned of a listener, one of `song_table` all that is learned of a song,
    or of all songs with fewer than `song_id_plays` training plays, whose row is the last.
    """

    config: PairConfig
    listener_table: nn.Embedding
    song_table: nn.Embedding
    song_rows: Tensor | None
    _spared: tuple[Tensor, Tensor] | None = None

    def __init__(self, config: PairConfig, data: Dataset, width: int) -> None:
        """Make both tables, with rows of `width` numbers."""
        super().__init__()
        self.config = config
        known = data.popularity >= config.song_id_plays
        rare = not bool(known.all())
        # Not saved: the dataset of a run gives them again
        self.register_buffer("song_rows", torch.where(known, known.cumsum(0) - 1, known.sum()) if rare else None, False)
        self.listener_table = nn.Embedding(data.listener_count, width)
        self.song_table = nn.Embedding(int(known.sum()) + rare, width)

    @abstractmethod
    def forward(self, listeners: Tensor, songs: Tensor) -> Tensor:
        """Return the logits of pairs: (B,)."""

    def rows_of(self, songs: Tensor) -> Tensor:
        """Return the rows of `song_table` that songs have, in the shape of `songs`."""
        return songs if self.song_rows is None else self.song_rows[songs]

    def of_songs(self) -> Tensor:
        """Return what is learned of each song: (S, D)."""
        weight = self.song_table.weight
        return weight if self.song_rows is None else weight[self.song_rows]

    def by_row(self, values: Tensor) -> Tensor:
        """Return those of the `values` of songs (S,), alike in a row, that stand for the rows: (R,)."""
        if self.song_rows is None:
            return values
        return values.new_empty(self.song_table.num_embeddings).index_copy_(0, self.song_rows, values)

    def correction(self, data: Dataset) -> Tensor | None:
        """Return log(S q(s)) for all songs, q being the chance of drawing one: (S,) float32, None for uniform draws.

        That of songs that share a row is of their mean chance, as the row is all that the logit knows.
        """
        chances = _chances(self.config, data)
        if chances is None:
            return None
        if self.song_rows is not None:
            rows = self.song_rows.cpu()
            sums = torch.zeros(self.song_table.num_embeddings, dtype=chances.dtype).index_add_(0, rows, chances)
            chances = (sums / rows.bincount())[rows]
        return (chances * len(chances)).log().float()

    def spare(self, listeners: Tensor, songs: Tensor) -> None:
        """Never draw `songs` (L, n) as negatives of `listeners` (L,); called before `prepare`."""
        self._spared = listeners.repeat_interleave(songs.shape[1]), songs.flatten()

    def prepare(self, data: Dataset) -> None:
        """Take the training plays, and what negatives must avoid."""
        device, songs = self.song_table.weight.device, data.past("validation").songs
        chances = _chances(self.config, data)
        self._unplayed = Unplayed(songs, data.song_count, device, chances, self._spared)
        self._listeners, self._songs = songs.row_ids().to(device), songs.values.to(device)
        correction = self.correction(data)
        self._correction = None if correction is None else correction.to(device)

    def samples(self) -> int:
        """Count the plays and the negatives of a pass."""
        return len(self._songs) * (1 + self.config.negatives)

    def drawn(self, generator: torch.Generator) -> Drawn:
        """Draw the negatives of a pass, and the order of its pairs, side by side."""
        others = torch.Generator().manual_seed(int(torch.randint(2**62, (), generator=generator)))
        with ThreadPoolExecutor(1) as pool:
            order = pool.submit(torch.randperm, self.samples(), generator=others)
            negatives = self._unplayed.draw(self._listeners.repeat(self.config.negatives), generator)
            return Drawn(self._listeners, self._songs, negatives, order.result(), self._correction)

    def batches(self, generator: torch.Generator) -> Iterator[Pairs]:
        """Draw negatives anew and yield shuffled pairs."""
        drawn = self.drawn(generator)
        listeners = self._listeners.repeat(1 + self.config.negatives)
        songs, order = torch.cat([self._songs, drawn.negatives]), drawn.order.to(self._songs.device)
        plays, size = len(self._songs), self.config.batch_size
        for start in range(0, len(order), size):
            chosen = order[start : start + size]
            yield Pairs(listeners[chosen], songs[chosen], (chosen < plays).float())

    def loss(self, batch: Pairs) -> Tensor:
        """Binary cross-entropy with logits (He et al., WWW 2017, §3.1), corrected for how negatives are drawn.

        Where q(s) is the chance of drawing song s, the loss is that of the logit less log(S q(s)), which is 0 for
        uniform draws: noise-contrastive estimation (Gutmann & Hyvärinen, AISTATS 2010), but for a constant.
        """
        logits = self(batch.listeners, batch.songs)
        if self._correction is not None:
            logits = logits - self._correction[batch.songs]
        return F.binary_cross_entropy_with_logits(logits, batch.played)


class PairScorer(FoldInScorer):
    """What scorers of such models share."""

    def __init__(self, model: PairModel, data: Dataset) -> None:
        super().__init__(model.listener_table.weight.detach(), data)
        self.config, self._corrections = model.config, model.correction

    @abstractmethod
    def linearised(self, p: Tensor, songs: Tensor) -> tuple[Tensor, Tensor]:
        """Return the logits (n,) of one listener's row with `songs` (n,), and their slopes (n, D) in the row."""

    def folding(self, trained: Tensor) -> FoldIn:
        songs, chances = self.data.song_count, _chances(self.config, self.data)
        if chances is None:
            return FoldIn(self.linearised, trained, songs, self.config.negatives)
        found = self._corrections(self.data)
        assert found is not None
        correction = found.to(trained.device)

        def corrected(p: Tensor, songs: Tensor) -> tuple[Tensor, Tensor]:
            logits, slopes = self.linearised(p, songs)
            return logits - correction[songs], slopes

        return FoldIn(corrected, trained, songs, self.config.negatives, chances)


def _chances(config: PairConfig, data: Dataset) -> Tensor | None:
    if config.negative_sampling == "uniform":
        return None
    return sampling_chances(data.popularity, config.popularity_exponent)
