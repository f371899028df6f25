"""Runs that are loaded: few at once, and again where they have other weights."""

from __future__ import annotations

import gc
import os
import weakref
from collections.abc import Callable
from pathlib import Path
from typing import cast

import pytest
from worlds import World

from musicrec.core.errors import MusicrecError
from musicrec.core.explorer import Explorer
from musicrec.core.loaded_runs import KEPT, LoadedRuns
from musicrec.core.models.configs import config_for
from musicrec.core.places import Places
from musicrec.core.ranking import Ranking
from musicrec.core.training import train


class Loaded:
    """Stands for what was loaded, with the weights that there were."""

    def __init__(self, weights: str) -> None:
        self.weights = weights


def _shelf(places: Places) -> tuple[Callable[..., Loaded], Callable[[str, str], None]]:
    """Return what loads runs that are files of text, and what writes such a run."""

    def load(name: str, progress: Callable[[str], None]) -> Ranking:
        text = (places.run(name) / "model.safetensors").read_text()
        if text == "damaged":
            raise MusicrecError(text)
        return cast(Ranking, Loaded(text))

    def write(name: str, text: str) -> None:
        places.run(name).mkdir(parents=True, exist_ok=True)
        (places.run(name) / "model.safetensors").write_text(text)

    return cast("Callable[..., Loaded]", LoadedRuns(places, load).get), write


def test_other_weights_are_loaded_when_they_are_looked_for(tmp_path: Path) -> None:
    get, write = _shelf(Places(tmp_path, tmp_path))
    write("one", "first")
    first = get("one")
    write("one", "second, and longer")
    assert get("one") is first
    second = get("one", look=True)
    assert second.weights == "second, and longer"
    assert get("one") is get("one", look=True) is second
    write("one", "damaged")
    with pytest.raises(MusicrecError):
        get("one", look=True)
    assert get("one") is second


def test_those_asked_for_the_longest_ago_are_let_go(tmp_path: Path) -> None:
    get, write = _shelf(Places(tmp_path, tmp_path))
    names = [f"run-{number}" for number in range(KEPT + 1)]
    for name in names:
        write(name, name)
    held = [weakref.ref(get(name)) for name in names[:KEPT]]
    get(names[0])  # which is asked for all the time
    get(names[KEPT])
    assert [each() is not None for each in held] == [True, False, *[True] * (KEPT - 2)]


def test_the_explorer_looks_when_it_loads_and_lets_go(kkbox_world: World, tmp_path: Path) -> None:
    places = Places(kkbox_world.places.data, tmp_path)
    names = [f"crowd-{number}" for number in range(KEPT + 1)]
    for name in names:
        train(kkbox_world.data, "popularity", config_for("popularity"), places, name, "cpu")
    explorer = Explorer.open(places, kkbox_world.name)
    steps: list[str] = []
    for _ in range(2):
        explorer.load(names[0], steps.append)
    told = len(steps)
    assert steps.count(f"loading run {names[0]}") == 1
    os.utime(places.run(names[0]) / "model.safetensors", (1, 1))
    explorer.load(names[0], steps.append)
    assert len(steps) == 2 * told
    gc.collect()
    gc.disable()  # what is let go must need none
    try:
        first = weakref.ref(explorer._ranking(names[0]))
        for name in names[1:]:
            explorer.load(name)
        assert first() is None
    finally:
        gc.enable()
        explorer.close()
