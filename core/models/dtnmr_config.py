"""What DTNMR can be told."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal, get_args

from musicrec.core.errors import UsageError
from musicrec.core.models.config import GradientConfig, Optimizer, check_choice, option

if TYPE_CHECKING:
    from musicrec.core.tables.columns import BagKey

Cell = Literal["lstm", "gru", "attention"]
Rating = Literal["dot", "mlp"]
Sampling = Literal["uniform", "popularity", "in-batch"]
Precision = Literal["float32", "bf16"]

SONG_FEATURES = ("genre", "artist", "composer", "lyricist", "language", "album", "country", "year")
LISTENER_FEATURES = ("age", "gender", "city", "registered_via", "title", "tag", "likes")
REFERENCE: dict[str, object] = {
    "batch_size": 16, "optimizer": "sgd", "lr": 0.1, "l2": 0.0, "embedding_size": 32, "feature_hidden": (512, 64),
    "cell": "lstm", "lstm_hidden": 256, "lstm_layers": 2, "attention_heads": 2, "dropout": 0.3,
    "use_static": True, "use_long_term": True, "use_short_term": True, "use_behaviours": True,
    "rating": "dot", "rating_hidden": 32, "temperature": 0.0,
    "sampling": "uniform", "shared_samples": False, "subset_size": 5, "popularity_exponent": 1.0, "correction": False,
    "short_term_len": 10, "long_term_len": 20, "song_ids": False, "song_id_plays": 0, "precision": "float32",
}  # fmt: skip
QUICK: dict[str, object] = {"epochs": 6, "patience": 2}


@dataclass(frozen=True, slots=True, kw_only=True)
class DTNMRConfig(GradientConfig):
    """Deep temporal neural music recommendation (Zheng et al., Applied Sciences 9(4):703, 2019)."""

    batch_size: int = option(512, "Samples in a gradient step.")
    optimizer: Optimizer = option("adam", "adam, adamw, sgd or adagrad.")
    lr: float = option(3e-3, "Learning rate.")
    l2: float = option(1e-5, "L2 penalty on the weights (decoupled for adamw).")
    embedding_size: int = option(32, "Size of listener and song vectors.")
    feature_hidden: tuple[int, ...] = option((128, 64), "Layers between features and vectors.")
    use_static: bool = option(True, "Read who a listener is and the features of all that they played.")
    use_long_term: bool = option(True, "Read the long-term playlist.")
    use_short_term: bool = option(True, "Read the short-term playlist.")
    use_behaviours: bool = option(True, "Read how the songs of a playlist were found.")
    cell: Cell = option("gru", "What reads a playlist: lstm, gru or attention.")
    lstm_hidden: int = option(64, "Hidden size of the cell.")
    lstm_layers: int = option(1, "Layers of the cell.")
    attention_heads: int = option(2, "Heads of the cell attention.")
    dropout: float = option(0.3, "Dropout between those layers.")
    rating: Rating = option("dot", "How listener and song are joined: dot (product of the vectors) or mlp.")
    rating_hidden: int = option(32, "Hidden size of the rating mlp.")
    temperature: float = option(0.0, "Rate dot by the cosine over this; 0: by the plain product.")
    sampling: Sampling = option(
        "in-batch",
        "Other songs of a softmax: drawn uniform(ly), by popularity, or in-batch, the true songs of a batch.",
    )
    shared_samples: bool = option(True, "Draw songs once for a whole batch; take them all where they are few enough.")
    subset_size: int = option(
        512, "The true next song and this many minus one drawn songs share a softmax; not read for in-batch."
    )
    popularity_exponent: float = option(1.0, "Draw by popularity to this power: 0 is uniform, 1 by plays.")
    correction: bool = option(True, "Let a drawn song stand for one over its chance of being drawn (logQ).")
    short_term_len: int = option(10, "Plays in the short-term playlist.")
    long_term_len: int = option(20, "Plays in the long-term playlist.")
    song_ids: bool = option(True, "Add the song itself to its features: a hybrid of metadata and collaboration.")
    song_id_plays: int = option(1, "Songs with fewer training plays than this are known by their metadata alone.")
    song_features: tuple[str, ...] = option(
        ("genre", "artist", "composer", "language"), "Of genre artist composer lyricist language album country year."
    )
    listener_features: tuple[str, ...] = option(
        ("age", "gender", "city", "title", "tag", "likes"), "Of age gender city registered_via title tag likes."
    )
    rare: int = option(3, "Feature values on fewer songs (or listeners) than this share hashed buckets.")
    rare_buckets: int = option(1024, "Most hashed buckets for each feature.")
    precision: Precision = option(
        "float32", "Of the products in training: float32 or bf16, for processors and GPUs that multiply it faster."
    )

    @property
    def parts(self) -> tuple[str, ...]:
        """The parts of a listener's vector, by the names that explanations give them."""
        used = {"static": self.use_static, "long-term": self.use_long_term, "short-term": self.use_short_term}
        return tuple(name for name, there in used.items() if there)

    @property
    def playlists(self) -> tuple[int, ...]:
        """How many of the last plays each playlist that is read has, the longest first."""
        lengths = {"long-term": self.long_term_len, "short-term": self.short_term_len}
        return tuple(lengths[part] for part in self.parts if part in lengths)

    @property
    def song_bags(self) -> BagKey:
        """What Dataset.bags is asked for songs."""
        return "song", self.song_features, self.rare, self.rare_buckets

    @property
    def listener_bags(self) -> BagKey:
        """What Dataset.bags is asked for listeners."""
        return "listener", self.listener_features, self.rare, self.rare_buckets

    ZERO_IS_FINE: ClassVar[frozenset[str]] = GradientConfig.ZERO_IS_FINE | {
        "dropout",
        "temperature",
        "popularity_exponent",
        "song_id_plays",
    }

    def check(self, model: str) -> None:
        """Raise UsageError where a value is out of range, or two do not go together."""
        GradientConfig.check(self, model)
        check_choice("cell", self.cell, get_args(Cell))
        check_choice("rating", self.rating, get_args(Rating))
        check_choice("sampling", self.sampling, get_args(Sampling))
        check_choice("precision", self.precision, get_args(Precision))
        for wrong, problem in (
            (self.subset_size < 2, "subset_size must be at least 2: the true song and one sampled song"),
            (self.short_term_len > self.long_term_len, "short_term_len must not exceed long_term_len"),
            (self.dropout >= 1, f"dropout must be below 1, not {self.dropout}"),
            (not self.parts, "one of use_static, use_long_term and use_short_term must be on"),
            (
                self.cell == "attention" and self.lstm_hidden % self.attention_heads != 0,
                f"attention_heads {self.attention_heads} must divide lstm_hidden {self.lstm_hidden}",
            ),
            (self.rating == "mlp" and self.temperature > 0, "temperature is for the rating dot: leave it at 0"),
            (self.sampling == "in-batch" and self.batch_size < 2, "sampling in-batch takes a batch_size of at least 2"),
        ):
            if wrong:
                raise UsageError(f"dtnmr: {problem}")
        for given, known in ((self.song_features, SONG_FEATURES), (self.listener_features, LISTENER_FEATURES)):
            if unknown := set(given) - set(known):
                raise UsageError(f"dtnmr: no feature is called {min(unknown)!r}: choose of {', '.join(known)}")
