"""The words that options and records share; the command line is built from them before anything else is imported."""

from __future__ import annotations

from typing import Literal

Split = Literal["train", "validation", "test"]
ProtocolName = Literal["full", "sampled", "ncf-reference", "dtnmr-paper", "cold-songs", "cold-listeners"]
SEED = 7  # of sampled songs, of drawn listeners and of the bootstrap where no other is asked for
NEGATIVES = 99  # songs sampled for each listener
USUAL_KS = (5, 10, 20)  # places that count
FIRST_PLAYS = (0, 1, 5, 10)  # that are shown of new listeners
KS_OF: dict[str, tuple[int, ...]] = {"ncf-reference": (10,)}  # where they are others
By = Literal["activity", "age", "gender", "city", "popularity", "language", "genre"]  # what slices go by
