"""NeuMF that starts from GMF and MLP: the same logits, three runs, and an interrupt in any of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load
from worlds import World

from musicrec.core.errors import UsageError
from musicrec.core.models.configs import config_for
from musicrec.core.models.ncf import NCF
from musicrec.core.models.pretraining import start_from
from musicrec.core.models.registry import build
from musicrec.core.places import Places
from musicrec.core.pretraining import train
from musicrec.core.records import RunCard
from musicrec.core.runs import WEIGHTS, read_card, run_names
from musicrec.core.training import resume
from musicrec.core.watch import Epoch, Watch
from musicrec.core.weights import load_model

CPU = torch.device("cpu")
SETTINGS: dict[str, Any] = {"pretrain": True, "batch_size": 64, "epochs": 2, "patience": 100}


@pytest.fixture
def places(tmp_path: Path) -> Places:
    return Places(tmp_path / "data", tmp_path / "checkpoints")


def _train(world: World, places: Places, run: str, watch: Watch | None = None, **chosen: Any) -> RunCard:
    return train(world.data, "ncf", config_for("ncf", chosen=SETTINGS | chosen), places, run, "cpu", watch)


def _after(passes: int) -> Watch:
    seen: list[Epoch] = []

    def stop(at: Epoch) -> None:
        seen.append(at)
        if len(seen) == passes:
            raise KeyboardInterrupt

    return Watch(epoch=stop)


@pytest.mark.parametrize("bias", [False, True])
@pytest.mark.parametrize("alpha", [0.0, 0.3, 1.0])
def test_the_first_logits_are_a_mixture_of_both(alpha: float, bias: bool, kkbox_world: World) -> None:
    data, models = kkbox_world.data, {}
    for name in ("gmf", "mlp", "ncf"):
        model = build(name, config_for(name, chosen={"bias": bias}), data)
        assert isinstance(model, NCF)
        with torch.no_grad():
            for each in model.parameters():
                each.normal_(std=0.7)
        models[name] = model.eval()
    start_from(models["ncf"], models["gmf"], models["mlp"], alpha)
    listeners, songs = torch.arange(40), torch.arange(40, 80)
    wanted = alpha * models["gmf"](listeners, songs) + (1 - alpha) * models["mlp"](listeners, songs)
    assert torch.allclose(models["ncf"](listeners, songs), wanted, atol=1e-5)


def test_three_runs_are_trained_and_the_last_starts_from_the_others(kkbox_world: World, places: Places) -> None:
    told: list[RunCard] = []
    data = kkbox_world.data
    config = config_for("ncf", chosen=SETTINGS | {"optimizer": "sgd", "lr": 0.0, "alpha": 0.3, "epochs": 1})
    card = train(data, "ncf", config, places, "run", "cpu", None, told.append)
    assert [each.name for each in told] == ["run-gmf", "run-mlp"]
    assert run_names(places) == ("run", "run-gmf", "run-mlp")
    for branch in ("gmf", "mlp"):
        of_branch = read_card(places, f"run-{branch}")
        assert (of_branch.model, of_branch.config["optimizer"], of_branch.config["lr"]) == (branch, "adam", 1e-3)
    neumf, gmf, mlp = (load_model(places, each, data, CPU) for each in (card, *told))
    listeners, songs = torch.arange(40), torch.arange(40, 80)
    with torch.no_grad():  # it stayed where it began, at a learning rate of nothing
        wanted = 0.3 * gmf(listeners, songs) + 0.7 * mlp(listeners, songs)
        assert torch.allclose(neumf(listeners, songs), wanted, atol=1e-5)


@pytest.mark.parametrize(("passes", "cut"), [(1, "run-gmf"), (3, "run-mlp")])
def test_an_interrupt_before_neumf_is_gone_on_with_by_the_same_call(
    passes: int, cut: str, kkbox_world: World, places: Places
) -> None:
    card = _train(kkbox_world, places, "run", _after(passes))
    assert (card.name, card.status) == (cut, "interrupted")
    assert _train(kkbox_world, places, "run").status == "finished"
    _train(kkbox_world, places, "straight")
    assert _alike(places, "run", "straight")


def test_an_interrupt_of_neumf_is_resumed(kkbox_world: World, places: Places) -> None:
    card = _train(kkbox_world, places, "run", _after(5))
    assert (card.name, card.status) == ("run", "interrupted")
    assert resume(kkbox_world.data, places, "run", device="cpu").epochs == 2
    _train(kkbox_world, places, "straight")
    assert _alike(places, "run", "straight")


def _alike(places: Places, one: str, other: str) -> bool:
    first, second = (load((places.run(run) / WEIGHTS).read_bytes()) for run in (one, other))
    return all(torch.equal(value, second[name]) for name, value in first.items())


def test_names_of_other_trainings_are_taken(kkbox_world: World, places: Places) -> None:
    _train(kkbox_world, places, "run", _after(1))
    with pytest.raises(UsageError, match="run-gmf exists already"):
        _train(kkbox_world, places, "run", epochs=3)
    _train(kkbox_world, places, "run")
    with pytest.raises(UsageError, match="run exists already"):
        _train(kkbox_world, places, "run")
