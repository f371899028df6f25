"""Datasets as tables, and what is in them: listeners, songs, plays."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from musicrec.core.pages import Profile, SongPage
from musicrec.core.records import DatasetCard, Listener, Page, Play, Playlists, Song
from musicrec.core.sheets.cells import LISTENER, SONG, facts_sheet, listener_cells, part_of, song_cells
from musicrec.core.tables.cards import BrokenDataset
from musicrec.core.tabular import Sheet

if TYPE_CHECKING:
    from musicrec.core.tables.catalogue import Reject

NO_DATASET = "none yet: make one with `musicrec demo`, or import one with `musicrec import kkbox DIR`"


def datasets_sheet(found: Sequence[DatasetCard | BrokenDataset]) -> Sheet:
    """One row a dataset; what is wrong with a file that is none stands in the notes."""
    columns = ("dataset", "format", "split", "listeners", "songs", "plays", "validation", "test", "MB", "fingerprint")
    rows = (
        (
            card.name,
            card.format,
            card.split,
            card.listeners,
            card.songs,
            card.plays,
            card.counts.get("validation"),
            card.counts.get("test"),
            f"{card.bytes / 1e6:.1f}",
            card.fingerprint[:8],
        )
        for card in found
        if isinstance(card, DatasetCard)
    )
    notes = (f"{each.name}: {each.problem}" for each in found if not isinstance(each, DatasetCard))
    return Sheet("Datasets", columns, tuple(rows), tuple(notes) or (() if found else (NO_DATASET,)))


def import_sheet(card: DatasetCard) -> Sheet:
    """What an import kept and left out."""
    files = tuple((f"read: {file.file}", file.rows) for file in card.sources)
    return Sheet(f"Dataset {card.name}", ("what", "count"), files + tuple(card.counts.items()))


def rejects_sheet(page: Page[Reject]) -> Sheet:
    """One row a line, or in JSON a record, that could not be used."""
    rows = tuple((each.file, each.line, each.column, each.reason, each.text) for each in page.items)
    return Sheet("Could not be used", ("file", "line", "column", "reason", "text"), rows, (part_of(page),))


def listeners_sheet(page: Page[Listener]) -> Sheet:
    """One row a listener or playlist."""
    return Sheet("Listeners", LISTENER, tuple(map(listener_cells, page.items)), (part_of(page),))


def songs_sheet(page: Page[Song]) -> Sheet:
    """One row a song."""
    columns = ("song", "title", "artists", "genres", "language", "year", "seconds", "plays")
    rows = tuple((*song_cells(song), _year(song), _seconds(song), song.plays) for song in page.items)
    return Sheet("Songs", columns, rows, (part_of(page),))


def plays_sheet(title: str, plays: Iterable[Play]) -> Sheet:
    """One row a play, in the order given."""
    rows = tuple((play.position, *song_cells(play.song), play.behaviour) for play in plays)
    return Sheet(title, ("position", *SONG, "behaviour"), rows)


def profile_sheets(profile: Profile) -> list[Sheet]:
    """Who a listener is, what their past is made of, how their taste moved, and the plays that a model reads."""
    who, playlists = profile.listener, profile.playlists
    sheets = [facts_sheet(f"Listener {who.id}", zip(LISTENER[1:], listener_cells(who)[1:], strict=True))]
    kinds = (("genre", profile.genres), ("language", profile.languages), ("behaviour", profile.behaviours))
    rows = tuple((kind, each.name, each.plays, each.share) for kind, portions in kinds for each in portions)
    made_of = f"of {playlists.plays:,} plays; a song may be of several genres"
    sheets.append(Sheet("What the past is made of", ("kind", "name", "plays", "share"), rows, (made_of,)))
    if profile.tastes:
        stretches = len(profile.tastes[0].shares)
        columns = ("kind", *(str(number) for number in range(1, stretches + 1)))
        note = f"shares in {stretches} equal stretches of the past, oldest first"
        sheets.append(Sheet("How it moved", columns, tuple((t.name, *t.shares) for t in profile.tastes), (note,)))
    return [*sheets, _playlist_sheet(playlists)]


def song_page_sheet(page: SongPage) -> Sheet:
    """A song in the notes, and a row for everyone who has it among their training plays."""
    song, players = page.song, page.listeners
    facts = (
        ("song", f"{song.id}, {song.label}"),
        ("album", song.album),
        ("genres", ", ".join(song.genres)),
        ("language", song.language),
        ("country", song.country),
        ("released", _year(song)),
        ("seconds", _seconds(song)),
        ("composers", ", ".join(song.composers)),
        ("lyricists", ", ".join(song.lyricists)),
    )
    told = "; ".join(f"{name} {value}" for name, value in facts if value)
    rank = f"number {page.popularity_rank:,} by plays ({song.plays:,})"
    heard = f"played by {part_of(players)}" if players.total else "nobody has it among their training plays"
    return Sheet(song.label, LISTENER, tuple(map(listener_cells, players.items)), (told, rank, heard))


def _playlist_sheet(playlists: Playlists) -> Sheet:
    short = {play.position for play in playlists.short_term}
    read = {play.position: play for play in (*playlists.long_term, *playlists.short_term)}
    windows = [(play, "short-term" if at in short else "long-term") for at, play in sorted(read.items())]
    windows += [(play, "held out") for play in playlists.held_out]
    rows = tuple((play.position, window, *song_cells(play.song), play.behaviour) for play, window in windows)
    note = "oldest first; the long-term window holds the short-term one, no model has seen what is held out"
    return Sheet("Playlist", ("position", "window", *SONG, "behaviour"), rows, (note,))


def _year(song: Song) -> int | None:
    return None if song.released is None else song.released // 10_000


def _seconds(song: Song) -> int | None:
    return None if song.length_ms is None else round(song.length_ms / 1000)
