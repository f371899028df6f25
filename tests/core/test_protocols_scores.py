"""Scores of other programs: the figures of the run that they come from, and what cannot be used told in a line each."""

from __future__ import annotations

from pathlib import Path

import duckdb
import numpy as np
import pytest
import torch
from worlds import World

from musicrec.core.errors import MusicrecError, NotFound, UsageError
from musicrec.core.evaluation import measure
from musicrec.core.explorer import Explorer
from musicrec.core.models.configs import config_for
from musicrec.core.places import Places
from musicrec.core.protocols import ProtocolOptions, tasks_for
from musicrec.core.scores import FileScorer, score_file
from musicrec.core.standings import baseline
from musicrec.core.tables.catalogue import open_catalogue
from musicrec.core.tables.scores import open_scores
from musicrec.core.training import train

CPU = torch.device("cpu")


def _ids(world: World) -> tuple[list[str], list[str]]:
    catalogue = open_catalogue(world.places.dataset(world.name))
    listeners = [each.id for each in catalogue.find_listeners(limit=10_000).items]
    songs = [each.id for each in catalogue.find_songs(limit=10_000).items]
    catalogue.close()
    return listeners, songs


def _write(path: Path, rows: list[tuple[object, object, object]]) -> Path:
    """Write rows as another program would."""
    path.write_text("listener,song,score\n" + "".join(",".join(map(str, row)) + "\n" for row in rows))
    return path


