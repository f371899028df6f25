"""All that is known of one song."""

from __future__ import annotations

from typing import ClassVar

from musicrec.core.pages import SongPage
from musicrec.core.records import Song
from musicrec.tui.cells import Cell, Row, fit, wrap
from musicrec.tui.columns import beside
from musicrec.tui.panel import Panel

LABEL = 11  # cells
TWO = 64  # cells from which facts stand in two columns
GAP = 2  # cells between them
LOW = 6  # lines; a lower card has words in place of lines with names


class SongCard(Panel):
    """The song under the cursor, a line for each thing that is known."""

    TITLE: ClassVar[str] = "Song"
    HELP: ClassVar[str] = (
        "What the dataset knows of the song. Plays are training plays: held-out ones are not counted. Number 1 of all "
        "songs is the one with most plays."
    )

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._song: Song | None = None
        self._rank: int | None = None
        self._rows: list[Row] = []

    def introduce(self, song: Song) -> None:
        """Show what the list knows already."""
        self._song, self._rank = song, None
        self.settle()

    def tell(self, page: SongPage) -> None:
        """Show the whole song."""
        self._song, self._rank = page.song, page.popularity_rank
        self.settle()
        self.scroll_to(y=0, animate=False, immediate=True)

    def count(self) -> int:
        """Return the number of lines."""
        return len(self._rows)

    def row(self, index: int, width: int) -> Row:
        """Return a line."""
        return self._rows[index]

    def lay_out(self, width: int) -> None:
        """Arrange the facts."""
        self._rows = []
        if self._song is None or width <= 0:
            return
        facts = facts_of(self._song, self._rank)
        if self.scrollable_content_region.height < LOW:
            self._rows = _words(self._song, dict(facts), width)
            return
        if width < TWO:
            self._rows = [row for fact in facts for row in _fact(*fact, width)]
            return
        left = (width - GAP) // 2
        widths = [left, width - GAP - left]
        half = -(-len(facts) // 2)
        sides = zip((facts[:half], facts[half:]), widths, strict=True)
        self._rows = beside([[row for fact in side for row in _fact(*fact, size)] for side, size in sides], widths, GAP)


def facts_of(song: Song, rank: int | None) -> list[tuple[str, str]]:
    """Return what is known of a song, by name."""
    minutes, seconds = divmod((song.length_ms or 0) // 1000, 60)
    facts = [
        ("title", song.title or ""),
        ("artists", ", ".join(song.artists)),
        ("album", song.album or ""),
        ("genres", ", ".join(song.genres)),
        ("language", song.language or ""),
        ("country", song.country or ""),
        ("released", _date(song.released)),
        ("length", f"{minutes}:{seconds:02}" if song.length_ms else ""),
        ("composers", ", ".join(song.composers)),
        ("lyricists", ", ".join(song.lyricists)),
        ("plays", f"{song.plays:,}" if song.plays else "nobody has played it yet"),
        ("popularity", f"number {rank:,} of all songs" if rank is not None else "…"),
        ("id", song.id),
    ]
    return [(name, value) for name, value in facts if value]


def _date(released: int | None) -> str:
    if not released:
        return ""
    year, month, day = released // 10000, released // 100 % 100, released % 100
    return "-".join([str(year), *(f"{part:02}" for part in (month, day) if part and month)])


def _words(song: Song, facts: dict[str, str], width: int) -> list[Row]:
    plays = f"{facts['plays']} plays" if song.plays else facts["plays"]
    names = ("popularity", "genres", "language", "released", "length", "album", "country", "composers", "lyricists")
    words = " · ".join([plays, *(facts[name] for name in names if name in facts)])
    head = [(Cell(fit(song.title or f"#{song.id}", width), "strong"),)]
    artists = [(Cell(fit(facts["artists"], width)),)] if "artists" in facts else []
    return [*head, *artists, *((Cell(line, "muted"),) for line in wrap(words, width))]


def _fact(name: str, value: str, width: int) -> list[Row]:
    room = max(width - LABEL, 4)
    lines = wrap(value, room) or [""]
    labels = [name, *[""] * (len(lines) - 1)]
    style = "strong" if name == "title" else "plain"
    return [
        (Cell(fit(label, LABEL), "muted"), Cell(fit(line, room), style))
        for label, line in zip(labels, lines, strict=True)
    ]
