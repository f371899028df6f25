"""Turns the files of KKBOX or Melon into one DuckDB file that never changes afterwards."""

from __future__ import annotations

import dataclasses
import json
import time
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import TYPE_CHECKING

from musicrec.core.errors import ImportFailed, MusicrecError
from musicrec.core.records import DatasetCard
from musicrec.core.tables.cards import VERSION
from musicrec.core.tables.cuts import apply_cuts
from musicrec.core.tables.draft import drafting
from musicrec.core.tables.kkbox import KKBOX_FILES, read_kkbox
from musicrec.core.tables.melon import MELON_FILES, read_melon
from musicrec.core.tables.sources import possible_files, require_folder

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from musicrec.core.tables.draft import Draft
    from musicrec.core.tables.options import Format, ImportOptions, SplitRule


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import made: the dataset's card, how long it took, and what was noted on the way, a line each."""

    card: DatasetCard
    seconds: float
    notes: tuple[str, ...]


def import_dataset(
    format: Format,
    source: Path,
    target: Path,
    name: str,
    options: ImportOptions,
    *,
    replace: bool = False,
    memory_limit: str | None = None,
    threads: int | None = None,
    progress: Callable[[str, float], None] | None = None,
) -> ImportReport:
    """Import the files in the folder `source` as the dataset `name`, one file at `target`.

    The file appears whole or not at all, and an older one stays until then. Everything is kept but what `options` cut:
    songs first (top, length, listeners), then listeners by what remains (age, then playlist length); what was left out
    stands in the card's counts and in `rejects`. The same files and options give the same contents and fingerprint with
    any number of threads. `progress` is told the stage and how far the whole is, 0 to 1; `memory_limit` is DuckDB's, as
    "1GB", beyond which it spills beside the target; if it is None, 250 MB and 125 MB a thread.

    Raises ImportFailed naming the file and what is wrong, UsageError for a memory limit that is none, and MusicrecError
    where `target` exists and `replace` is not given.
    """
    started = time.monotonic()
    require_folder(source)
    if target.exists() and not replace:
        raise MusicrecError(f"{target} exists already: import it anew with --replace, or under another --name")
    files = possible_files(source, KKBOX_FILES if format == "kkbox" else MELON_FILES)
    with drafting(target, files, memory_limit, threads, progress) as draft:
        read = read_kkbox if format == "kkbox" else read_melon
        rule = read(draft, source, options.split)
        apply_cuts(draft, format, options)
        build(draft, rule)
        card = write_card(draft, format, name, options, rule)
        draft.say("writing the file", 0.95)
        draft.publish(target, replace)
        draft.say("done", 1.0)
        notes = tuple(draft.notes)
    card = dataclasses.replace(card, bytes=target.stat().st_size)
    return ImportReport(card, time.monotonic() - started, notes)


def build(draft: Draft, rule: SplitRule) -> None:
    """Hold plays out, number songs and listeners, and fill the tables of the dataset."""
    draft.say("holding plays out", 0.6)
    draft.run("build/splits", rule=rule)
    draft.run("build/numbering")
    for table, fraction in (("songs", 0.7), ("listeners", 0.8), ("plays", 0.85)):
        draft.say(f"writing {table}", fraction)
        draft.run(f"build/{table}")


def write_card(draft: Draft, format: Format, name: str, options: ImportOptions, rule: SplitRule) -> DatasetCard:
    """Write the row of `dataset` and return it; raise ImportFailed where no play came through."""
    counts = {str(reason): int(str(n)) for reason, n in draft.run("build/counts")}
    if counts["plays"] == 0:
        raise ImportFailed(f"no row of {', '.join(source.file for source in draft.sources)} is a play that can be used")
    draft.say("taking the fingerprint", 0.9)
    sums = draft.run("build/fingerprint")[0]
    fingerprint = sha256(":".join(map(str, (VERSION, format, rule, *sums))).encode()).hexdigest()[:32]
    created = datetime.now(UTC).replace(tzinfo=None, microsecond=0)
    card = DatasetCard(
        name, format, VERSION, fingerprint, created, rule, tuple(draft.sources), dict(asdict(options)), counts
    )
    draft.run(
        "build/dataset",
        name=name,
        format=format,
        version=VERSION,
        fingerprint=fingerprint,
        created=created,
        rule=rule,
        sources=[asdict(source) for source in draft.sources],
        options=json.dumps(asdict(options)),
        counts=json.dumps(counts),
    )
    return card