@pytest.fixture(scope="module")
def exported(kkbox_world: World, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All scores of item-kNN, as Parquet, in no order."""
    data, (listeners, songs) = kkbox_world.data, _ids(kkbox_world)
    scores = baseline("itemknn", data, CPU).scores(data.past("test")).double().numpy()
    order = np.random.default_rng(2).permutation(scores.size)
    columns = {
        "song": np.array(songs, dtype=object)[order % len(songs)],
        "listener": np.array(listeners, dtype=object)[order // len(songs)],
        "score": scores.ravel()[order],
    }
    path = tmp_path_factory.mktemp("exported") / "near.parquet"
    with duckdb.connect() as connection:
        connection.register("columns", columns)
        connection.sql("SELECT * FROM columns").write_parquet(str(path))
    return path


@pytest.mark.parametrize("protocol", ["full", "sampled", "dtnmr-paper", "cold-songs"])
def test_the_scores_of_a_run_get_the_figures_of_the_run(protocol: str, kkbox_world: World, exported: Path) -> None:
    explorer = Explorer.open(kkbox_world.places, "kkbox")
    found = explorer.evaluate([], protocol=protocol, negatives=2, scores=exported)  # type: ignore[arg-type]
    explorer.close()
    by_run = {each.run: each for each in found}
    assert by_run["near"].model == "file"
    assert by_run["near"].metrics == by_run["(itemknn)"].metrics
    assert by_run["near"].protocol == by_run["(itemknn)"].protocol
    assert by_run["near"].notices == by_run["(itemknn)"].notices


def test_blocks_of_listeners_are_read_as_they_are_asked_for(
    kkbox_world: World, exported: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = kkbox_world.data
    (task,) = tasks_for(data, ProtocolOptions())
    with score_file(exported, "near", kkbox_world.places.dataset("kkbox")) as file:
        assert file is not None
        whole = measure(FileScorer(file, data.song_count), data, task, "near", "file", CPU).evaluation
        monkeypatch.setattr("musicrec.core.held_out_ranks._CELLS", 7 * data.song_count)
        assert measure(FileScorer(file, data.song_count), data, task, "near", "file", CPU).evaluation == whole


def test_what_cannot_be_used_is_counted(kkbox_world: World, tmp_path: Path) -> None:
    (task,) = tasks_for(kkbox_world.data, ProtocolOptions())
    (listeners, songs), (one, two) = _ids(kkbox_world), task.past.ids[:2].tolist()
    rows: list[tuple[object, object, object]] = [
        (listeners[one], songs[3], 0.5),
        (listeners[one], songs[3], 0.75),  # once more
        (listeners[one], songs[4], "1e300"),
        ("nobody", songs[3], 1),
        ("nobody", "nothing", "nan"),
        (listeners[two], "nothing", 1),
        (listeners[two], songs[5], "nan"),
        (listeners[two], songs[6], "many"),
        (listeners[two], songs[7], "inf"),
        (listeners[two], songs[8], ""),
    ]
    with score_file(_write(tmp_path / "mine.csv", rows), "mine", kkbox_world.places.dataset("kkbox")) as file:
        assert file is not None
        count = len(task.past)
        assert file.notices(task) == (
            "2 rows name a listener that the dataset does not have: left out",
            "1 row names a song that the dataset does not have: left out",
            "4 rows have a score that is no finite number: left out",
            "1 row names a listener and a song once more: the highest score counts",
            f"{count - 1} of {count} listeners are not in the file: for them all songs tie",
        )
        row, song, score = file.table.rows(np.array([one, two]))
        assert (row.tolist(), song.tolist(), score.tolist()) == ([0, 0], [3, 4], [0.75, 1e300])


def test_songs_that_the_file_does_not_have_come_last_and_tie(kkbox_world: World, tmp_path: Path) -> None:
    data, (listeners, songs) = kkbox_world.data, _ids(kkbox_world)
    rows: list[tuple[object, object, object]] = [(listeners[0], songs[9], -5.5), (listeners[0], songs[2], -1e200)]
    with score_file(_write(tmp_path / "mine.csv", rows), "mine", kkbox_world.places.dataset("kkbox")) as file:
        assert file is not None
        scorer = FileScorer(file, data.song_count)
        scores = scorer.scores(data.past("test"))
    assert scores.shape == (data.listener_count, data.song_count)
    order = scores[0].argsort(descending=True).tolist()
    assert order[:2] == [9, 2]
    assert len(scores[0].unique()) == 3
    assert len(scores[1:].unique()) == 1


def test_scores_that_only_float64_tells_apart_are_no_ties(kkbox_world: World, tmp_path: Path) -> None:
    listeners, songs = _ids(kkbox_world)
    close = [1 + 1e-12, 1 + 2e-12]
    rows: list[tuple[object, object, object]] = [(listeners[0], songs[n], repr(close[n])) for n in (0, 1)]
    with score_file(_write(tmp_path / "mine.csv", rows), "mine", kkbox_world.places.dataset("kkbox")) as file:
        assert file is not None
        state = kkbox_world.data.past("test")
        scores = FileScorer(file, kkbox_world.data.song_count).scores(state)
        parts = FileScorer(file, kkbox_world.data.song_count).parts(state, torch.tensor([[1]] * len(state)))
    assert float(scores[0, 1]) > float(scores[0, 0])
    assert float(parts.values[0, 0, 0]) == close[1]


@pytest.mark.parametrize(
    ("name", "content", "error", "words"),
    [
        ("none.csv", None, NotFound, "there is no file"),
        ("scores.txt", "x", UsageError, r"\.parquet, \.csv or \.csv\.gz"),
        ("scores.csv", "user,item,score\n1,2,3\n", UsageError, "it has user, item, score"),
        ("scores.parquet", "no parquet", MusicrecError, "cannot be read"),
        ("scores.csv", "", UsageError, "must have the columns"),
    ],
)
def test_what_is_no_file_of_scores_is_told(
    name: str, content: str | None, error: type[Exception], words: str, kkbox_world: World, tmp_path: Path
) -> None:
    if content is not None:
        (tmp_path / name).write_text(content)
    with (
        pytest.raises(error, match=words) as told,
        open_scores(tmp_path / name, kkbox_world.places.dataset("kkbox")),
    ):
        pass
    assert "\n" not in str(told.value)


def test_a_file_of_scores_knows_nobody_new(kkbox_world: World, exported: Path, tmp_path: Path) -> None:
    explorer = Explorer.open(Places(kkbox_world.places.data, tmp_path), "kkbox")
    with pytest.raises(UsageError, match="near: a file of scores knows no new listeners"):
        explorer.evaluate([], protocol="cold-listeners", scores=exported)
    train(kkbox_world.data, "popularity", config_for("popularity"), explorer.places, "near")
    with pytest.raises(UsageError, match="another --name"):
        explorer.evaluate(["near"], scores=exported)
    with pytest.raises(UsageError, match="a run is called near already"):  # measured or not, its figures are its own
        explorer.evaluate([], scores=exported)
    renamed = explorer.evaluate(["near"], scores=exported, scores_name="theirs")
    assert [each.run for each in renamed] == ["(itemknn)", "near", "theirs"]
    assert not (explorer.places.run("theirs")).exists()
    explorer.close()


def test_listeners_that_are_not_asked_for_are_left_out(kkbox_world: World, exported: Path) -> None:
    with open_scores(exported, kkbox_world.places.dataset("kkbox")) as table:
        row, song, score = table.rows(np.array([3, 7, 20]))
    assert sorted(set(row.tolist())) == [0, 1, 2]
    assert len(song) == len(score) == 3 * kkbox_world.data.song_count
