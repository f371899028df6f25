"""Figures of each listener are read only beside the figures that tell of them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from worlds import World

from musicrec.core.errors import NotFound
from musicrec.core.explorer import Explorer
from musicrec.core.measurements import HASH, read_measurement
from musicrec.core.models.configs import config_for
from musicrec.core.places import Places
from musicrec.core.runs import METRICS
from musicrec.core.training import train


def test_a_parquet_that_nothing_vouches_for_is_not_read(kkbox_world: World, tmp_path: Path) -> None:
    places = Places(kkbox_world.places.data, tmp_path)
    train(kkbox_world.data, "popularity", config_for("popularity"), places, "crowd")
    explorer = Explorer.open(places, kkbox_world.name)
    evaluation = explorer.evaluate(["crowd"])[-1]
    assert read_measurement(explorer.places, "crowd", evaluation.protocol).columns
    path = explorer.places.run("crowd") / METRICS / "test-full.json"
    told = json.loads(path.read_text())
    for text in (json.dumps({key: value for key, value in told.items() if key != HASH}), "[]", "", None):
        if text is None:
            path.unlink()
        else:
            path.write_text(text)
        with pytest.raises(NotFound, match="musicrec evaluate crowd"):
            read_measurement(explorer.places, "crowd", evaluation.protocol)
