"""Small datasets, made through the real writer and the real importer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from musicrec.core.dataset import Dataset
    from musicrec.core.places import Places
    from musicrec.core.tables.options import Format


@dataclass(frozen=True)
class World:
    """A dataset that was imported: the folder of its files, where it and its runs live, and its tensors."""

    files: Path
    places: Places
    name: str
    data: Dataset


def write_kkbox(
    folder: Path,
    past: Iterable[tuple[str, str]],
    future: Iterable[tuple[str, str]] = (),
    artists: Mapping[str, str] | None = None,
) -> Path:
    """Write (listener, song) plays in order as train.csv and test.csv, and the songs of `artists` as songs.csv."""
    folder.mkdir(parents=True, exist_ok=True)
    header = "msno,song_id,source_system_tab,source_screen_name,source_type"
    played = [f"{listener},{song},my library,Local playlist more,local-playlist,1" for listener, song in past]
    coming = [f"{n},{listener},{song},discover,Explore,online-playlist" for n, (listener, song) in enumerate(future)]
    (folder / "train.csv").write_text("\n".join([f"{header},target", *played]) + "\n")
    if coming:
        (folder / "test.csv").write_text("\n".join([f"id,{header}", *coming]) + "\n")
    if artists:
        described = [f"{song},200000,465,{artist},,,3.0" for song, artist in artists.items()]
        columns = "song_id,song_length,genre_ids,artist_name,composer,lyricist,language"
        (folder / "songs.csv").write_text("\n".join([columns, *described]) + "\n")
    return folder


def open_world(
    root: Path, format: Format, files: Path, name: str, options: Mapping[str, object] | None = None
) -> World:
    """Import `files` below `root` and load the tensors."""
    import torch

    from musicrec.core.dataset import Dataset
    from musicrec.core.places import Places
    from musicrec.core.tables.importing import import_dataset
    from musicrec.core.tables.options import options_for

    torch.set_num_threads(1)  # the same sums in the same order on every machine
    places = Places(root / "data", root / "checkpoints")
    report = import_dataset(format, files, places.dataset(name), name, options_for(format, "all", **(options or {})))
    return World(files, places, name, Dataset.load(places.dataset(name), report.card))


def make_sample(root: Path, format: Format, listeners: int, songs: int, plays: int, seed: int = 7) -> World:
    """Write a sample, import it and load it."""
    from musicrec.core.tables.sample import write_sample

    write_sample(format, root / "raw", listeners=listeners, songs=songs, plays=plays, seed=seed)
    return open_world(root, format, root / "raw", format)
