"""Exports: lists that get the figures of their run, and files that are whole, plain and under original ids."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from worlds import World

from musicrec.core import distributed, exporting, exporting_top
from musicrec.core.distributed import Group
from musicrec.core.errors import MusicrecError, NotFound, UsageError
from musicrec.core.explorer import Explorer
from musicrec.core.exporting import Export, ExportOptions, export
from musicrec.core.exporting_top import top_places, top_songs
from musicrec.core.metrics import tied_ranks
from musicrec.core.models.configs import config_for
from musicrec.core.places import Places
from musicrec.core.standings import baseline
from musicrec.core.tables.exporting import TopRows
from musicrec.core.tasks import protocol_negatives
from musicrec.core.training import train

CPU = torch.device("cpu")
MODELS: dict[str, dict[str, Any]] = {
    "popularity": {},
    "itemknn": {},
    "mf": {"epochs": 1, "factors": 4},
    "dtnmr": {"epochs": 1, "lstm_hidden": 8, "feature_hidden": (16, 8), "subset_size": 5, "batch_size": 512},
}


def _rows(path: Path, columns: str = "*") -> list[tuple[Any, ...]]:
    with duckdb.connect() as connection:
        return connection.sql(f"SELECT {columns} FROM read_parquet('{path}')").fetchall()


@pytest.fixture(scope="module")
def places(kkbox_world: World, tmp_path_factory: pytest.TempPathFactory) -> Places:
    """A run of each model, named as it."""
    places = Places(kkbox_world.places.data, tmp_path_factory.mktemp("exported-runs"))
    for model, settings in MODELS.items():
        train(kkbox_world.data, model, config_for(model, chosen=settings), places, model, "cpu")
    return places


@pytest.fixture(scope="module")
def whole(kkbox_world: World, places: Places, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An export of popularity."""
    folder = tmp_path_factory.mktemp("export")
    export(kkbox_world.data, places, folder, ExportOptions("popularity", k=20, negatives=2), device="cpu")
    return folder


@given(
    st.lists(st.lists(st.integers(-2, 3), min_size=9, max_size=9), min_size=1, max_size=4),
    st.integers(1, 10),
    st.data(),
)
def test_ranks_in_the_list_are_those_among_all(rows: list[list[int]], k: int, data: st.DataObject) -> None:
    """-2 stands for no candidate. Songs that are not in a list tie below it, as `evaluate --scores` has it."""
    scores = torch.tensor(rows, dtype=torch.float32)
    scores[scores == -2] = -torch.inf
    candidates = [(row, song) for row, song in (scores > -torch.inf).nonzero().tolist()]
    held = sorted(data.draw(st.sets(st.sampled_from(candidates)))) if candidates else []
    row, _, song = top_places(scores, k)
    listed = torch.where(scores > -torch.inf, -10.0, -torch.inf)
    listed[row, song] = scores[row, song]
    one, two = _ranks(scores, held), _ranks(listed, held)
    assert np.minimum(one, k + 1).tolist() == np.minimum(two, k + 1).tolist()


def _ranks(scores: torch.Tensor, held: list[tuple[int, int]]) -> np.ndarray:
    own = [scores[row, song] for row, song in held]
    higher = [int((scores[row] > score).sum()) for (row, _), score in zip(held, own, strict=True)]
    tied = [int((scores[row] == score).sum()) for (row, _), score in zip(held, own, strict=True)]
    owner = [row for row, _ in held]
    return tied_ranks(*(np.array(each, dtype=np.int64) for each in (owner, higher, tied)))


def test_the_best_songs_by_hand() -> None:
    none = -torch.inf
    scores = torch.tensor(
        [[1.0, 3, none, 2, 0], [5, 4, 4, 4, 3], [7, 0, 0, 0, 0], [1, 1, 1, 1, 1], [none, 2, none, 2, none]]
    )
    found = list(zip(*(part.tolist() for part in top_places(scores, 2)), strict=True))
    assert found == [
        *((0, 1, 1), (0, 2, 3)),
        *((1, 1, 0), (1, 2, 1), (1, 3, 2), (1, 4, 3)),  # three tie for the second place, and one is below
        (2, 1, 0),  # all others tie
        *((4, 1, 1), (4, 2, 3)),  # no more candidates
    ]


