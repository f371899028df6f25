"""What models answer as tables: lists of songs, why they stand there, and against other lists."""

from __future__ import annotations

from collections.abc import Sequence

from musicrec.core.drafts import NEW
from musicrec.core.pages import Comparison, Shift, WhatIf
from musicrec.core.records import Explanation, Listener, Neighbour, Recommendation, Recommendations
from musicrec.core.sheets.cells import SONG, song_cells
from musicrec.core.sheets.standings import standings_sheets
from musicrec.core.tabular import Cell, Sheet


def recommendations_sheet(answer: Recommendations) -> Sheet:
    """One row a song."""
    columns = ("rank", "score", "song", "title", "artists", "genres", "language", "plays", "marks")
    rows = tuple(
        (item.rank, item.score, *song_cells(item.song), item.song.plays, _marks(item)) for item in answer.items
    )
    note = f"run {answer.run}, {answer.candidates:,} songs ranked"
    return Sheet(f"For listener {answer.listener.id}", columns, rows, (note,))


def neighbours_sheet(title: str, neighbours: Sequence[Neighbour]) -> Sheet:
    """One row a similar song."""
    rows = tuple((place, each.similarity, *song_cells(each.song)) for place, each in enumerate(neighbours, start=1))
    return Sheet(title, ("rank", "similarity", "song", "title", "artists", "genres", "language"), rows)


def explanations_sheet(explanations: Sequence[Explanation]) -> Sheet:
    """One row a song: the parts of its score, which add up, and why."""
    names = tuple(part.name for part in explanations[0].parts) if explanations else ()
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (each.song.label, each.score, *(p.value for p in each.parts), each.sentence) for each in explanations
    )
    return Sheet("Why", ("song", "score", *names, "why"), rows, ("the parts of a score add up to it",))


def what_if_sheet(answer: WhatIf) -> Sheet:
    """One row a song of the new list, with the rank before; then those that left it."""
    columns = ("rank", "before", "score", "song", "title", "artists", "genres", "language", "marks")
    rows: list[tuple[Cell, ...]] = [
        (item.rank, shift.before, item.score, *song_cells(item.song), _marks(item))
        for item, shift in zip(answer.after.items, answer.shifts, strict=True)
    ]
    rows += [(shift.after, shift.before, None, *song_cells(shift.song), "gone") for shift in answer.gone]
    edited = f"run {answer.after.run}, {len(answer.draft.plays):,} plays as edited"
    notes = (edited, "ranks are in the whole catalogue; a song without one is heard or filtered out")
    return Sheet(f"For {_who(answer.draft.listener)}, as edited", columns, tuple(rows), notes)


def comparison_sheets(answer: Comparison) -> list[Sheet]:
    """The list of each run with the ranks by the other, where both put the held-out songs, and their figures."""
    one, other = answer.one.run, answer.other.run
    shared = f"{answer.shared} of {len(answer.one.items)} songs are in both lists"
    sheets = [
        _shifts_sheet(f"{one} for {_who(answer.one.listener)}", one, other, answer.one_shifts, shared),
        _shifts_sheet(f"{other} for {_who(answer.other.listener)}", one, other, answer.other_shifts, shared),
    ]
    if answer.held_out:
        note = "what they played later; ranks are in the whole catalogue"
        sheets.append(_shifts_sheet("Held-out songs", one, other, answer.held_out, note))
    return [*sheets, *(standings_sheets(answer.overall) if answer.overall else ())]


def _shifts_sheet(title: str, one: str, other: str, shifts: Sequence[Shift], note: str) -> Sheet:
    rows = tuple((shift.before, shift.after, *song_cells(shift.song)) for shift in shifts)
    return Sheet(title, (f"by {one}", f"by {other}", *SONG), rows, (note,))


def _who(listener: Listener) -> str:
    return listener.id if listener.id == NEW else f"listener {listener.id}"


def _marks(item: Recommendation) -> str:
    marks = (("hit", item.held_out), ("heard", item.heard), ("new genre", item.new_genre))
    return ", ".join(name for name, is_so in marks if is_so)
