"""The import that `importing.py` compares with, written plainly: rows and dictionaries, or pandas.

    importing_peers.py FOLDER rows       csv.DictReader, dictionaries for joins: the way of the reference program
    importing_peers.py FOLDER pandas     the same with data frames (run with the Python of the peers)
    importing_peers.py FILE digest       the playlists of a dataset that musicrec imported

FOLDER holds train.csv, songs.csv and members.csv. The cuts are those of the reference: songs with more than 0.001 of
the plays of the most played one and of at most 360 seconds, listeners of 16 to 59 years with 20 to 200 plays of such
songs. Prints counts, seconds, and a digest of every listener's songs in order, taken after the clock has stopped.
"""

from __future__ import annotations

import csv
import json
import sys
import time
from collections import Counter
from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path
from typing import Any

TOP, SECONDS, AGES, LENGTHS = 0.001, 360, (16, 59), (20, 200)
PARTS = ("genre_ids", "artist_name", "composer", "lyricist")


def by_rows(folder: Path) -> dict[str, list[str]]:
    """Read row by row, join by dictionaries, and keep the playlists that pass: listener to songs, oldest first."""
    songs: dict[str, dict[str, Any]] = {}
    for row in _rows(folder / "songs.csv"):
        songs[row["song_id"]] = row | {part: row[part].split("|") for part in PARTS}
    members = {row["msno"]: row for row in _rows(folder / "members.csv")}
    plays, counts = [], Counter[str]()
    for row in _rows(folder / "train.csv"):
        counts[row["song_id"]] += 1
        plays.append(row | songs.get(row["song_id"], {}) | members.get(row["msno"], {}))
    least = TOP * max(counts.values())
    playlists: dict[str, list[dict[str, Any]]] = {}
    for play in plays:
        known = play.get("song_length") or ""
        if counts[play["song_id"]] > least and known.isdigit() and int(known) <= SECONDS * 1000:
            playlists.setdefault(play["msno"], []).append(play)
    kept = {}
    for listener, rows in playlists.items():
        age = rows[0].get("bd") or "0"
        if AGES[0] <= int(age) <= AGES[1] and LENGTHS[0] <= len(rows) <= LENGTHS[1]:
            kept[listener] = rows
    return {listener: [play["song_id"] for play in rows] for listener, rows in kept.items()}


def by_pandas(folder: Path) -> dict[str, list[str]]:
    """Do the same with pandas."""
    import pandas as pd

    songs, members = pd.read_csv(folder / "songs.csv"), pd.read_csv(folder / "members.csv")
    train = pd.read_csv(folder / "train.csv")
    counts = train["song_id"].value_counts()
    train = train.merge(songs, on="song_id", how="left").merge(members, on="msno", how="left")
    popular = train["song_id"].map(counts) > TOP * counts.max()
    train = train[popular & (train["song_length"] <= SECONDS * 1000) & train["bd"].between(*AGES)]
    lengths = train.groupby("msno")["song_id"].transform("size")
    train = train[lengths.between(*LENGTHS)]
    found: dict[str, list[str]] = train.groupby("msno", sort=False)["song_id"].agg(list).to_dict()
    return found


def stored(file: Path) -> dict[str, list[str]]:
    """Read the playlists of a dataset: every play, held out or not."""
    import duckdb

    query = """
        SELECT l.id, list(s.id ORDER BY p.position)
        FROM plays AS p JOIN songs AS s USING (song) JOIN listeners AS l USING (listener) GROUP BY l.id
    """
    with duckdb.connect(str(file), read_only=True) as tables:
        return dict(tables.execute(query).fetchall())


def digest(playlists: dict[str, list[str]]) -> str:
    """Sum up who played what in which order."""
    total = sha256()
    for listener in sorted(playlists):
        total.update(f"{listener}:{','.join(playlists[listener])}\n".encode())
    return total.hexdigest()[:16]


def _rows(path: Path) -> Iterable[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def main(place: Path, mode: str) -> None:
    """Do what was asked; print one JSON line."""
    started = time.monotonic()
    playlists = {"rows": by_rows, "pandas": by_pandas, "digest": stored}[mode](place)
    said = {
        "seconds": time.monotonic() - started,
        "listeners": len(playlists),
        "plays": sum(map(len, playlists.values())),
        "songs": len({song for songs in playlists.values() for song in songs}),
        "digest": digest(playlists),
    }
    sys.stdout.write(f"{json.dumps(said)}\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