@pytest.mark.parametrize("model", MODELS)
def test_lists_get_the_figures_of_their_run(model: str, kkbox_world: World, places: Places, tmp_path: Path) -> None:
    answer = export(kkbox_world.data, places, tmp_path / "new", ExportOptions(model, k=20, negatives=0), device="cpu")
    explorer = Explorer.open(places, "kkbox", "cpu")
    found = explorer.evaluate([model], ks=(5, 10, 20), scores=Path(answer.folder) / "top.parquet", scores_name="listed")
    explorer.close()
    figures = {each.run: each.metrics for each in found}
    for name in ("hr", "recall", "precision", "f1", "ndcg", "map", "mrr"):
        for k in (5, 10, 20):
            assert figures["listed"][f"{name}@{k}"] == figures[model][f"{name}@{k}"]
    assert figures[model]["ndcg@10"].mean > 0


def test_lists_hold_no_song_that_was_heard_and_rank_by_score(whole: Path, kkbox_world: World) -> None:
    heard = set(_rows(whole / "split.parquet", "listener, song, split"))
    lists: dict[str, list[tuple[int, str, float]]] = {}
    for listener, rank, song, score in _rows(whole / "top.parquet", "listener, rank, song, score"):
        lists.setdefault(listener, []).append((rank, song, score))
        assert heard.isdisjoint({(listener, song, "train"), (listener, song, "validation")})
    assert len(lists) == int((kkbox_world.data.past("test").songs.lengths > 0).sum())
    for rows in lists.values():
        assert [rank for rank, _, _ in rows] == list(range(1, len(rows) + 1))
        scores = [score for _, _, score in rows]
        assert scores == sorted(scores, reverse=True)
        assert len(rows) >= 20


def test_the_split_is_that_of_the_dataset(whole: Path, kkbox_world: World) -> None:
    data = kkbox_world.data
    numbers = dict(_rows(whole / "songs.parquet", "song, number"))
    listeners = dict(_rows(whole / "listeners.parquet", "listener, number"))
    assert sorted(numbers.values()) == list(range(data.song_count))
    assert sorted(listeners.values()) == list(range(data.listener_count))
    rows = _rows(whole / "split.parquet", "listener, position, song, split")
    found = [(listeners[who], at, numbers[song], split) for who, at, song, split in rows]
    names = ("train", "validation", "test")
    assert found == [
        (who, at, int(data.songs[play]), names[int(data.split[play])])
        for who in range(data.listener_count)
        for at, play in enumerate(range(int(data.offsets[who]), int(data.offsets[who + 1])))
    ]
    assert set(_rows(whole / "songs.parquet", "plays")) == {(int(count),) for count in data.popularity}


def test_negatives_are_those_of_the_sampled_protocol(whole: Path, kkbox_world: World) -> None:
    listeners, songs = protocol_negatives(kkbox_world.data, count=2)
    ids = {number: name for name, number in _rows(whole / "listeners.parquet", "listener, number")}
    names = {number: name for name, number in _rows(whole / "songs.parquet", "song, number")}
    pairs = [
        (ids[who], names[song]) for who, row in zip(listeners.tolist(), songs.tolist(), strict=True) for song in row
    ]
    assert sorted(_rows(whole / "negatives.parquet", "listener, song")) == sorted(pairs)
    protocol = json.loads((whole / "protocol.json").read_text("utf-8"))
    assert protocol["listeners"] == len(listeners)
    assert (protocol["negatives"], protocol["seed"], protocol["k"]) == (2, 7, 20)
    assert protocol["fingerprint"] == kkbox_world.data.fingerprint


def test_files_are_plain_and_all_are_named(whole: Path) -> None:
    files = {str(path.relative_to(whole)) for path in whole.rglob("*") if path.is_file()}
    told = json.loads((whole / "protocol.json").read_text("utf-8"))["files"]
    assert files == {each["name"] for each in told} | {"protocol.json"}
    assert {"run/run.json", "run/model.safetensors"} < files
    assert {Path(name).suffix for name in files} <= {".parquet", ".json", ".jsonl", ".safetensors"}
    for each in told:
        assert (whole / each["name"]).stat().st_size == each["bytes"]
        assert not (whole / each["name"]).read_bytes().startswith((b"\x80", b"PK"))  # a pickle, torch's archive


