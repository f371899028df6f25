"""The words that options and records share; the command line is built from them before anything else is imported."""

from __future__ import annotations

from typing import Literal

Split = Literal["train", "validation", "test"]
ProtocolName = Literal["full", "sampled", "ncf-reference", "dtnmr-paper", "cold-songs", "cold-listeners"]
By = Literal["activity", "age", "gender", "city", "popularity", "language", "genre"]  # what slices go by
