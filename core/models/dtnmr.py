"""DTNMR: metadata, and what long- and short-term playlists say (Zheng et al., Applied Sciences 9(4):703, 2019)."""

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
from musicrec.core.models.dtnmr_playlist import playlist_cell
from musicrec.core.models.dtnmr_rating import rating_layer
from musicrec.core.models.dtnmr_sampling import Choices, SongSampler
from musicrec.core.models.unions import first_appearances, union_sizes, unions
from musicrec.core.ragged import Ragged, blocks, offsets_of, spans
from musicrec.core.records import Listener

_CHUNK = 16_384  # songs embedded at once when a catalogue is
_SPARSE = 64  # feature codes that a sample may touch: where all touch more than there are, dense steps cost less
_ROWS = 256  # playlists read at once on a CPU: what they take on their way stays near the cache


@dataclass(frozen=True, slots=True)
class Points:
    """Training points: everything known before one play, that play's song, and the songs that share its softmax.

    `listeners` (B,), `union` B rows of song features, `windows` B rows of songs (the longest playlist, oldest first)
    with their `behaviours`.
    """

    listeners: Tensor
    union: Ragged | None
    windows: Ragged
    behaviours: Ragged
    choices: Choices


class DTNMR(GradientModel):
    """Rates a song by the dot product of listener vector and song vector, both in R^E, or by an MLP over both.

    Listener vector = USFC(static features, union of played songs' features) + UDFC(long-term) + UDFC(short-term), song
    vector = MFC(song features) (paper §3). The paper's figure joins the two by a Linear layer over their concatenation,
    which adds the same constant to every song and so ranks alike for everybody: the product replaces it. The two
    playlists share the UDFC's weights. A part that the configuration turns off is not there.
    """

    kinds: Tensor  # plays of each playlist, the longest first

    def __init__(self, config: DTNMRConfig, data: Dataset) -> None:
        super().__init__()
        self.config = config
        song_bags = song_features(config, data)
        alike = config.optimizer in ("sgd", "adagrad") and config.l2 == 0  # their sparse steps equal dense ones
        sparse = alike and song_bags.size > _SPARSE * config.batch_size
        hidden, size = config.feature_hidden, config.embedding_size
        self.mfc = FeatureMLP((song_bags.size,), hidden, size, 2, sparse)
        if config.use_static:
            static = data.bags(*config.listener_bags)
            self.usfc = FeatureMLP((static.size, song_bags.size), hidden, size, 0, sparse)
        if config.playlists:
            self.udfc = playlist_cell(config, 1 + len(data.behaviour_names))
            self.register_buffer("kinds", torch.tensor(config.playlists), persistent=False)
        self.rating = rating_layer(config)
        self._initialise(song_bags, data)

    def _initialise(self, song_bags: Bags, data: Dataset) -> None:
        # As a Linear layer over as many inputs as are set: over all columns it would start near zero
        per_song = len(song_bags.bags.values) / max(data.song_count, 1)
        tables = [(self.mfc.tables[0], per_song)]
        if self.config.use_static:
            static = data.bags(*self.config.listener_bags).bags
            plays = max(1.0, float(data.popularity.sum()) / max(data.listener_count, 1))
            tables.append((self.usfc.tables[0], len(static.values) / max(data.listener_count, 1)))
            tables.append((self.usfc.tables[1], 4 * per_song * plays**0.5))
        for table, active in tables:
            assert isinstance(table, nn.EmbeddingBag)
            bound = max(active, 1.0) ** -0.5
            nn.init.uniform_(table.weight, -bound, bound)
            if self.config.song_ids and not self.config.song_id_plays and table.num_embeddings == song_bags.size:
                with torch.no_grad():  # a song that is never trained on keeps to its metadata
                    table.weight[-data.song_count :].masked_fill_((data.popularity == 0)[:, None], 0)

    def attach(self, data: Dataset) -> None:
        """Take the features of songs and listeners to the device of the weights."""
        config, device = self.config, self.mfc.bias.device
        self.features = song_features(config, data)
        self.song_bags = self.features.bags.to(device)
        if config.use_static:
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

    def playlist_parts(self, vectors: Tensor, plays: Ragged, behaviours: Ragged) -> Tensor:
        """UDFC over each row's last plays, as many as each playlist has: (playlists, B, E).

        `vectors` (n, E) is indexed by the values of `plays`. Playlists of all kinds are read side by side, those of
        about one length together.
        """
        if not len(plays.values):
            return vectors.new_zeros(len(self.kinds), len(plays), self.config.embedding_size)
        lengths = torch.minimum(plays.lengths, self.kinds[:, None]).flatten()
        starts = plays.offsets[1:].repeat(len(self.kinds)) - lengths
        order = lengths.argsort(descending=True, stable=True)
        size = len(order) if order.is_cuda else min(_ROWS, len(plays))
        chunks = (order[rows] for rows in blocks(len(order), size, order.device))
        read = [self._read(vectors, plays, behaviours, starts[some], lengths[some]) for some in chunks]
        # The backward pass of an embedding adds up in one order whatever the threads; that of indexing does not
        return F.embedding(order.argsort().view(len(self.kinds), -1), torch.cat(read))

    def _read(
        self, vectors: Tensor, plays: Ragged, behaviours: Ragged, starts: Tensor, lengths: Tensor
    ) -> Tensor:  # (B, E)
        # The first is the longest; to ask a GPU for it would have every step wait
        longest = max(int(lengths[0]), 1) if lengths.device.type == "cpu" else max(self.config.playlists)
        steps = torch.arange(longest, device=lengths.device)
        at = (starts[:, None] + steps).clamp(max=len(plays.values) - 1)  # (B, T), right-padded
        out: Tensor = self.udfc(F.embedding(plays.values[at], vectors), behaviours.values[at], lengths)
        return out

    def listener_parts(
        self, static: Ragged | None, union: Ragged | None, vectors: Tensor, plays: Ragged, behaviours: Ragged
    ) -> Tensor:
        """Return the vectors that add up to the listeners', in the order of the configuration's parts: (P, B, E).

        `static` and `union` are needed where the static part is used; `vectors` as in `playlist_parts`.
        """
        parts = [] if static is None or union is None else [self.static_part(static, union)]
        parts += self.playlist_parts(vectors, plays, behaviours) if self.config.playlists else []
        return torch.stack(parts)

    def prepare(self, data: Dataset) -> None:
        """Take the training plays, their features' first appearances, and the songs that may be sampled."""
        self.attach(data)
        device = self.lengths.device
        past = data.past("validation").to(device)
        self._plays, self._behaviours = past.songs, past.behaviours
        if self.config.use_static:
            self._union, first = first_appearances(past.songs, self.song_bags, self.features.size)
            self._union_sizes = union_sizes(first, past.songs)
        self._owners = past.songs.row_ids()
        self._sampler = SongSampler(self.config, data.popularity, device)

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
        longest = max(self.config.playlists, default=0)
        lengths = (points - self._plays.offsets[owners]).clamp(max=longest)
        window, offsets = spans(points - lengths, lengths), offsets_of(lengths)
        return Points(
            owners,
            self._union.prefixes(owners, self._union_sizes[points]) if self.config.use_static else None,
            Ragged(self._plays.values[window], offsets),
            Ragged(self._behaviours.values[window], offsets),
            self._sampler.draw(true, generator),
        )

    def loss(self, batch: Points) -> Tensor:
        """Softmax cross-entropy of the true next song among the sampled ones (paper §3.5)."""
        choices, played = batch.choices, len(batch.windows.values)
        # Each song of the batch is embedded once
        songs, places = self._distinct(torch.cat([batch.windows.values, choices.true, choices.others.flatten()]))
        plays = Ragged(places[:played], batch.windows.offsets)
        true, others = places[played:].tensor_split([len(choices.true)])
        static = self.static_bags.rows(batch.listeners) if self.config.use_static else None
        with torch.autocast(songs.device.type, torch.bfloat16, enabled=self.config.precision == "bf16"):
            vectors = self.song_vectors(songs).float()
            listeners = self.listener_parts(static, batch.union, vectors, plays, batch.behaviours).float()
        rated = self.rating.songs(vectors)
        of_true = self.rating.own(listeners, F.embedding(true[:, None], rated)).squeeze(1)
        return choices.cross_entropy(of_true, self._rate(listeners, rated, others.view(choices.others.shape)))

    def _rate(self, listeners: Tensor, rated: Tensor, others: Tensor) -> Tensor:
        if others.dim() == 1:
            return self.rating.every(listeners, F.embedding(others, rated))
        # With many candidates a row, rating every song of the batch moves less memory than gathering vectors for each
        if len(rated) <= 8 * others.shape[1]:
            return self.rating.every(listeners, rated).gather(1, others)
        return self.rating.own(listeners, F.embedding(others, rated))

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
    """Scores with precomputed song vectors."""

    pairwise = True

    @torch.no_grad()
    def __init__(self, model: DTNMR, data: Dataset) -> None:
        self.model, self.data = model, data
        model.eval()
        self.vectors = model.catalogue()
        self.rated = model.rating.songs(self.vectors)

    @property
    def song_vectors(self) -> Tensor:
        return self.vectors

    def adapt(self, state: Listeners, origin: Listeners | None, facts: Listener | None) -> Listeners:
        config = self.model.config
        if facts is None or not config.use_static:
            return state
        static = self.data.encode(facts, config.listener_features, config.rare, config.rare_buckets)
        return replace(state, static=static.to(self.vectors.device))

    @torch.no_grad()
    def scores(self, listeners: Listeners) -> Tensor:
        return self.model.rating.every(self._listener_parts(listeners), self.rated)

    @torch.no_grad()
    def scores_in(self, listeners: Listeners, room: Tensor) -> Tensor:
        return self.model.rating.every(self._listener_parts(listeners), self.rated, room[: len(listeners.ids)])

    @torch.no_grad()
    def scores_of(self, listeners: Listeners, songs: Tensor) -> Tensor:
        return self.model.rating.own(self._listener_parts(listeners), self.rated[songs])

    @torch.no_grad()
    def parts(self, listeners: Listeners, songs: Tensor) -> Parts:
        rating = self.model.rating
        values = rating.split(self._listener_parts(listeners), self.rated[songs])
        return Parts(rating.names(self.model.config.parts), values)

    @torch.no_grad()
    def usual_parts(self, listeners: Listeners, scores: Tensor) -> Tensor:
        rating = self.model.rating
        return rating.usual(self._listener_parts(listeners), self._mean if rating.linear else self.rated)

    @cached_property
    def _mean(self) -> Tensor:
        return self.rated.mean(0, keepdim=True)

    def _listener_parts(self, listeners: Listeners) -> Tensor:  # (P, B, E)
        model, static, union = self.model, None, None
        if model.config.use_static:
            static = listeners.static if listeners.static is not None else model.static_bags.rows(listeners.ids)
            union = unions(listeners, model.song_bags, model.features.size)
        return model.listener_parts(static, union, self.vectors, listeners.songs, listeners.behaviours)
