"""Writing a sample: seeded, atomic, polite to what is there, and clear about what it cannot do."""

from __future__ import annotations

import tempfile
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from musicrec.core.errors import MusicrecError, UsageError
from musicrec.core.tables.sample import write_sample
from musicrec.core.tables.sample.crowd import gather
from musicrec.core.tables.sample.flavours import FLAVOURS
from musicrec.core.tables.sample.staging import staged
from musicrec.core.tables.sample.stream import BLOCK, draw_plays
from musicrec.core.tables.sample.world import build_world

FORMATS = ["kkbox", "melon"]


def _bytes(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.mark.parametrize("format", FORMATS)
def test_same_seed_same_bytes(format, tmp_path):
    for name, seed in (("one", 3), ("two", 3), ("other", 4)):
        write_sample(format, tmp_path / name, listeners=60, songs=200, plays=900, seed=seed)
    one, two, other = (_bytes(tmp_path / name) for name in ("one", "two", "other"))
    assert one == two
    assert all(one[name] != other[name] for name in one if name != "genre_gn_all.json")


@pytest.mark.parametrize("format", FORMATS)
def test_nothing_is_overwritten(format, tmp_path):
    taken = tmp_path / ("test.csv" if format == "kkbox" else "train.json")
    taken.write_text("mine")
    with pytest.raises(MusicrecError, match=taken.name) as problem:
        write_sample(format, tmp_path, listeners=5, songs=20, plays=20)
    assert "\n" not in str(problem.value)
    assert _bytes(tmp_path) == {taken.name: b"mine"}


def test_a_file_in_place_of_the_folder_is_one_line(tmp_path):
    (tmp_path / "folder").write_text("")
    with pytest.raises(MusicrecError, match="cannot write"):
        write_sample("kkbox", tmp_path / "folder", listeners=5, songs=20, plays=20)


def test_a_sample_cut_short_leaves_nothing(tmp_path):
    def interrupted() -> None:
        with staged(tmp_path, ("train.csv", "test.csv")) as files:
            files["train.csv"].write("half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert _bytes(tmp_path) == {}


@pytest.mark.parametrize(
    "sizes",
    [{"songs": 19}, {"listeners": 0}, {"plays": 999}, {"plays": 10**9}, {"seed": -1}, {"listeners": -3, "plays": 5}],
)
def test_sizes_that_no_world_has_are_wrong_use(sizes, tmp_path):
    with pytest.raises(UsageError) as problem:
        write_sample("kkbox", tmp_path / "new", **sizes)
    assert "\n" not in str(problem.value)
    assert not (tmp_path / "new").exists()


def test_an_unknown_format_is_wrong_use(tmp_path):
    with pytest.raises(UsageError, match="kkbox or melon"):
        write_sample("spotify", tmp_path)


@settings(max_examples=25, deadline=None)
@given(
    format=st.sampled_from(FORMATS),
    listeners=st.integers(1, 60),
    songs=st.integers(20, 300),
    crowding=st.floats(0, 1),
    seed=st.integers(0, 2**63),
)
def test_any_sizes_give_whole_files(format, listeners, songs, crowding, seed):
    plays = listeners + int(crowding * (listeners * songs // 2 - listeners))
    with tempfile.TemporaryDirectory() as folder:
        report = write_sample(format, Path(folder), listeners=listeners, songs=songs, plays=plays, seed=seed)
        assert all(file.bytes > 0 for file in report.files)
        assert not list(Path(folder).glob(".*"))


def test_progress_rises_to_one(tmp_path):
    seen = []
    write_sample("kkbox", tmp_path, listeners=50, songs=100, plays=500, progress=lambda file, share: seen.append(share))
    assert seen == sorted(seen)
    assert seen[-1] == 1.0


def test_memory_does_not_grow_with_plays():
    peaks = []
    for plays in (2 * BLOCK, 6 * BLOCK):
        flavour = FLAVOURS["kkbox"]
        world = build_world(flavour, 20_000, 1)
        crowd = gather(flavour, plays // 50, plays, 20_000, 1, 0.2)
        tracemalloc.start()
        assert sum(len(drawn.song) for drawn in draw_plays(world, flavour, crowd, 1, themed=False)) == plays
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < 1.3 * peaks[0]
