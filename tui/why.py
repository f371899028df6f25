"""Why this song: the parts of its score, what it is near to, and the same in a sentence."""

from __future__ import annotations

from itertools import accumulate
from typing import ClassVar

from rich.cells import cell_len

from musicrec.core.records import Explanation, Neighbour, Song
from musicrec.tui.bars import bar, span_bar
from musicrec.tui.cells import Cell, Row, fit, wrap
from musicrec.tui.columns import beside
from musicrec.tui.panel import Panel

LOW = 6  # lines; a lower panel has the sum in words before the sentence
SIDE_BY_SIDE = 70  # cells; below, parts and nearest plays stand under each other
GAP = 3  # cells between them


class Why(Panel):
    """The explanation of the recommendation under the cursor."""

    TITLE: ClassVar[str] = "Why this song"
    HELP: ClassVar[str] = (
        "The parts of the score, each from where the one before ended: they add up to it. Nearest plays are the songs "
        "of the past that the run holds most similar to this one (cosine, 1 is the same direction)."
    )

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._explanation: Explanation | None = None
        self._rows: list[Row] = []

    def explain(self, explanation: Explanation) -> None:
        """Show an explanation."""
        self._explanation = explanation
        rank = f"popularity #{explanation.popularity_rank:,} · {explanation.song.plays:,} plays"
        self.set_titles(self.TITLE, rank)
        self.settle()
        self.scroll_to(y=0, animate=False, immediate=True)

    def clear(self, text: str = "") -> None:
        """Have nothing to explain."""
        self._explanation = None
        self.set_titles(self.TITLE)
        self.say(text)

    def count(self) -> int:
        """Return the number of lines."""
        return len(self._rows)

    def row(self, index: int, width: int) -> Row:
        """Return a line."""
        return self._rows[index]

    def lay_out(self, width: int) -> None:
        """Arrange song, sentence, parts and nearest plays."""
        explanation = self._explanation
        if explanation is None or width <= 0:
            self._rows = []
            return
        head: list[Row] = [_song(explanation.song, width)]
        if self.scrollable_content_region.height < LOW:
            head += [(Cell(line, "bar"),) for line in wrap(_sum(explanation), width)]
        head += [(Cell(line),) for line in wrap(explanation.sentence, width)]
        if width < SIDE_BY_SIDE:
            self._rows = [
                *head,
                *_parts(explanation, width),
                *_shared(explanation, width),
                *_nearest(explanation, width),
            ]
            return
        one = (width - GAP) // 2
        other = width - GAP - one
        left = _parts(explanation, one) + _shared(explanation, one)
        self._rows = head + beside([left, _nearest(explanation, other)], [one, other], GAP)


def _song(song: Song, width: int) -> Row:
    year = str(song.released // 10000) if song.released else ""
    about = [", ".join(song.artists), song.album or "", ", ".join(song.genres), song.language or "", year]
    facts = "".join(f" · {fact}" for fact in about if fact)
    title = fit(song.title or f"#{song.id}", width).rstrip()
    return Cell(title, "strong"), Cell(fit(facts, width - cell_len(title)), "muted")


def _sum(explanation: Explanation) -> str:
    return f"{explanation.score:+.3f} = " + " ".join(f"{part.name} {part.value:+.3f}" for part in explanation.parts)


def _parts(explanation: Explanation, width: int) -> list[Row]:
    # Every part begins where the one before ended: the last one ends at the score
    ends = list(accumulate((part.value for part in explanation.parts), initial=0.0))
    low, high = min(0.0, *ends, explanation.score), max(0.0, *ends, explanation.score)
    name = max(min(width // 3, 14), 5)
    length = max(width - name - 10, 2)
    rows: list[Row] = []
    for part, start, end in zip(explanation.parts, ends, ends[1:], strict=False):
        drawn = span_bar(start, end, low, high, length)
        value = Cell(fit(f"{part.value:+.3f}", 8, right=True))
        rows.append((Cell(fit(part.name, name + 1)), Cell(drawn, "bar" if end >= start else "negative"), value))
    total = span_bar(0.0, explanation.score, low, high, length)
    score = Cell(fit(f"{explanation.score:+.3f}", 8, right=True), "strong")
    rows.append((Cell(fit("score", name + 1), "strong"), Cell(total, "plain"), score))
    return rows


def _shared(explanation: Explanation, width: int) -> list[Row]:
    shared = (("shared artists", explanation.shared_artists), ("shared genres", explanation.shared_genres))
    rows: list[Row] = []
    for name, names in shared:
        if names:
            label = fit(f"{name} ", min(15, width))
            rows.append((Cell(label, "muted"), Cell(fit(", ".join(names), width - len(label)))))
    return rows


def _nearest(explanation: Explanation, width: int) -> list[Row]:
    if not explanation.nearest:
        return [(Cell(fit("no play is near to it", width), "muted"),)]
    return [(Cell(fit("nearest plays", width), "muted"),), *(_near(play, width) for play in explanation.nearest)]


def _near(neighbour: Neighbour, width: int) -> Row:
    length = max(min(width // 5, 12), 4)
    number = fit(f"{neighbour.similarity:.2f}", 5, right=True)
    label = fit(neighbour.song.label, max(width - length - 6, 0))
    return Cell(bar(neighbour.similarity, length), "bar"), Cell(number + " ", "muted"), Cell(label)
