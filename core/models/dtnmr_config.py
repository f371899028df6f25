"""What DTNMR can be told."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from musicrec.core.errors import UsageError
from musicrec.core.models.config import GradientConfig, Optimizer, option

if TYPE_CHECKING:
    from musicrec.core.tables.columns import BagKey

SONG_FEATURES = ("genre", "artist", "composer", "lyricist", "language", "album", "country", "year")
LISTENER_FEATURES = ("age", "gender", "city", "registered_via", "title", "tag", "likes")
REFERENCE: dict[str, object] = {
    "batch_size": 16, "optimizer": "sgd", "lr": 0.1, "l2": 0.0, "embedding_size": 32, "feature_hidden": (512, 64),
    "lstm_hidden": 256, "lstm_layers": 2, "dropout": 0.3, "subset_size": 5, "short_term_len": 10, "long_term_len": 20,
    "song_ids": False,
}  # fmt: skip
QUICK: dict[str, object] = {
    "batch_size": 512,
    "optimizer": "adam",
    "lr": 3e-3,
    "l2": 1e-5,
    "lstm_hidden": 64,
    "lstm_layers": 1,
    "subset_size": 400,
    "feature_hidden": (128, 64),
    "epochs": 8,
    "patience": 2,
    "song_ids": True,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class DTNMRConfig(GradientConfig):
    """Deep temporal neural music recommendation (Zheng et al., Applied Sciences 9(4):703, 2019)."""

    batch_size: int = option(16, "Samples in a gradient step.")
    optimizer: Optimizer = option("sgd", "adam, adamw, sgd or adagrad.")
    lr: float = option(0.1, "Learning rate.")
    embedding_size: int = option(32, "Size of listener and song vectors.")
    feature_hidden: tuple[int, ...] = option((512, 64), "Layers between features and vectors.")
    lstm_hidden: int = option(256, "Hidden size of the LSTM over a playlist.")
    lstm_layers: int = option(2, "Layers of that LSTM.")
    dropout: float = option(0.3, "Dropout between those layers.")
    subset_size: int = option(5, "The true next song and this many minus one sampled songs share a softmax.")
    short_term_len: int = option(10, "Plays in the short-term playlist.")
    long_term_len: int = option(20, "Plays in the long-term playlist.")
    song_ids: bool = option(False, "Add the song itself to its features: a hybrid of metadata and collaboration.")
    song_features: tuple[str, ...] = option(
        ("genre", "artist", "composer", "language"), "Of genre artist composer lyricist language album country year."
    )
    listener_features: tuple[str, ...] = option(
        ("age", "gender", "city", "title", "tag", "likes"), "Of age gender city registered_via title tag likes."
    )
    rare: int = option(3, "Feature values on fewer songs (or listeners) than this share hashed buckets.")
    rare_buckets: int = option(1024, "Most hashed buckets for each feature.")

    @property
    def song_bags(self) -> BagKey:
        """What Dataset.bags is asked for songs."""
        return "song", self.song_features, self.rare, self.rare_buckets

    @property
    def listener_bags(self) -> BagKey:
        """What Dataset.bags is asked for listeners."""
        return "listener", self.listener_features, self.rare, self.rare_buckets

    ZERO_IS_FINE: ClassVar[frozenset[str]] = GradientConfig.ZERO_IS_FINE | {"dropout"}

    def check(self, model: str) -> None:
        """Raise UsageError where a value is out of range."""
        GradientConfig.check(self, model)
        if self.subset_size < 2:
            raise UsageError("dtnmr: subset_size must be at least 2: the true song and one sampled song")
        if self.short_term_len > self.long_term_len:
            raise UsageError("dtnmr: short_term_len must not exceed long_term_len")
        if self.dropout >= 1:
            raise UsageError(f"dtnmr: dropout must be below 1, not {self.dropout}")
        if min(self.feature_hidden) < 1:
            raise UsageError("dtnmr: feature_hidden must be at least 1")
        for given, known in ((self.song_features, SONG_FEATURES), (self.listener_features, LISTENER_FEATURES)):
            if unknown := set(given) - set(known):
                raise UsageError(f"dtnmr: no feature is called {min(unknown)!r}: choose of {', '.join(known)}")
