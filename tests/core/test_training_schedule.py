"""How the learning rate moves, and what a training may start from."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from worlds import World

from musicrec.core.errors import UsageError
from musicrec.core.models.base import GradientModel
from musicrec.core.models.configs import GradientConfig, config_for
from musicrec.core.optimizers import learning_rate
from musicrec.core.places import Places
from musicrec.core.runs import WEIGHTS, read_history
from musicrec.core.training import train


def _rates(planned: int, **settings: object) -> list[float]:
    config = GradientConfig(lr=8.0, **settings)  # type: ignore[arg-type]
    return [learning_rate(config, step, planned) for step in range(planned)]


def test_schedules_worked_by_hand() -> None:
    assert _rates(3) == [8, 8, 8]
    assert _rates(4, warmup_steps=2) == [4, 8, 8, 8]
    assert _rates(4, schedule="linear") == [8, 6, 4, 2]
    assert _rates(6, schedule="linear", warmup_steps=2) == [4, 8, 8, 6, 4, 2]
    assert _rates(4, schedule="cosine") == pytest.approx([8, 4 + 4 * 0.5**0.5, 4, 4 - 4 * 0.5**0.5])


@given(st.sampled_from(["constant", "linear", "cosine"]), st.integers(0, 50), st.integers(1, 60), st.integers(0, 200))
def test_no_rate_leaves_its_range(schedule: str, warmup: int, planned: int, step: int) -> None:
    config = GradientConfig(lr=0.1, schedule=schedule, warmup_steps=warmup)  # type: ignore[arg-type]
    assert 0 <= learning_rate(config, step, planned) <= 0.1
    if schedule != "constant" and step >= max(planned, warmup + 1):
        assert learning_rate(config, step, planned) == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize("settings", [{"schedule": "steep"}, {"warmup_steps": -1}])
def test_schedules_that_do_not_exist_are_told(settings: dict[str, object]) -> None:
    with pytest.raises(UsageError, match=r"schedule|warmup_steps"):
        config_for("ncf", chosen=settings)


def test_a_schedule_moves_the_training(kkbox_world: World, tmp_path: Path) -> None:
    places, losses = Places(tmp_path, tmp_path), {}
    for schedule in ("constant", "linear"):
        config = config_for("gmf", chosen={"epochs": 2, "batch_size": 64, "schedule": schedule, "lr": 0.01})
        train(kkbox_world.data, "gmf", config, places, schedule, "cpu")
        losses[schedule] = [each.loss for each in read_history(places, schedule)]
    assert losses["constant"][1] < losses["linear"][1]


def test_a_training_starts_from_what_it_is_given(kkbox_world: World, tmp_path: Path) -> None:
    from safetensors.torch import load

    def halve(model: GradientModel) -> None:
        assert not hasattr(model, "_songs")  # nothing is prepared yet
        with torch.no_grad():
            for each in model.parameters():
                each.fill_(0.5)

    config = config_for("gmf", chosen={"epochs": 1, "lr": 0.0})
    places = Places(tmp_path, tmp_path)
    train(kkbox_world.data, "gmf", config, places, "run", "cpu", initialise=halve)
    weights = load((places.run("run") / WEIGHTS).read_bytes())
    assert all(bool((each == 0.5).all()) for each in weights.values())
