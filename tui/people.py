"""What a listener is called, and what is known of them in a few words."""

from __future__ import annotations

from collections.abc import Iterable

from musicrec.core.records import Listener
from musicrec.tui.cells import tame


def name_of(listener: Listener) -> str:
    """Return what a listener is called: the playlist's title, or the id."""
    return listener.title or listener.id


def has_people(listeners: Iterable[Listener]) -> bool:
    """Return whether age, gender or city is known of any: of playlists none of them is."""
    return any(listener.age or listener.gender or listener.city for listener in listeners)


def facts_of(listener: Listener) -> list[str]:
    """Return what is known of a listener, a few words each."""
    facts = [
        f"{listener.age} years" if listener.age else "",
        listener.gender or "",
        f"city {listener.city}" if listener.city else "",
        f"since {listener.registered:%Y}" if listener.registered else "",
        f"via {listener.registered_via}" if listener.registered_via else "",
        f"{listener.likes:,} likes" if listener.likes is not None else "",
        f"updated {listener.updated:%Y-%m-%d}" if listener.updated else "",
        " ".join(f"#{tag}" for tag in listener.tags),
    ]
    return [tame(fact) for fact in facts if fact]
