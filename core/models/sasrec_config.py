"""What the sequential model can be told."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from musicrec.core.errors import UsageError
from musicrec.core.models.config import GradientConfig, option


@dataclass(frozen=True, slots=True, kw_only=True)
class SASRecConfig(GradientConfig):
    """Self-attentive sequential recommendation (Kang & McAuley, ICDM 2018)."""

    epochs: int = option(100, "Most passes over the training plays.")
    batch_size: int = option(128, "Samples in a gradient step; for sasrec, stretches of a past.")
    embedding_size: int = option(64, "Size of song vectors and of the states of a sequence.")
    attention_blocks: int = option(2, "Blocks of attention and two layers, one upon the other.")
    attention_heads: int = option(2, "Heads of each attention.")
    dropout: float = option(0.2, "Dropout of song vectors, attention and layers.")
    max_len: int = option(50, "Plays of a past that are read: the last ones.")
    negatives: int = option(
        8192, "Songs drawn for the softmax of each step; it is over all songs where there are no more."
    )

    ZERO_IS_FINE: ClassVar[frozenset[str]] = GradientConfig.ZERO_IS_FINE | {"dropout"}

    def check(self, model: str) -> None:
        """Raise UsageError where a value is out of range."""
        GradientConfig.check(self, model)
        if self.dropout >= 1:
            raise UsageError(f"{model}: dropout must be below 1, not {self.dropout}")
        if self.embedding_size % self.attention_heads:
            raise UsageError(f"{model}: embedding_size must be a multiple of attention_heads ({self.attention_heads})")
