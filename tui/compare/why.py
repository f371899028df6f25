"""Why one of two runs puts a song where it does."""

from __future__ import annotations

from typing import ClassVar

from musicrec.core.records import Explanation
from musicrec.tui.compare.shift_list import rank_text
from musicrec.tui.why import Why


class ComparedWhy(Why):
    """The explanation by one run of the song under the cursor."""

    HELP: ClassVar[str] = (
        "How this run comes to its score for the song under the cursor; the other run's reasons stand beside. The "
        "parts add up to the score. Compare reasons and ranks, never scores: two models have no common scale. "
        "Nearest plays are the songs of the past that the run holds most similar to this one (cosine)."
    )

    def explain_rank(self, explanation: Explanation, rank: int | None) -> None:
        """Show an explanation and the rank that it is about."""
        self.explain(explanation)
        self.set_titles(f"Why · {explanation.run}", "not ranked" if rank is None else rank_text(rank))
