"""Weights come back as they were, and files that are no weights of this run are told in one line."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime
from pathlib import Path

import pytest
import torch
from safetensors.torch import save
from torch import Tensor
from worlds import World

from musicrec.core.errors import MusicrecError
from musicrec.core.models.configs import PRESETS, config_for, family
from musicrec.core.models.registry import build
from musicrec.core.places import Places
from musicrec.core.records import RunCard
from musicrec.core.runs import METRICS, WEIGHTS
from musicrec.core.weights import load_model, save_weights

CPU = torch.device("cpu")
MODELS = ("dtnmr", "ncf", "gmf", "mlp", "itemknn", "popularity")
Weights = dict[str, Tensor]


@pytest.fixture
def places(kkbox_world: World, tmp_path: Path) -> Places:
    return Places(kkbox_world.places.data, tmp_path)


def _saved(model: str, world: World, places: Places) -> tuple[RunCard, Weights]:
    config = config_for(model, "quick" if family(model) in PRESETS["quick"] else "reference")
    torch.manual_seed(5)
    weights = build(model, config, world.data).state_dict()
    save_weights(places, "run", weights)
    card = RunCard(
        name="run",
        model=model,
        dataset=world.data.name,
        fingerprint=world.data.fingerprint,
        config=asdict(config),
        seed=5,
        device="cpu",
        created=datetime(2024, 1, 1),
        status="finished",
        epochs=1,
        best_epoch=1,
        seconds=1.0,
        parameters=1,
        metrics={},
    )
    return card, weights


@pytest.mark.parametrize("model", MODELS)
def test_weights_come_back_and_chance_is_left_alone(model: str, kkbox_world: World, places: Places) -> None:
    card, weights = _saved(model, kkbox_world, places)
    before = torch.random.get_rng_state()
    loaded = load_model(places, card, kkbox_world.data, CPU)
    assert torch.equal(torch.random.get_rng_state(), before)
    found = loaded.state_dict()
    assert found.keys() == weights.keys()
    assert all(torch.equal(found[name], value) and found[name].dtype == value.dtype for name, value in weights.items())
    assert {name for name, _ in loaded.named_parameters()} == {
        name
        for name, _ in build(model, config_for(model, chosen=dict(card.config)), kkbox_world.data).named_parameters()
    }
    assert all(parameter.requires_grad for parameter in loaded.parameters())


@pytest.mark.parametrize("model", ["dtnmr", "ncf"])
def test_loaded_weights_outlive_their_file(model: str, kkbox_world: World, places: Places) -> None:
    card, weights = _saved(model, kkbox_world, places)
    loaded = load_model(places, card, kkbox_world.data, CPU)
    save_weights(places, "run", {name: value + 1 for name, value in weights.items()})
    (places.run("run") / WEIGHTS).unlink()
    assert all(torch.equal(value, weights[name]) for name, value in loaded.state_dict().items())
    with torch.no_grad():
        loaded.load_state_dict(weights)  # they can be written to


def _first(weights: Weights) -> str:
    return max(weights, key=lambda name: weights[name].numel())


FOREIGN: dict[str, Callable[[Weights], bytes]] = {
    "empty": lambda weights: b"",
    "no weights": lambda weights: b"junk " * 100,
    "cut off": lambda weights: save(weights)[:-7],
    "one too few": lambda weights: save({name: weights[name] for name in weights if name != _first(weights)}),
    "one too many": lambda weights: save(weights | {"mood": torch.ones(3)}),
    "another shape": lambda weights: save(weights | {_first(weights): torch.ones(3, 2)}),
}


@pytest.mark.parametrize("content", FOREIGN.values(), ids=FOREIGN.keys())
@pytest.mark.parametrize("model", ["dtnmr", "ncf", "popularity"])
def test_what_are_not_its_weights_is_told(
    model: str, content: Callable[[Weights], bytes], kkbox_world: World, places: Places
) -> None:
    card, weights = _saved(model, kkbox_world, places)
    path = places.run("run") / WEIGHTS
    path.write_bytes(content(weights))
    with pytest.raises(
        MusicrecError, match=rf"run run cannot be used, train it again: {re.escape(str(path))} is damaged"
    ):
        load_model(places, card, kkbox_world.data, CPU)
    path.unlink()
    with pytest.raises(MusicrecError, match="damaged") as problem:
        load_model(places, card, kkbox_world.data, CPU)
    assert "\n" not in str(problem.value)


def test_weights_of_another_precision_are_taken_in_the_models(kkbox_world: World, places: Places) -> None:
    card, weights = _saved("ncf", kkbox_world, places)
    save_weights(places, "run", {name: value.double() for name, value in weights.items()})
    loaded = load_model(places, card, kkbox_world.data, CPU).state_dict()
    assert all(torch.equal(loaded[name], value) for name, value in weights.items())


def test_figures_stay_with_the_weights_that_they_are_of(places: Places) -> None:
    weights = {"a": torch.arange(3.0)}
    save_weights(places, "run", weights)
    kept = places.run("run") / METRICS / "test-full.json"
    kept.parent.mkdir()
    kept.write_text("{}")
    save_weights(places, "run", weights)
    assert kept.is_file()
    save_weights(places, "run", {"a": weights["a"] + 1})
    assert not kept.exists()


def test_a_file_that_is_cut_short_under_open_weights_harms_nobody(kkbox_world: World, places: Places) -> None:
    card, weights = _saved("ncf", kkbox_world, places)
    loaded = load_model(places, card, kkbox_world.data, CPU)
    with (places.run("run") / WEIGHTS).open("rb+") as file:
        file.truncate(100)  # of a mapped file, the next look would end the process
    assert all(torch.equal(value, weights[name]) for name, value in loaded.state_dict().items())


@pytest.mark.parametrize("wrong", [float("nan"), float("inf"), -float("inf")])
def test_weights_that_are_no_numbers_are_refused(wrong: float, kkbox_world: World, places: Places) -> None:
    card, weights = _saved("ncf", kkbox_world, places)
    name = _first(weights)
    changed = weights[name].clone()
    changed.view(-1)[-1] = wrong
    save_weights(places, "run", weights | {name: changed})
    with pytest.raises(MusicrecError, match=f"{WEIGHTS} is damaged.*{re.escape(name)} holds what is no number"):
        load_model(places, card, kkbox_world.data, CPU)
