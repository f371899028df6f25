"""Every variant of DTNMR passes the contract of all models, and a part that is off is not there."""

from __future__ import annotations

from typing import Any, ClassVar

from gradient_contract import GradientContract

SMALL: dict[str, Any] = {
    "epochs": 2, "batch_size": 256, "optimizer": "adam", "lr": 0.01, "l2": 0.0, "lstm_hidden": 16, "lstm_layers": 1,
    "feature_hidden": (32, 16), "song_ids": True, "subset_size": 20, "cell": "lstm", "sampling": "uniform",
    "shared_samples": False, "correction": False,
}  # fmt: skip
BOARD = SMALL | {"patience": 1000, "batch_size": 16, "epochs": 12, "lr": 0.02}


class Variant(GradientContract):
    """A contract of DTNMR with `changed` parameters."""

    model = "dtnmr"
    changed: ClassVar[dict[str, Any]]
    reads_order = reads_facts = True

    def __init_subclass__(cls) -> None:
        cls.settings, cls.board_settings = SMALL | cls.changed, BOARD | cls.changed


class TestMLPRatingOfGRUByInBatchSoftmax(Variant):
    changed: ClassVar[dict[str, Any]] = {
        "rating": "mlp",
        "rating_hidden": 8,
        "cell": "gru",
        "sampling": "in-batch",
        "correction": True,
    }


class TestCosineOfAttentionByFullSoftmax(Variant):
    changed: ClassVar[dict[str, Any]] = {
        "temperature": 0.2,
        "cell": "attention",
        "shared_samples": True,
        "subset_size": 1000,
    }


class TestPlaylistsAlone(Variant):
    changed: ClassVar[dict[str, Any]] = {
        "use_static": False, "sampling": "popularity", "correction": True, "song_ids": False,
    }  # fmt: skip
    reads_facts = False
    board = "described_board"  # a hundred windows teach an order of songs sooner than what the songs have in common


class TestShortTermAlone(Variant):
    changed: ClassVar[dict[str, Any]] = {"use_long_term": False, "use_behaviours": False, "shared_samples": True}
