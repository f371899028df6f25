"""Tiny datasets written by hand, and what an import makes of them."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from musicrec.core.tables.importing import ImportReport, import_dataset
from musicrec.core.tables.options import Format, ImportOptions

TRAIN = "msno,song_id,source_system_tab,source_screen_name,source_type,target"
TEST = "id,msno,song_id,source_system_tab,source_screen_name,source_type"
SONGS = "song_id,song_length,genre_ids,artist_name,composer,lyricist,language"
TITLES = "song_id,name,isrc"
MEMBERS = "msno,city,bd,gender,registered_via,registration_init_time,expiration_date"


@dataclass(frozen=True)
class Imported:
    """A dataset that was imported, open to questions."""

    path: Path
    report: ImportReport

    @property
    def counts(self) -> dict[str, int]:
        return self.report.card.counts

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        with duckdb.connect(str(self.path), read_only=True) as connection:
            return connection.execute(sql).fetchall()

    def playlist(self, listener: str, splits: str = "train,validation,test") -> list[str]:
        """The original ids of a listener's plays in order, those of the given splits."""
        sql = """SELECT s.id, CAST(p.split AS VARCHAR) FROM plays p JOIN songs s USING (song)
                 JOIN listeners l USING (listener) WHERE l.id = '{}' ORDER BY position"""
        return [song for song, split in self.rows(sql.format(listener)) if split in splits.split(",")]


Import = Callable[..., Imported]


def write(folder: Path, files: Mapping[str, object]) -> Path:
    """Write files of text, bytes, or anything that JSON can hold."""
    folder.mkdir(exist_ok=True)
    for name, content in files.items():
        if isinstance(content, str):
            content = content.encode()
        elif not isinstance(content, bytes):
            content = json.dumps(content, ensure_ascii=False).encode()
        (folder / name).write_bytes(content)
    return folder


def imported(format: Format, folder: Path, target: Path, options: ImportOptions | None = None, **more: Any) -> Imported:
    """Import a folder as the dataset that `target` is named after."""
    report = import_dataset(format, folder, target, target.stem, options or ImportOptions(), **more)
    return Imported(target, report)


def playlist(id: int, songs: list[int], **more: object) -> dict[str, object]:
    """A Melon playlist."""
    record: dict[str, object] = {"id": id, "plylst_title": "", "tags": [], "songs": songs, "like_cnt": 0}
    return record | {"updt_date": "2012-09-29 01:57:26.000"} | more


def song(id: int, issued: str = "00000000", **more: object) -> dict[str, object]:
    """A record of Melon's song_meta.json."""
    record: dict[str, object] = {"id": id, "song_name": f"song {id}", "artist_name_basket": ["someone"]}
    record |= {"album_name": "album", "issue_date": issued, "song_gn_gnr_basket": [], "song_gn_dtl_gnr_basket": []}
    return record | more
