"""What the records look like as tables: the same columns for the terminal and for CSV."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from musicrec.core.drafts import NEW
from musicrec.core.figures import BEYOND, metric_figure, metric_title
from musicrec.core.pages import Comparison, Difference, Profile, RunPage, Shift, SongPage, WhatIf
from musicrec.core.records import (
    DatasetCard,
    Evaluation,
    Explanation,
    Listener,
    Neighbour,
    Page,
    Play,
    Playlists,
    Recommendation,
    Recommendations,
    RunCard,
    Song,
)
from musicrec.core.tables.cards import BrokenDataset
from musicrec.core.tabular import Cell as Cell
from musicrec.core.tabular import Sheet as Sheet
from musicrec.core.tabular import to_csv as to_csv
from musicrec.core.tabular import to_json as to_json
from musicrec.core.tabular import to_json_line as to_json_line
from musicrec.core.tabular import to_lines as to_lines

_LISTENER = ("listener", "title", "tags", "age", "gender", "city", "registered", "likes", "plays")
_SONG = ("song", "title", "artists", "genres", "language")
NO_DATASET = "none yet: make one with `musicrec demo`, or import one with `musicrec import kkbox DIR`"
NO_RUN = "none yet: train one with `musicrec train dtnmr`"


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


def runs_sheet(cards: Sequence[RunCard]) -> Sheet:
    """One row a run, newest first."""
    columns = ("run", "model", "dataset", "status", "epochs", "best", "val NDCG@10", "seconds", "parameters", "problem")
    rows = (
        (
            card.name,
            card.model,
            card.dataset,
            card.status,
            card.epochs,
            card.best_epoch,
            card.metrics.get("ndcg@10"),
            card.seconds,
            card.parameters,
            card.problem,
        )
        for card in cards
    )
    return Sheet("Runs", columns, tuple(rows), () if cards else (NO_RUN,))


def standings_sheets(evaluations: Sequence[Evaluation], whole: bool = False) -> list[Sheet]:
    """One table for each k, each with the protocol under it; the same run after different numbers of plays in each.

    If the `whole` is wanted, all that is measured beyond accuracy stands in a second one for each k.
    """
    if not evaluations:
        return []
    protocol, shown = evaluations[0].protocol, any(each.protocol.first_plays is not None for each in evaluations)
    notes: tuple[str, ...] = (
        (replace(protocol, first_plays=None) if shown else protocol).label,
        "± is half the bootstrap 95 % interval over listeners",
    )
    if protocol.candidates == "sampled":
        notes = (*notes, "sampled figures can rank models differently from full ranking: compare with papers only")
    notes = (*notes, *_notices(evaluations))
    sheets = []
    for k in protocol.ks:
        names = [n for n in evaluations[0].metrics if n.endswith(f"@{k}") or n == "auc"]
        names = [n for n in names if all(n in each.metrics for each in evaluations)]  # stored ones may have fewer
        if f"hr@{k}" in names:
            names = [n for n in names if not n.startswith("user_coverage")]  # the same number as the hit rate
        plays = [(each.protocol.first_plays,) if shown else () for each in evaluations]
        more = [name for name in names if name.startswith(("novelty", "catalogue_coverage") if whole else ())]
        more += [name for name in names if name.startswith(BEYOND)]
        accuracy = [name for name in names if name not in more]
        for title, chosen in ((f"At {k}", accuracy), (f"Beyond accuracy at {k}", more)):
            if chosen is more and not (whole and more):
                continue
            rows = (
                (each.run, each.model, *first, *(metric_figure(each.metrics[name]) for name in chosen))
                for each, first in zip(evaluations, plays, strict=True)
            )
            titles = ("run", "model", *(("plays shown",) if shown else ()), *map(metric_title, chosen))
            sheets.append(Sheet(title, titles, tuple(rows), notes))
    return sheets


def _notices(evaluations: Sequence[Evaluation]) -> tuple[str, ...]:
    told: dict[str, None] = {}
    for each in evaluations:
        after = "" if each.protocol.first_plays is None else f", {each.protocol.first_plays} plays shown"
        told |= dict.fromkeys(f"{each.run}{after}: {notice}" for notice in each.notices)
    return tuple(told)


def standings_long(evaluations: Sequence[Evaluation]) -> Sheet:
    """One row a figure, with its whole protocol."""
    columns = ("run", "model", "split", "candidates", "negatives", "seed", "listeners", "songs", "metric", "k")
    rows = []
    for each in evaluations:
        p = each.protocol
        told = (each.run, each.model, p.split, p.candidates, p.negatives, p.seed, p.listeners, p.songs)
        more = (p.name, p.first_plays, "; ".join(each.notices) or None)
        for name, figure in each.metrics.items():
            metric, _, k = name.partition("@")
            rows.append((*told, metric, int(k) if k else None, figure.mean, figure.low, figure.high, *more))
    more_columns = ("mean", "low", "high", "protocol", "first_plays", "notices")
    return Sheet("Standings", (*columns, *more_columns), tuple(rows))


def recommendations_sheet(answer: Recommendations) -> Sheet:
    """One row a song."""
    columns = ("rank", "score", "song", "title", "artists", "genres", "language", "plays", "marks")
    rows = tuple(
        (item.rank, item.score, *_song(item.song), item.song.plays, _item_marks(item)) for item in answer.items
    )
    note = f"run {answer.run}, {answer.candidates:,} songs ranked"
    return Sheet(f"For listener {answer.listener.id}", columns, rows, (note,))


def plays_sheet(title: str, plays: Iterable[Play]) -> Sheet:
    """One row a play, in the order given."""
    rows = tuple((play.position, *_song(play.song), play.behaviour) for play in plays)
    return Sheet(title, ("position", *_SONG, "behaviour"), rows)


def neighbours_sheet(title: str, neighbours: Sequence[Neighbour]) -> Sheet:
    """One row a similar song."""
    rows = tuple((place, each.similarity, *_song(each.song)) for place, each in enumerate(neighbours, start=1))
    return Sheet(title, ("rank", "similarity", "song", "title", "artists", "genres", "language"), rows)


def explanations_sheet(explanations: Sequence[Explanation]) -> Sheet:
    """One row a song: the parts of its score, which add up, and why."""
    names = tuple(part.name for part in explanations[0].parts) if explanations else ()
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (each.song.label, each.score, *(p.value for p in each.parts), each.sentence) for each in explanations
    )
    return Sheet("Why", ("song", "score", *names, "why"), rows, ("the parts of a score add up to it",))


def listeners_sheet(page: Page[Listener]) -> Sheet:
    """One row a listener or playlist."""
    return Sheet("Listeners", _LISTENER, tuple(map(_listener, page.items)), (_part(page),))


def songs_sheet(page: Page[Song]) -> Sheet:
    """One row a song."""
    columns = ("song", "title", "artists", "genres", "language", "year", "seconds", "plays")
    rows = tuple((*_song(song), _year(song), _seconds(song), song.plays) for song in page.items)
    return Sheet("Songs", columns, rows, (_part(page),))


def profile_sheets(profile: Profile) -> list[Sheet]:
    """Who a listener is, what their past is made of, how their taste moved, and the plays that a model reads."""
    who, playlists = profile.listener, profile.playlists
    sheets = [_facts(f"Listener {who.id}", zip(_LISTENER[1:], _listener(who)[1:], strict=True))]
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
    song = page.song
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
    heard = f"played by {_part(page.listeners)}" if page.listeners.total else "nobody has it among their training plays"
    return Sheet(song.label, _LISTENER, tuple(map(_listener, page.listeners.items)), (told, rank, heard))


def run_sheet(page: RunPage) -> Sheet:
    """What a run is and the parameters that it was trained with."""
    card = page.card
    facts: list[tuple[str, object]] = [
        (name, getattr(card, name))
        for name in ("model", "dataset", "fingerprint", "device", "status", "epochs", "best_epoch")
    ]
    facts += [
        ("created", card.created.isoformat(" ", "seconds")),
        ("seconds", card.seconds),
        ("parameters", card.parameters),
        ("problem", card.problem),
    ]
    facts += [(f"validation {metric_title(name)}", value) for name, value in card.metrics.items()]
    facts += [(f"--{name.replace('_', '-')}", value) for name, value in card.config.items()]
    return _facts(f"Run {card.name}", facts)


def epochs_sheet(page: RunPage) -> Sheet:
    """One row a pass."""
    columns = ("pass", "loss", "validation NDCG@10", "best", "seconds", "samples/s")
    rows = tuple(
        (each.epoch, each.loss, each.validation, "best" if each.best else None, each.seconds, each.samples_per_second)
        for each in page.epochs
    )
    return Sheet("Passes", columns, rows)


def differences_sheet(one: str, other: str, differences: Sequence[Difference]) -> Sheet:
    """One row for each thing in which two runs differ."""
    rows = tuple((each.name, _cell(each.one), _cell(each.other)) for each in differences)
    notes = () if rows else (f"{one} and {other} differ in nothing but their names",)
    return Sheet(f"{one} and {other}", ("what", one, other), rows, notes)


def together_sheets(one: RunPage, other: RunPage) -> list[Sheet]:
    """The stored figures of two runs under every protocol that both were measured under."""
    shared = [(a, b) for a in one.evaluations for b in other.evaluations if a.protocol == b.protocol]
    if not shared:
        hint = f"no figures under one protocol: measure both with `musicrec evaluate {one.card.name} {other.card.name}`"
        return [Sheet("Figures", (), (), (hint,))]
    return [sheet for pair in shared for sheet in standings_sheets(pair)]


def what_if_sheet(answer: WhatIf) -> Sheet:
    """One row a song of the new list, with the rank before; then those that left it."""
    columns = ("rank", "before", "score", "song", "title", "artists", "genres", "language", "marks")
    rows: list[tuple[Cell, ...]] = [
        (item.rank, shift.before, item.score, *_song(item.song), _item_marks(item))
        for item, shift in zip(answer.after.items, answer.shifts, strict=True)
    ]
    rows += [(shift.after, shift.before, None, *_song(shift.song), "gone") for shift in answer.gone]
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
    rows = tuple((shift.before, shift.after, *_song(shift.song)) for shift in shifts)
    return Sheet(title, (f"by {one}", f"by {other}", *_SONG), rows, (note,))


def _playlist_sheet(playlists: Playlists) -> Sheet:
    short = {play.position for play in playlists.short_term}
    read = {play.position: play for play in (*playlists.long_term, *playlists.short_term)}
    windows = [(play, "short-term" if at in short else "long-term") for at, play in sorted(read.items())]
    windows += [(play, "held out") for play in playlists.held_out]
    rows = tuple((play.position, window, *_song(play.song), play.behaviour) for play, window in windows)
    note = "oldest first; the long-term window holds the short-term one, no model has seen what is held out"
    return Sheet("Playlist", ("position", "window", *_SONG, "behaviour"), rows, (note,))


def _facts(title: str, facts: Iterable[tuple[str, object]]) -> Sheet:
    rows = tuple((name, _cell(value)) for name, value in facts if value not in (None, ""))
    return Sheet(title, ("what", "value"), rows)


def _cell(value: object) -> Cell:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list | tuple):
        return ",".join(map(str, value))
    return value if isinstance(value, str | int | float) or value is None else str(value)


def _part(page: Page[Any]) -> str:
    if not page.items:
        return f"none of {page.total:,}"
    return f"{page.offset + 1:,} to {page.offset + len(page.items):,} of {page.total:,}"


def _listener(who: Listener) -> tuple[Cell, ...]:
    registered = None if who.registered is None else who.registered.isoformat()
    return who.id, who.title, ", ".join(who.tags), who.age, who.gender, who.city, registered, who.likes, who.plays


def _who(listener: Listener) -> str:
    return listener.id if listener.id == NEW else f"listener {listener.id}"


def _year(song: Song) -> int | None:
    return None if song.released is None else song.released // 10_000


def _seconds(song: Song) -> int | None:
    return None if song.length_ms is None else round(song.length_ms / 1000)


def _song(song: Song) -> tuple[Cell, ...]:
    return song.id, song.title, ", ".join(song.artists), ", ".join(song.genres), song.language


def _item_marks(item: Recommendation) -> str:
    return _marks(item.held_out, item.heard, item.new_genre)


def _marks(held_out: bool, heard: bool, new_genre: bool) -> str:
    marks = (("hit", held_out), ("heard", heard), ("new genre", new_genre))
    return ", ".join(name for name, is_so in marks if is_so)
