"""What is done ahead of need: tables read in a thread, torch's libraries opened before its import."""

from __future__ import annotations

import subprocess
import sys
from importlib.machinery import ModuleSpec
from pathlib import Path

import numpy as np
import pytest
import torch
from worlds import World

from musicrec.core import preloading
from musicrec.core.dataset import Dataset
from musicrec.core.errors import MusicrecError
from musicrec.core.explorer import Explorer
from musicrec.core.models.configs import DTNMRConfig, bags_read
from musicrec.core.tables.ahead import Ahead
from musicrec.core.tables.columns import BagKey, read_bags, read_plays

SONGS: BagKey = ("song", ("artist", "genre"), 2, 8)
LISTENERS: BagKey = ("listener", ("age",), 2, 8)


def test_what_is_read_ahead_is_what_is_read(kkbox_world: World) -> None:
    path = kkbox_world.places.dataset(kkbox_world.name)
    ahead = Ahead(path, [SONGS, LISTENERS])
    plays, _, counts = ahead.tables()
    assert np.array_equal(plays.song, read_plays(path).song)
    assert counts == (kkbox_world.data.listener_count, kkbox_world.data.song_count)
    for key in (LISTENERS, SONGS):
        found, wanted = ahead.bags(key), read_bags(path, *key)
        assert found is not None
        assert np.array_equal(found.row, wanted.row)
        assert np.array_equal(found.code, wanted.code)
        assert found.size == wanted.size
        assert ahead.bags(key) is None
    assert ahead.bags(("song", ("year",), 1, 1)) is None


def test_a_dataset_is_the_same_read_ahead_or_not(kkbox_world: World) -> None:
    explorer = Explorer.open(kkbox_world.places)
    path, card = explorer.catalogue.path, explorer.dataset
    one, two = Dataset.load(path, card), Dataset.load(path, card, Ahead(path, [SONGS]))
    for name in ("offsets", "songs", "behaviours", "split", "popularity", "lengths"):
        assert torch.equal(getattr(one, name), getattr(two, name))
    for key in (SONGS, LISTENERS, SONGS):
        assert torch.equal(one.bags(*key).bags.values, two.bags(*key).bags.values)
        assert torch.equal(one.bags(*key).bags.offsets, two.bags(*key).bags.offsets)
    explorer.close()


def test_what_cannot_be_read_is_told_to_who_asks(tmp_path: Path) -> None:
    (tmp_path / "no.duckdb").write_text("junk " * 1000)
    ahead = Ahead(tmp_path / "no.duckdb", [SONGS])
    with pytest.raises(MusicrecError, match=r"no\.duckdb cannot be read: "):
        ahead.tables()
    with pytest.raises(MusicrecError, match=r"no\.duckdb cannot be read: "):
        ahead.bags(SONGS)


def test_what_a_run_will_ask_for() -> None:
    config = DTNMRConfig(song_features=("year",), rare=5)
    told = {"song_features": ["year"], "rare": 5}  # as JSON has it
    assert bags_read("dtnmr", told) == (config.song_bags, config.listener_bags)
    assert bags_read("ncf", {}) == bags_read("no such model", {}) == bags_read("dtnmr", {"mood": 1}) == ()


def test_torch_is_whole_after_its_libraries_were_opened() -> None:
    code = """if True:
        from musicrec.core.preloading import preload_torch
        preload_torch()
        import sys
        assert "torch" not in sys.modules
        import torch
        assert float(torch.linalg.solve(torch.eye(3) * 2, torch.ones(3)).sum()) == 1.5
    """
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize("spec", [None, ModuleSpec("torch", None), "nowhere"])
def test_where_there_are_no_such_libraries_nothing_happens(
    spec: ModuleSpec | str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if isinstance(spec, str):
        spec = ModuleSpec("torch", None, is_package=True)
        spec.submodule_search_locations = [str(tmp_path)]
    monkeypatch.delitem(sys.modules, "torch")
    monkeypatch.setattr(preloading, "find_spec", lambda name: spec)
    preloading.preload_torch()
