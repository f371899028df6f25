"""The compiled training of NCF: the weights of dense Adam, whatever was missed, and the same ones each time."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load
from torch import Tensor, nn
from worlds import World

from musicrec.core.dataset import Dataset
from musicrec.core.engines import VARIABLE, choose_engine, fused_steps
from musicrec.core.errors import UsageError
from musicrec.core.kernels import lazy_adam
from musicrec.core.models.base import GradientModel
from musicrec.core.models.configs import GradientConfig, config_for
from musicrec.core.models.mf import MF
from musicrec.core.models.ncf import NCF
from musicrec.core.models.pairs import PairModel
from musicrec.core.models.registry import build
from musicrec.core.optimizers import learning_rate, make_optimizer, set_learning_rate
from musicrec.core.places import Places
from musicrec.core.runs import WEIGHTS, read_card
from musicrec.core.threads import Crew
from musicrec.core.training import resume, train

STEPS = 100
CPU = torch.device("cpu")
SHAPES: list[tuple[str, dict[str, Any]]] = [
    ("gmf", {"negative_sampling": "uniform"}),
    ("gmf", {"factors": 20, "bias": True}),
    ("mlp", {"schedule": "cosine", "warmup_steps": 20}),
    ("ncf", {"negative_sampling": "uniform", "schedule": "linear"}),
    ("ncf", {"factors": 7, "layers": 2, "bias": True}),
    ("ncf", {"layers": 1}),
    ("ncf", {"optimizer": "adamw", "l2": 0.3}),
    ("ncf", {"song_id_plays": 3}),
    ("mf", {"optimizer": "adam", "l2": 0.0, "song_id_plays": 1}),
    ("mf", {"factors": 20, "optimizer": "adamw", "l2": 0.3, "negative_sampling": "uniform", "schedule": "linear"}),
]


class Trained:
    """A model and its optimiser, started from seed 3 and moved by pairs that do not depend on what moves it."""

    def __init__(self, data: Dataset, name: str, dtype: torch.dtype, **chosen: Any) -> None:
        torch.manual_seed(3)
        model = build(name, config_for(name, chosen=chosen), data)
        assert isinstance(model, NCF | MF)
        for layer in getattr(model, "hidden", ()):  # away from ReLU's kink, where a rounding decides where gradients go
            assert isinstance(layer, nn.Linear)
            nn.init.constant_(layer.bias, 0.5)
        model.prepare(data)
        self.model, self.config = model.to(dtype).train(), model.config
        self.optimizer = make_optimizer(model, model.config)
        self.generator = torch.Generator().manual_seed(1)

    def rates(self, passes: int) -> list[float]:
        steps = -(-self.model.samples() // self.config.batch_size)
        return [learning_rate(self.config, step, passes * steps) for step in range(passes * steps)]

    def by_torch(self, passes: int) -> Trained:
        rates = iter(self.rates(passes))
        for _ in range(passes):
            for batch in self.model.batches(self.generator):
                self.optimizer.zero_grad()
                loss = self.model.loss(replace(batch, played=batch.played.to(self.model.song_table.weight.dtype)))
                torch.autograd.backward(loss)
                set_learning_rate(self.optimizer, next(rates))
                self.optimizer.step()
        return self

    def by_kernel(self, passes: int) -> Trained:
        rates, fused = self.rates(passes), fused_steps(self.model, self.optimizer)
        for each in range(passes):
            of_pass = rates[each * len(rates) // passes : (each + 1) * len(rates) // passes]
            *_, (done, loss) = fused.steps(self.generator, of_pass.__getitem__)
            assert done == len(of_pass)
            assert torch.isfinite(loss)
        return self

    def all(self) -> dict[str, Tensor]:
        """Weights, moments and steps."""
        states = {name: self.optimizer.state[each] for name, each in self.model.named_parameters()}
        moments = {f"{name} {kind}": value for name, state in states.items() for kind, value in state.items()}
        return dict(self.model.named_parameters()) | moments


def _distance(one: Tensor, other: Tensor) -> float:
    one, other = one.detach().double(), other.detach().double()
    return float((one - other).norm() / other.norm())


@pytest.mark.parametrize(("name", "chosen"), SHAPES)
def test_a_hundred_steps_end_where_dense_adam_in_double_precision_does(
    name: str, chosen: dict[str, Any], kkbox_world: World
) -> None:
    data = kkbox_world.data
    size = -(-5 * int((data.split == 0).sum()) // STEPS)
    fused = Trained(data, name, torch.float32, batch_size=size, **chosen).by_kernel(1).all()
    dense = Trained(data, name, torch.float64, batch_size=size, **chosen).by_torch(1).all()
    assert fused.keys() == dense.keys()
    assert fused["song_table.weight step"] == dense["song_table.weight step"] >= STEPS - 2
    for key, value in dense.items():
        assert _distance(fused[key], value) < 1e-4, key


@pytest.mark.parametrize("decay", [0.0, 1e-4])
def test_steps_that_a_row_missed_are_taken_as_one_by_one(decay: float) -> None:
    # Gradients for one row at steps 1 to 3 and 700 to 703, with moments from 1e-12 to 1: missed are 696 steps,
    # and then 297
    width, last, steps = 48, 703, 1_000
    at = np.arange(1, steps + 1)
    pace, root = 1e-2 / (1 - 0.9**at) * (1 + np.sin(at / 50)), 1 / np.sqrt(1 - 0.999**at)
    gradients = np.zeros((steps + 1, width))
    scale = 10.0 ** np.linspace(-12, 0, width)
    for step in (1, 2, 3, *range(700, last + 1)):
        gradients[step] = scale * np.random.default_rng(step).normal(size=width)
    weight, first, second = np.zeros((3, width))
    for step in range(1, steps + 1):
        first, second = 0.9 * first + 0.1 * gradients[step], 0.999 * second + 0.001 * gradients[step] ** 2
        weight = (1 - decay) * weight - pace[step - 1] * first / (np.sqrt(second) * root[step - 1] + 1e-8)

    table, latest = np.zeros((1, 3, width), np.float32), np.zeros(1, np.int64)
    first_row, ends = np.zeros(1, np.int32), np.array([0, 1], np.int32)
    decays = (np.array([0.9, 0.999]) ** np.arange(steps + 2)[:, None]).astype(np.float32)
    kept, faded, sums = (
        np.arange(steps + 1) * np.log1p(-decay),
        np.zeros((steps, 5)),
        np.zeros((lazy_adam.HORIZON + 1, 5)),
    )
    for step in range(1, steps + 1):
        lazy_adam.fill_sums(step, 1, pace, root, kept, sums)
        faded[step - 1] = sums[lazy_adam.HORIZON]
        if gradients[step].any():
            _up_to(table, latest, step - 1, pace, root, decays, kept, faded)
            given = gradients[step][None, None].astype(np.float32)
            one = pace[step - 1], root[step - 1], 1 - decay
            lazy_adam.move(table, latest, first_row, 0, 1, step, given, ends, first_row, decays, *one)
    _up_to(table, latest, steps, pace, root, decays, kept, faded)
    assert np.allclose(table[0, 0], weight, rtol=2e-5, atol=1e-12)
    assert np.allclose(table[0, 2], second, rtol=2e-4, atol=1e-30)


def _up_to(table: Any, latest: Any, step: int, pace: Any, root: Any, decays: Any, kept: Any, faded: Any) -> None:
    sums = np.zeros((lazy_adam.HORIZON + 1, 5))
    lazy_adam.bring_up_to_date(table, latest, step, 1, pace, root, decays, kept, faded, sums)


@pytest.mark.parametrize("threads", [1, 2])
def test_the_same_weights_each_time_with_any_number_of_threads(
    threads: int, kkbox_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("musicrec.core.models.pair_training._TOGETHER", 1)  # others help with some of the portions
    monkeypatch.setenv("MUSICREC_THREADS", "3")
    one = Trained(kkbox_world.data, "ncf", torch.float32, batch_size=512).by_kernel(1).all()
    monkeypatch.setenv("MUSICREC_THREADS", str(threads))
    other = Trained(kkbox_world.data, "ncf", torch.float32, batch_size=512).by_kernel(1).all()
    assert all(torch.equal(value, other[key]) for key, value in one.items())


def test_threads_that_help_are_no_more_than_there_is_room_for_their_notes(
    kkbox_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    helpers: list[int] = []

    def crew(most: int) -> Crew:
        helpers.append(most)
        return Crew(most)

    monkeypatch.setattr("musicrec.core.models.pair_training.Crew", crew)
    monkeypatch.setenv("MUSICREC_THREADS", "5")
    data = kkbox_world.data
    for notes in (2.5, 0, 100):
        of_one = 8 * (data.listener_count + data.song_count)
        monkeypatch.setattr("musicrec.core.models.pair_training._NOTES", int(notes * of_one))
        Trained(data, "gmf", torch.float32, batch_size=512).by_kernel(1)
    assert helpers == [2, 0, 4]


def test_either_engine_goes_on_from_the_other(kkbox_world: World) -> None:
    def start() -> Trained:
        return Trained(kkbox_world.data, "ncf", torch.float32, batch_size=512, bias=True)

    straight = start().by_torch(1).by_torch(1).all()
    for mixed in (start().by_kernel(1).by_torch(1), start().by_torch(1).by_kernel(1)):
        for key, value in mixed.all().items():
            assert _distance(value, straight[key]) < 1e-4, key


def _engine(data: Dataset, name: str = "ncf", samples: int = 10**9, begun: str = "", **chosen: Any) -> str:
    config = config_for(name, chosen=chosen)
    model = build(name, config, data)
    assert isinstance(model, GradientModel)
    assert isinstance(config, GradientConfig)
    return choose_engine(model, config, samples, CPU, 1, begun)


def test_the_kernel_is_taken_where_it_can_train_and_there_is_enough_to_do(
    kkbox_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = kkbox_world.data
    assert [_engine(data, name) for name in ("ncf", "gmf", "mlp", "mf", "dtnmr")] == [*["numba"] * 4, "torch"]
    assert _engine(data, "mf", optimizer="adam") == "torch"  # l2 is 0.1
    assert _engine(data, samples=1_000) == "torch"
    assert [_engine(data, begun="torch"), _engine(data, samples=1_000, begun="numba")] == ["torch", "numba"]
    for chosen in ({"optimizer": "sgd"}, {"l2": 0.1}, {"dropout": 0.1}, {"optimizer": "adamw", "l2": 2e3}):
        assert _engine(data, **chosen) == "torch"
    monkeypatch.setenv(VARIABLE, "torch")
    assert _engine(data) == "torch"
    monkeypatch.setenv(VARIABLE, "numba")
    assert _engine(data, samples=1_000) == "numba"
    with pytest.raises(UsageError, match="no dropout"):
        _engine(data, dropout=0.1)
    monkeypatch.setenv(VARIABLE, "fortran")
    with pytest.raises(UsageError, match="no engine is called 'fortran'"):
        _engine(data)


def test_what_there_is_no_memory_to_draw_is_told_before_rates_are_made(
    kkbox_world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(model: PairModel, generator: torch.Generator) -> None:
        raise MemoryError

    monkeypatch.setenv(VARIABLE, "numba")
    monkeypatch.setattr(PairModel, "drawn", fails)
    monkeypatch.setattr("musicrec.core.passes.learning_rate", lambda *told: pytest.fail("a rate for each step"))
    with pytest.raises(MemoryError):
        train(kkbox_world.data, "gmf", config_for("gmf"), Places(tmp_path, tmp_path), "run", "cpu")


def test_without_numba_torch_trains(kkbox_world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "numba", None)
    assert _engine(kkbox_world.data) == "torch"
    monkeypatch.setenv(VARIABLE, "numba")
    with pytest.raises(UsageError, match="numba is not installed"):
        _engine(kkbox_world.data)


def test_a_run_names_its_engine_keeps_it_and_goes_on_bit_for_bit(
    kkbox_world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    places = Places(tmp_path / "data", tmp_path / "checkpoints")

    def begin(run: str, epochs: int) -> None:
        config = config_for("ncf", chosen={"batch_size": 64, "patience": 100, "epochs": epochs})
        train(kkbox_world.data, "ncf", config, places, run, "cpu")

    with monkeypatch.context() as patch:
        patch.setenv(VARIABLE, "numba")
        begin("straight", 3)
        begin("halted", 1)
    resume(kkbox_world.data, places, "halted", epochs=3, device="cpu")
    begin("plain", 1)
    assert [read_card(places, run).engine for run in ("straight", "halted", "plain")] == ["numba", "numba", "torch"]
    one, other = (load((places.run(run) / WEIGHTS).read_bytes()) for run in ("straight", "halted"))
    assert all(torch.equal(value, other[key]) for key, value in one.items())
