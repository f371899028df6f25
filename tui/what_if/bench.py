"""The bench: the edits of every listener who was worked on, kept as long as the app runs."""

from __future__ import annotations

from dataclasses import dataclass, field

from musicrec.core.drafts import NEW
from musicrec.core.records import Listener, Song
from musicrec.tui.what_if.edits import Edits


@dataclass
class Bench:
    """Whose draft lies on it, the edits of all others beside it, and songs that wait to be added."""

    listener: Listener | None = None
    new: bool = False  # whether the new listener lies on it, whoever else is looked at
    waiting: list[Song] = field(default_factory=list)
    _kept: dict[str, Edits] = field(default_factory=dict)

    @property
    def subject(self) -> str | None:
        """The id of whose draft it is; None as long as nobody is chosen."""
        if self.new:
            return NEW
        return self.listener.id if self.listener is not None else None

    @property
    def edits(self) -> Edits | None:
        """The edits of whose draft it is; None until the draft has been read."""
        return self._kept.get(self.subject) if self.subject is not None else None

    @property
    def edited(self) -> tuple[Edits, ...]:
        """Who differs from what they are, the latest edited first."""
        return tuple(edits for edits in reversed(self._kept.values()) if edits.changes.count)

    def keep(self, subject: str, edits: Edits) -> None:
        """Keep the edits of `subject`, as the latest."""
        self._kept.pop(subject, None)
        self._kept[subject] = edits

    def turn_to(self, listener: Listener | None) -> None:
        """Put the draft of another listener on the bench."""
        self.listener, self.new = listener, False

    def take_waiting(self) -> Edits | None:
        """Return the edits with the songs that wait added; None where nobody or nothing is there."""
        edits = self.edits
        if edits is None or not self.waiting:
            return None
        for song in self.waiting:
            edits = edits.added(song)
        self.waiting.clear()
        return edits
