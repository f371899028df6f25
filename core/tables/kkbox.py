"""Reads the files of KKBOX's Music Recommendation Challenge (WSDM Cup 2018) into the staging tables."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import dataclass
from functools import partial
from itertools import islice, product
from typing import TYPE_CHECKING

import duckdb

from musicrec.core.errors import ImportFailed
from musicrec.core.tables.cells import cut_cells, even_cells
from musicrec.core.tables.draft import reading
from musicrec.core.tables.lookahead import Lookahead
from musicrec.core.tables.sources import find_source, header, require_columns
from musicrec.core.tables.textures import texture

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from musicrec.core.tables.draft import Draft
    from musicrec.core.tables.options import SplitRule
    from musicrec.core.tables.sources import Source
    from musicrec.core.tables.textures import Texture

NO_DELIMITERS = tuple("".join(four) for four in islice(product("\x1f\x1e\x1d\x1c", repeat=4), 1, 100))
PLAY_IDS = ("msno", "song_id")
PLAY_COLUMNS = ("source_system_tab", "source_screen_name", "source_type")
MOST_PARTS, PART = 4, 500_000  # lines
NOTHING_KNOWN = {"columns": [], "no_delimiter": "", "crlf": False, "ascii": False, "smooth": False, "quotes": True}
NOTHING_KNOWN |= {"plain": False, "all_smooth": True}


@dataclass(frozen=True, slots=True)
class Described:
    """A file that describes songs or listeners, and what is not known where it is missing."""

    name: str
    lines: str  # the script that reads its lines into stage.described
    rows: str  # the script that takes what is usable from there
    id: str
    columns: tuple[str, ...]
    without: str


DESCRIPTIONS = (
    Described(
        "songs.csv",
        "songs",
        "song_rows",
        "song_id",
        ("song_length", "genre_ids", "artist_name", "composer", "lyricist", "language"),
        "songs have no artist, genre, language or length",
    ),
    Described(
        "song_extra_info.csv",
        "titles",
        "title_rows",
        "song_id",
        ("name", "isrc"),
        "songs have no title, country or year",
    ),
    Described(
        "members.csv",
        "members",
        "member_rows",
        "msno",
        ("bd", "gender", "city", "registered_via", "registration_init_time", "expiration_date"),
        "listeners have no age, gender or city",
    ),
)
KKBOX_FILES = ("train.csv", "test.csv", *(described.name for described in DESCRIPTIONS))


def read_kkbox(draft: Draft, folder: Path, split: SplitRule) -> SplitRule:
    """Fill the staging tables from the KKBOX files in `folder` and return the split rule that they allow.

    train.csv is needed; songs.csv, song_extra_info.csv, members.csv and test.csv may be missing, which is noted. Lines
    that cannot be used go to `rejects`. Raises ImportFailed naming the file and what is wrong with it.
    """
    train, test = play_files(draft, folder)
    rule = kkbox_rule(split, folder, test)
    draft.run("kkbox/text", **NOTHING_KNOWN)
    draft.run("kkbox/staging")
    plays = [source for source in (train, test) if source is not None]
    with Lookahead(look, plays) as ahead:
        for place, described in enumerate(DESCRIPTIONS):
            draft.say(f"reading {described.name}", 0.05 * place)
            read_description(draft, folder, described, ahead)
        for future, source in enumerate(plays):
            draft.say(f"reading {source.name}", 0.2 + 0.2 * future)
            read_plays(draft, source, bool(future), ahead)
    draft.say("collecting songs and listeners", 0.45)
    draft.run("kkbox/keys")
    draft.run("kkbox/plays")
    return rule


def play_files(draft: Draft, folder: Path) -> tuple[Source, Source | None]:
    """Return train.csv and, where it is there, test.csv."""
    train = find_source(folder, "train.csv", draft.folder)
    if train is None:
        if any(folder.glob("*.json")):
            raise ImportFailed(
                f"{folder} holds no train.csv but JSON files: is it Melon? (musicrec import melon {folder})"
            )
        raise ImportFailed(f"{folder} holds no train.csv (nor train.csv.gz or train.csv.zip), which KKBOX needs")
    test = find_source(folder, "test.csv", draft.folder)
    if test is None:
        draft.notes.append("test.csv is missing: the last plays of each listener are held out instead")
    return train, test


def kkbox_rule(split: SplitRule, folder: Path, test: Source | None) -> SplitRule:
    """Return the rule that `split` stands for."""
    if split == "files" and test is None:
        raise ImportFailed(f"{folder} holds no test.csv, which --split files needs: use --split last")
    if split == "auto":
        return "files" if test is not None else "last"
    return split


def read_description(draft: Draft, folder: Path, described: Described, ahead: Lookahead) -> None:
    """Read a file that describes songs or listeners, or note that it is missing."""
    source = find_source(folder, described.name, draft.folder)
    if source is None:
        draft.notes.append(f"{described.name} is missing: {described.without}")
        return
    read_lines(draft, source, ahead, (f"kkbox/{described.lines}",), (described.id,), described.columns)
    rows = draft.number("kkbox/described", id_column=described.id)
    draft.run(f"kkbox/{described.rows}")
    draft.record(source, some_rows(source, rows))


def read_plays(draft: Draft, source: Source, future: bool, ahead: Lookahead) -> None:
    """Read a file of plays."""
    scripts = ("kkbox/play_lines",) if future else ("kkbox/contexts", "kkbox/play_lines")
    read_lines(draft, source, ahead, scripts, PLAY_IDS, (*PLAY_COLUMNS, "target"), placed=True)
    first_place = draft.number("kkbox/past_count") if future else 0
    rows = draft.number("kkbox/late_lines", future=future, first_place=first_place)
    draft.run("kkbox/future_rows" if future else "kkbox/past_rows")
    draft.record(source, some_rows(source, rows))


def read_lines(
    draft: Draft,
    source: Source,
    ahead: Lookahead,
    scripts: Sequence[str],
    ids: tuple[str, ...],
    wanted: tuple[str, ...],
    *,
    placed: bool = False,
) -> None:
    """Run scripts over the cells of a CSV file, whose columns may stand in any order.

    `ids` must be there; that a column of `wanted` is missing is noted, but for `target`. The last script tells how many
    rows there are, and how many lines were kept as they stand. Scripts that go by the places of lines alone are
    `placed`: the file may be read in parts. The tables of the others are filled in the order of the file.
    """
    columns, crlf = header(source)
    require_columns(source, columns, ids)
    missing = [column for column in wanted if column not in (*columns, "target")]
    if missing:
        draft.notes.append(f"{source.name} has no column {', '.join(missing)}")
    known = ahead.at(source)
    draft.set(
        file=source.name,
        path=str(source.path),
        columns=list(columns),
        types={f"c{place}": "VARCHAR" for place in range(len(columns))},
        crlf=crlf,
        quote='"' if known.quotes else "",
        no_delimiter=known.absent,
        ascii=known.ascii,
        smooth=known.smooth,
        quotes=known.quotes,
        plain=known.plain,
    )
    if known.even:
        starts = part_starts(source, known, draft.threads) if placed else [0]
        if read_even(draft, source, scripts, partial(even_cells, columns, (*ids, *wanted)), known, starts):
            return
    draft.connection.execute(cut_cells(ids, wanted))
    with reading(source):
        for script in scripts:
            draft.run(script)


def part_starts(source: Source, known: Texture, threads: int) -> list[int]:
    """Return at which lines behind the header the parts of an even file start, one for each thread that is worth it.

    Every part reads over those before it, which takes little where nothing is unpacked. In files that hold quotes, what
    ends a line is not settled until they were read.
    """
    rows = known.lines - 1
    parts = 1 if known.quotes or source.path.suffix == ".gz" else max(1, min(threads, MOST_PARTS, rows // PART))
    return [rows * part // parts for part in range(parts)]


def read_even(
    draft: Draft,
    source: Source,
    scripts: Sequence[str],
    views: Callable[[Sequence[int]], str],
    known: Texture,
    starts: Sequence[int],
) -> bool:
    """Run scripts over the cells that DuckDB makes of a file, and tell whether they are its lines, no more and no less.

    Lines that were kept as they stand have lost their quotes, so a file that has quotes must not need them. A file is
    read as one part where there is no memory for several.
    """
    try:
        draft.connection.execute(views(starts))
        with reading(source), draft.any_order() if len(starts) > 1 else nullcontext():
            for script in scripts:
                found = draft.run(script)
    except ImportFailed:
        return False
    except duckdb.OutOfMemoryException:
        if len(starts) == 1:
            raise
        return read_even(draft, source, scripts, views, known, [0])
    rows, kept = found[0]
    return rows == known.lines - 1 and not (known.quotes and kept)


def look(source: Source, stopped: Callable[[], bool]) -> Texture:
    """Look through a CSV file."""
    columns, _ = header(source)
    return texture(source, NO_DELIMITERS, len(columns), stopped)


def some_rows(source: Source, rows: int) -> int:
    """Return `rows`; raise ImportFailed where there are none."""
    if rows == 0:
        raise ImportFailed(f"{source.found} holds a header and no rows")
    return rows
