"""DTNMR: metadata and LSTMs over long- and short-term playlists (Zheng et al., Applied Sciences 9(4):703, 2019)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from musicrec.core.dataset import Bags, Dataset, Listeners
from musicrec.core.models.base import GradientModel, Parts, Scorer
from musicrec.core.models.configs import DTNMRConfig
from musicrec.core.models.dtnmr_features import FeatureMLP, scaled_lengths, song_features
from musicrec.core.models.dtnmr_playlist import PlaylistLSTM
from musicrec.core.models.unions import first_appearances, union_sizes, unions
from musicrec.core.ragged import Ragged, blocks, offsets_of, spans
from musicrec.core.records import Listener

_CHUNK = 16_384  # songs embedded at once when a catalogue is


@dataclass(frozen=True, slots=True)
class Points:
    """Training points: everything known before one play, and the songs that share its softmax, the true one first.

    `listeners` (B,), `union` B rows of song features, `windows` B rows of songs (long-term, oldest first) with their
    `behaviours`, `candidates` (B, subset).
    """

    listeners: Tensor
    union: Ragged
    windows: Ragged
    behaviours: Ragged
    candidates: Tensor


class DTNMR(GradientModel):
    """Rates a song by the dot product of listener vector and song vector, both in R^E.

    Listener vector = USFC(static features, union of played songs' features) + UDFC(long-term) + UDFC(short-term), song
    vector = MFC(song features) (paper §3). The paper's figure joins the two by a Linear layer over their concatenation,
    which adds the same constant to every song and so ranks alike for everybody: the product replaces it. The two
    playlists share the UDFC's weights.
    """

    def __init__(self, config: DTNMRConfig, data: Dataset) -> None:
        super().__init__()
        self.config = config
        song_bags = song_features(config, data)
        static = data.bags(*config.listener_bags)
        sparse = config.optimizer in ("sgd", "adagrad") and config.l2 == 0  # their sparse steps equal dense ones
        hidden, size = config.feature_hidden, config.embedding_size
        self.mfc = FeatureMLP((song_bags.size,), hidden, size, 2, sparse)
        self.usfc = FeatureMLP((static.size, song_bags.size), hidden, size, 0, sparse)
        self.udfc = PlaylistLSTM(config, 1 + len(data.behaviour_names))
        self._initialise(song_bags, static, data)

    def _initialise(self, song_bags: Bags, static: Bags, data: Dataset) -> None:
        # As a Linear layer over as many inputs as are set: over all columns it would start near zero
        per_song = len(song_bags.bags.values) / max(data.song_count, 1)
        per_listener = 4 * per_song * max(1.0, float(data.popularity.sum()) / max(data.listener_count, 1)) ** 0.5
        for table, active in (
            (self.mfc.tables[0], per_song),
            (self.usfc.tables[0], len(static.bags.values) / max(data.listener_count, 1)),
            (self.usfc.tables[1], per_listener),
        ):
            assert isinstance(table, nn.EmbeddingBag)
            bound = max(active, 1.0) ** -0.5
            nn.init.uniform_(table.weight, -bound, bound)
            if self.config.song_ids and table.num_embeddings == song_bags.size:
                with torch.no_grad():  # a song that is never trained on keeps to its metadata
                    table.weight[-data.song_count :].masked_fill_((data.popularity == 0)[:, None], 0)

    def attach(self, data: Dataset) -> None:
        """Take the features of songs and listeners to the device of the weights."""
        config, device = self.config, self.mfc.bias.device
        self.features = song_features(config, data)
        self.song_bags = self.features.bags.to(device)
        self.static_bags = data.bags(*config.listener_bags).bags.to(device)
        self.lengths = scaled_lengths(data.lengths).to(device)

    def song_vectors(self, songs: Tensor) -> Tensor:
        """MFC: embed songs (n,) by their features: (n, E)."""
        vectors: Tensor = self.mfc((self.song_bags.rows(songs),), self.lengths[songs])
        return vectors

    def catalogue(self) -> Tensor:
        """MFC over all songs, in chunks: (S, E)."""
        songs = blocks(len(self.song_bags), _CHUNK, self.lengths.device)
        return torch.cat([self.song_vectors(chunk) for chunk in songs])

    def static_part(self, static: Ragged, union: Ragged) -> Tensor:
        """USFC: (B, E)."""
        vectors: Tensor = self.usfc((static, union))
        return vectors

    def playlist_part(self, vectors: Tensor, plays: Ragged, behaviours: Ragged, length: int) -> Tensor:
        """UDFC over each row's last `length` plays; `vectors` (n, E) is indexed by the values of `plays`: (B, E)."""
        lengths = plays.lengths.clamp(max=length)
        starts = plays.offsets[1:] - lengths
        steps = torch.arange(max(int(lengths.max()), 1), device=lengths.device)
        at = (starts[:, None] + steps).clamp(max=max(len(plays.values) - 1, 0))  # (B, T), right-padded
        if not len(plays.values):
            return vectors.new_zeros(len(plays), self.config.embedding_size)
        # The backward pass of an embedding adds up in one order whatever the threads; that of indexing does not
        out: Tensor = self.udfc(F.embedding(plays.values[at], vectors), behaviours.values[at], lengths)
        return out

    def prepare(self, data: Dataset) -> None:
        """Take the training plays, their features' first appearances, and the songs that may be sampled."""
        self.attach(data)
        device = self.lengths.device
        past = data.past("validation").to(device)
        self._plays, self._behaviours = past.songs, past.behaviours
        self._union, first = first_appearances(past.songs, self.song_bags, self.features.size)
        self._union_sizes = union_sizes(first, past.songs)
        self._owners = past.songs.row_ids()
        # A song that nobody played is never taught to be a wrong answer: it stays a cold start
        self._sampled = data.popularity.nonzero().squeeze(1).to(device)

    def samples(self) -> int:
        """Count the training points: every training play."""
        return len(self._plays.values)

    def batches(self, generator: torch.Generator) -> Iterator[Points]:
        """Yield shuffled training points with freshly sampled songs."""
        order = torch.randperm(self.samples(), generator=generator).to(self._owners.device)
        for chosen in blocks(len(order), self.config.batch_size, order.device):
            yield self._points(order[chosen], generator)

    def _points(self, points: Tensor, generator: torch.Generator) -> Points:
        owners, true = self._owners[points], self._plays.values[points]
        lengths = (points - self._plays.offsets[owners]).clamp(max=self.config.long_term_len)
        window, offsets = spans(points - lengths, lengths), offsets_of(lengths)
        return Points(
            owners,
            self._union.prefixes(owners, self._union_sizes[points]),
            Ragged(self._plays.values[window], offsets),
            Ragged(self._behaviours.values[window], offsets),
            torch.cat([true[:, None], self._others(true, generator)], dim=1),
        )

    def _others(self, true: Tensor, generator: torch.Generator) -> Tensor:
        count = max(len(self._sampled) - 1, 1)
        drawn = torch.randint(count, (len(true), self.config.subset_size - 1), generator=generator).to(true.device)
        skipped = torch.searchsorted(self._sampled, true)  # the true song's place: draws from there on move up by one
        return self._sampled[(drawn + (drawn >= skipped[:, None])).clamp(max=len(self._sampled) - 1)]

    def loss(self, batch: Points) -> Tensor:
        """Softmax cross-entropy of the true next song among the sampled ones (paper §3.5)."""
        wanted = torch.cat([batch.windows.values, batch.candidates.flatten()])
        songs, places = self._distinct(wanted)  # each song of the batch is embedded once
        vectors = self.song_vectors(songs)
        plays = Ragged(places[: len(batch.windows.values)], batch.windows.offsets)
        candidates = places[len(batch.windows.values) :].view(batch.candidates.shape)
        listener = self.static_part(self.static_bags.rows(batch.listeners), batch.union)
        for length in (self.config.long_term_len, self.config.short_term_len):
            listener = listener + self.playlist_part(vectors, plays, batch.behaviours, length)
        logits = _rate(listener, vectors, candidates)
        return F.cross_entropy(logits, logits.new_zeros(len(logits), dtype=torch.int64))

    def _distinct(self, songs: Tensor) -> tuple[Tensor, Tensor]:
        # Sorting the batch costs more than a pass over the catalogue, unless the catalogue is far larger
        if len(self.song_bags) > 8 * len(songs):
            found, places = torch.unique(songs, return_inverse=True)
            return found, places
        there = torch.zeros(len(self.song_bags), dtype=torch.bool, device=songs.device)
        there[songs] = True
        return there.nonzero().squeeze(1), (there.cumsum(0) - 1)[songs]

    def scorer(self, data: Dataset) -> Scorer:
        """Embed the catalogue, and return the scorer."""
        if not hasattr(self, "song_bags"):
            self.attach(data)
        return DTNMRScorer(self, data)


class DTNMRScorer(Scorer):
    """Scores by the dot product with precomputed song vectors."""

    @torch.no_grad()
    def __init__(self, model: DTNMR, data: Dataset) -> None:
        self.model, self.data = model, data
        model.eval()
        self.vectors = model.catalogue()

    @property
    def song_vectors(self) -> Tensor:
        return self.vectors

    def adapt(self, state: Listeners, origin: Listeners | None, facts: Listener | None) -> Listeners:
        if facts is None:
            return state
        config = self.model.config
        static = self.data.encode(facts, config.listener_features, config.rare, config.rare_buckets)
        return replace(state, static=static.to(self.vectors.device))

    @torch.no_grad()
    def scores(self, listeners: Listeners) -> Tensor:
        return self._listener_parts(listeners).sum(0) @ self.vectors.T

    @torch.no_grad()
    def parts(self, listeners: Listeners, songs: Tensor) -> Parts:
        values = torch.einsum("pbe,bne->bnp", self._listener_parts(listeners), self.vectors[songs])
        return Parts(("static", "long-term", "short-term"), values)

    @torch.no_grad()
    def usual_parts(self, listeners: Listeners, scores: Tensor) -> Tensor:
        return (self._listener_parts(listeners) @ self._mean).T  # the mean of products is the product with the mean

    @cached_property
    def _mean(self) -> Tensor:
        return self.vectors.mean(0)

    def _listener_parts(self, listeners: Listeners) -> Tensor:  # (3, B, E)
        model = self.model
        static = listeners.static if listeners.static is not None else model.static_bags.rows(listeners.ids)
        union = unions(listeners, model.song_bags, model.features.size)
        plays = (listeners.songs, listeners.behaviours)
        return torch.stack(
            [
                model.static_part(static, union),
                model.playlist_part(self.vectors, *plays, model.config.long_term_len),
                model.playlist_part(self.vectors, *plays, model.config.short_term_len),
            ]
        )


def _rate(listeners: Tensor, vectors: Tensor, candidates: Tensor) -> Tensor:
    # With many candidates a row, rating every song of the batch moves less memory than gathering vectors for each
    if len(vectors) <= 8 * candidates.shape[1]:
        return (listeners @ vectors.T).gather(1, candidates)
    return torch.einsum("be,bne->bn", listeners, F.embedding(candidates, vectors))
