"""Rows that are songs, and what can be done with a song wherever it stands."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import Binding, BindingType

from musicrec.core.records import Song
from musicrec.tui.messages import AddWanted, SimilarWanted, SongWanted
from musicrec.tui.row_list import RowList


class SongActions(RowList):
    """A list of songs; enter opens the page of one. Subclasses say which song stands in a row."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("m", "similar", "Similar", id="song.similar", tooltip="Songs that are similar to this one"),
        Binding("a", "add", "What if", id="song.add", tooltip="What if the listener had played this song?"),
    ]

    def song_at(self, index: int) -> Song | None:
        """Return the song in row `index`."""
        return None

    @property
    def song(self) -> Song | None:
        """The song under the cursor."""
        return self.song_at(self.cursor) if self.count() and not self.has_notice else None

    def chosen(self) -> None:
        """Open the page of the song under the cursor."""
        if (song := self.song) is not None:
            self.post_message(SongWanted(song))

    def action_similar(self) -> None:
        """Ask for songs like the one under the cursor."""
        if (song := self.song) is not None:
            self.post_message(SimilarWanted(song))

    def action_add(self) -> None:
        """Ask what if the listener had played the song under the cursor."""
        if (song := self.song) is not None:
            self.post_message(AddWanted(song))

    def copy_text(self, index: int) -> str:
        """Return title, artists and id."""
        song = self.song_at(index)
        return "" if song is None else f"{song.label}\t{song.id}"
