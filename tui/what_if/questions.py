"""What the what-if place asks the explorer, each question put in a thread."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from musicrec.core.drafts import NEW, Draft
from musicrec.core.records import Song
from musicrec.tui.desk import Desk
from musicrec.tui.messages import Explained, PageWanted, Reply, SongsRead
from musicrec.tui.view import View
from musicrec.tui.what_if.messages import DraftRead, WhatIfRead

if TYPE_CHECKING:
    from musicrec.core.explorer import Explorer


@dataclass(frozen=True, slots=True)
class WhatIfQuestions:
    """What can be asked of drafts; `after` is how many seconds to wait for a newer question of the same kind."""

    explorer: Explorer
    desk: Desk

    def draft(self, subject: str) -> None:
        """Ask for a listener to edit: `DraftRead`."""

        def read(number: int) -> Reply:
            draft = self.explorer.draft(None if subject == NEW else subject)
            return DraftRead("draft", number, subject, draft)

        self.desk.ask("draft", read)

    def what_if(self, draft: Draft, view: View, after: float) -> None:
        """Ask what a draft is recommended: `WhatIfRead`."""

        def rank(number: int) -> Reply:
            answer = self.explorer.what_if(draft, view.run, view.k, view.filters)
            return WhatIfRead("what-if", number, answer)

        self.desk.ask("what-if", rank, after)

    def why(self, draft: Draft, song: Song, run: str, after: float) -> None:
        """Ask why a song is recommended to a draft: `Explained`."""
        self.desk.ask("why", lambda number: Explained("why", number, self.explorer.explain(draft, song.id, run)), after)

    def songs(self, wanted: PageWanted) -> None:
        """Ask for songs: `SongsRead`."""
        query, order = wanted.query, wanted.order

        def read(number: int) -> Reply:
            page = self.explorer.find_songs(query, wanted.limit, wanted.offset, order.key, order.reverse)
            return SongsRead("songs", number, query, order, page)

        self.desk.ask("songs", read)