def test_a_folder_with_files_is_left_alone(kkbox_world: World, places: Places, tmp_path: Path) -> None:
    def write(run: str | None, replace: bool = False) -> Export:
        return export(kkbox_world.data, places, tmp_path, ExportOptions(run, negatives=0), replace, "cpu")

    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(UsageError, match=r"has files in it.*--replace"):
        write("mf")
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]
    write("mf", replace=True)
    write(None, replace=True)  # without a run: nothing of the run before stays
    there = {path.name for path in tmp_path.rglob("*") if path.is_file()}
    assert there == {"mine.txt", "split.parquet", "songs.parquet", "listeners.parquet", "protocol.json"}
    with pytest.raises(UsageError, match="is no folder"):
        export(kkbox_world.data, places, tmp_path / "mine.txt", ExportOptions(), device="cpu")


def test_what_breaks_off_leaves_no_part_of_a_file(
    kkbox_world: World, places: Places, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> Iterator[TopRows]:
        yield TopRows(np.zeros(1, np.int64), np.ones(1, np.int64), np.zeros(1, np.int64), np.zeros(1))
        raise MusicrecError("the scores are not numbers")

    monkeypatch.setattr(exporting, "top_songs", broken)
    with pytest.raises(MusicrecError, match="not numbers"):
        export(kkbox_world.data, places, tmp_path, ExportOptions("mf", negatives=0), device="cpu")
    files = {path.name for path in tmp_path.iterdir()}
    assert files == {".export", "split.parquet", "songs.parquet", "listeners.parquet"}


def test_what_a_killed_export_left_is_no_part_of_the_next(
    kkbox_world: World, places: Places, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*_: object) -> dict[str, object]:
        raise KeyboardInterrupt

    (tmp_path / "mine.txt").write_text("mine")
    with monkeypatch.context() as patch:
        patch.setattr(exporting, "_protocol", killed)
        with pytest.raises(KeyboardInterrupt):
            export(kkbox_world.data, places, tmp_path, ExportOptions("mf", negatives=2), True, "cpu")
    assert (tmp_path / "run" / "model.safetensors").is_file()
    export(kkbox_world.data, places, tmp_path, ExportOptions(negatives=0), True, "cpu")
    there = {path.name for path in tmp_path.rglob("*") if path.is_file()}
    assert there == {"mine.txt", "split.parquet", "songs.parquet", "listeners.parquet", "protocol.json"}


def test_what_cannot_be_written_is_told_before_anything_is(kkbox_world: World, places: Places, tmp_path: Path) -> None:
    for options, error, words in (
        (ExportOptions("none"), NotFound, "no run is called 'none'"),
        (ExportOptions(negatives=200), MusicrecError, "fewer than 200 unplayed songs: give a smaller --negatives"),
    ):
        with pytest.raises(error, match=words):
            export(kkbox_world.data, places, tmp_path / "new", options, device="cpu")
    assert not (tmp_path / "new").exists()


def test_several_processes_list_what_one_lists(kkbox_world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    data = kkbox_world.data
    scorer = baseline("itemknn", data, CPU)

    def rows() -> list[tuple[Any, ...]]:
        found = top_songs(scorer, data.past("test"), data.song_count, 10, CPU)
        parts = [(each.listener, each.rank, each.song, each.score) for each in found]
        return [row for part in parts for row in zip(*(column.tolist() for column in part), strict=True)]

    alone = rows()
    monkeypatch.setattr(exporting_top, "_CELLS", 7 * data.song_count)
    assert rows() == alone
    together = []
    for rank in range(3):
        monkeypatch.setattr(distributed, "current", lambda rank=rank: Group(rank, 3))
        monkeypatch.setattr(distributed, "gathered", lambda part: part)
        together += rows()
    assert sorted(together) == sorted(alone)
