"""Reads the files of Kakao Arena's Melon Playlist Continuation into the staging tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from musicrec.core.errors import ImportFailed
from musicrec.core.tables.draft import reading
from musicrec.core.tables.sources import find_source, require_columns

if TYPE_CHECKING:
    from pathlib import Path

    from musicrec.core.tables.draft import Draft
    from musicrec.core.tables.options import SplitRule
    from musicrec.core.tables.sources import Source

PLAYLIST_FILES = ("train.json", "val.json", "test.json")
MELON_FILES = (*PLAYLIST_FILES, "song_meta.json", "genre_gn_all.json")


def read_melon(draft: Draft, folder: Path, split: SplitRule) -> SplitRule:
    """Fill the staging tables from the Melon files in `folder` and return the split rule that they allow.

    At least one of train.json, val.json and test.json is needed; song_meta.json and genre_gn_all.json may be missing,
    which is noted. Records that cannot be used go to `rejects`, whose `line` counts the records of a file from 1.
    Raises ImportFailed naming the file and what is wrong with it.
    """
    if split == "files":
        raise ImportFailed("Melon's files are no past and future: use --split latest-issue or --split last")
    playlists = playlist_files(draft, folder)
    draft.run("melon/staging")
    for place, source in enumerate(playlists):
        draft.say(f"reading {source.name}", 0.1 * place)
        read_records(draft, source, "melon/playlists", ("id", "songs"), "playlists")
    read_descriptions(draft, folder)
    draft.say("collecting songs and listeners", 0.45)
    dated = draft.number("melon/keys")
    return melon_rule(draft, split, dated)


def playlist_files(draft: Draft, folder: Path) -> list[Source]:
    """Return the files of playlists that are there, in the order train, val, test."""
    found = [find_source(folder, name, draft.folder) for name in PLAYLIST_FILES]
    playlists = [source for source in found if source is not None]
    if not playlists:
        if any(folder.glob("*.csv*")):
            raise ImportFailed(
                f"{folder} holds no playlists but CSV files: is it KKBOX? (musicrec import kkbox {folder})"
            )
        raise ImportFailed(f"{folder} holds none of {', '.join(PLAYLIST_FILES)}, of which Melon needs one")
    return playlists


def read_descriptions(draft: Draft, folder: Path) -> None:
    """Read song_meta.json and genre_gn_all.json, or note that they are missing."""
    draft.say("reading song_meta.json", 0.3)
    songs = find_source(folder, "song_meta.json", draft.folder)
    if songs is None:
        draft.notes.append("song_meta.json is missing: songs have no title, artist, genre or date")
    else:
        read_records(draft, songs, "melon/songs", ("id",), "songs")
    genres = find_source(folder, "genre_gn_all.json", draft.folder)
    if genres is None:
        draft.notes.append("genre_gn_all.json is missing: genres have no names")
    else:
        draft.record(genres, draft.read(genres, "melon/genres"))


def read_records(draft: Draft, source: Source, script: str, required: tuple[str, ...], what: str) -> None:
    """Run a script over the records of a JSON file that is a list of `what`."""
    with source.open() as opened:
        start = opened.read(1 << 12).removeprefix(b"\xef\xbb\xbf").lstrip()
    with reading(source):
        first = draft.run("melon/keys_of", path=str(source.path)) if start.startswith(b"[") else [("", ())]
    if not first:
        raise ImportFailed(f"{source.found} holds no {what}")
    kind, columns = first[0]
    if kind != "OBJECT":
        raise ImportFailed(f"{source.found} is no list of {what}: expected JSON like [{{...}}, {{...}}]")
    require_columns(source, cast("list[str]", columns), required)
    draft.record(source, draft.read(source, script))


def melon_rule(draft: Draft, split: SplitRule, dated: int) -> SplitRule:
    """Return the rule that `split` stands for, given how many songs have a date."""
    if split == "latest-issue" and dated == 0:
        draft.notes.append("no song has a date of issue: the last song of each playlist is held out")
    if split != "auto":
        return split
    return "latest-issue" if dated else "last"
