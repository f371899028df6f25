"""Which two runs are compared, and what is said as long as they cannot be."""

from __future__ import annotations

from dataclasses import dataclass

from musicrec.core.records import RunCard
from musicrec.tui.view import View, asked

OTHER_FAILED = "Press c to choose another run to compare with, f5 to try again."


@dataclass(frozen=True, slots=True)
class Notice:
    """What is said in place of a ranking, and what can be done about it."""

    text: str
    way_on: str = ""
    style: str = "muted"


def rivals(view: View) -> tuple[RunCard, ...]:
    """Return the runs that the run in use can be compared with, newest first."""
    cards = view.runs or ()
    return tuple(card for card in cards if card.problem is None and card.status != "training" and card.name != view.run)


def choice(view: View, before: str | None) -> str | None:
    """Return the run to compare with where nobody chose one yet: the one of last time, else the newest."""
    settled = view.other is not None or view.other_loading is not None or view.other_problem is not None
    names = [card.name for card in rivals(view)]
    if view.run is None or settled or not names:
        return None
    return before if before in names else names[0]


def partner(old: View, new: View) -> str | None:
    """Return the run to stand beside one that came to be on both sides: the one that was there before, if any."""
    before = old.run if old.other == new.other else old.other
    return before if before != new.run else None


def subject(view: View) -> tuple[object, ...]:
    """Return what a comparison depends on."""
    return view.listener, view.other, asked(view)


def notices(view: View) -> tuple[Notice, Notice] | None:
    """Return what to say on both sides; None where there is all that a comparison needs."""
    if view.run is not None and view.other is not None and view.listener is not None:
        return None
    return _about_listener(view), _about_other(view)


def _about_listener(view: View) -> Notice:
    if view.awaited:
        return Notice("Looking for the listener …")
    if view.listener is None:
        return Notice("Nobody is chosen yet.", "Press x for anyone, 1 to choose someone.")
    return Notice("Ready.", "It waits for a run to be compared with.")


def _about_other(view: View) -> Notice:
    if view.other is not None or view.run is None:
        return Notice("")
    if view.other_problem is not None:
        return Notice(view.other_problem, OTHER_FAILED, "problem")
    if view.other_loading is not None:
        return Notice(f"Loading {view.other_loading} …")
    if not rivals(view):
        return Notice("There is no other run to compare with.", "Train another: press 5, or musicrec train ncf")
    return Notice("")
