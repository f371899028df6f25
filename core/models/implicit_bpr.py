"""BPR: matrix factorization by pairs of a played song and another one (Rendle et al., UAI 2009)."""

from __future__ import annotations

import torch
from torch import Tensor

from musicrec.core.dataset import Dataset, Listeners
from musicrec.core.models.base import FittedModel, Parts, Scorer
from musicrec.core.models.configs import BPRConfig
from musicrec.core.models.fold_in import FoldIn, FoldInScorer, Sample
from musicrec.core.models.implicit_library import ready, training_plays

_PAIRS = 8192  # pairs that stand for all of a listener's


class BPR(FittedModel):
    """Scores a song by p · q + b, with vectors p and q of size `factors` (F) and a bias b of the song.

    Trained by the library implicit, on one thread: its threads write over each other, and no seed would repeat that. It
    draws songs that somebody played, and others for them, by how many listeners played each; how often they did counts
    for nothing. A pair whose other song the listener played too is passed over.

    Buffers: `listener_table` (L, F), `song_table` (S, F), `bias` (S,).
    """

    listener_table: Tensor
    song_table: Tensor
    bias: Tensor

    def __init__(self, config: BPRConfig, data: Dataset) -> None:
        super().__init__()
        self.config = config
        self.register_buffer("listener_table", torch.zeros(data.listener_count, config.factors))
        self.register_buffer("song_table", torch.zeros(data.song_count, config.factors))
        self.register_buffer("bias", torch.zeros(data.song_count))

    def fit(self, data: Dataset) -> None:
        """Have implicit train. Raises MusicrecError where it is not installed."""
        config = self.config
        with ready("bpr"):
            from implicit.cpu.bpr import BayesianPersonalizedRanking

            model = BayesianPersonalizedRanking(
                factors=config.factors,
                learning_rate=config.lr,
                regularization=config.l2,
                iterations=config.iterations,
                num_threads=1,
                random_state=config.seed,
            )
            model.fit(training_plays(data), show_progress=False)
        listeners, songs = torch.from_numpy(model.user_factors), torch.from_numpy(model.item_factors)
        self.listener_table.copy_(listeners[:, :-1])  # a 1 stands last, to meet the bias
        self.song_table.copy_(songs[:, :-1])
        self.bias.copy_(songs[:, -1])

    def scorer(self, data: Dataset) -> Scorer:
        """Return the scorer."""
        return _BPRScorer(self, data)


class _BPRScorer(FoldInScorer):
    pairwise = True

    def __init__(self, model: BPR, data: Dataset) -> None:
        super().__init__(model.listener_table, data)
        self.model = model

    @property
    def song_vectors(self) -> Tensor:
        return self.model.song_table

    def scores(self, listeners: Listeners) -> Tensor:
        return torch.addmm(self.model.bias, self.rows(listeners), self.model.song_table.T)

    def parts(self, listeners: Listeners, songs: Tensor) -> Parts:
        products = torch.einsum("bf,bnf->bn", self.rows(listeners), self.model.song_table[songs])
        return Parts(("vectors", "song bias"), torch.stack([products, self.model.bias[songs]], dim=-1))

    def folding(self, trained: Tensor) -> FoldIn:
        chances = (self.data.popularity / self.data.popularity.sum()).double()
        return _PairFoldIn(self._linearised, trained, len(chances), 1, chances)

    def _linearised(self, p: Tensor, pairs: Tensor) -> tuple[Tensor, Tensor]:
        """Return by how much the first songs of `pairs` (n, 2) lead the second: (n,), and the slopes (n, F) in `p`."""
        first, second = pairs.unbind(1)
        slopes = self.model.song_table[first] - self.model.song_table[second]
        return self.model.bias[first] - self.model.bias[second] + slopes @ p, slopes


class _PairFoldIn(FoldIn):
    """Folds in by pairs of a play and a song not played, each of which should be won: -log sigmoid of the lead.

    Where nobody played any of the other songs there is nothing to win, and the mean listener is left.
    """

    def _sample(self, plays: Tensor) -> Sample:
        songs, counts = torch.unique(plays.to(self._exact), return_counts=True)
        free = ~torch.isin(self._unplayed, songs)
        others, weights = self._unplayed[free], self._weights[free]
        each = min(len(others), _PAIRS // max(len(songs), 1) + 1)
        # Evenly over the others, which are in order of popularity, from another place for each play
        steps = torch.arange(each, device=others.device) * len(others) // max(each, 1)
        places = (steps + torch.arange(len(songs), device=others.device)[:, None]) % max(len(others), 1)  # (n, each)
        chances = weights[places]
        shares = chances / chances.sum(1, keepdim=True).clamp(min=torch.finfo(chances.dtype).tiny)
        pairs = torch.stack([songs[:, None].expand_as(places), others[places]], dim=-1).view(-1, 2)
        weighted = (shares * counts[:, None]).flatten()
        return Sample(pairs, weighted, torch.ones_like(weighted))
