"""The compiled training of NCF: the weights of dense Adam, whatever was missed, and the same ones each time."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from worlds import World

from musicrec.core.dataset import Dataset
from musicrec.core.engines import fused_steps
from musicrec.core.models.configs import config_for
from musicrec.core.models.ncf import NCF
from musicrec.core.models.registry import build
from musicrec.core.optimizers import learning_rate, make_optimizer, set_learning_rate

STEPS = 100
CPU = torch.device("cpu")
SHAPES: list[tuple[str, dict[str, Any]]] = [
    ("gmf", {"negative_sampling": "uniform"}),
    ("gmf", {"factors": 20, "bias": True}),
    ("mlp", {"schedule": "cosine", "warmup_steps": 20}),
    ("ncf", {"negative_sampling": "uniform", "schedule": "linear"}),
    ("ncf", {"factors": 7, "layers": 2, "bias": True}),
    ("ncf", {"layers": 1}),
]


class Trained:
    """A model and its optimiser, started from seed 3 and moved by pairs that do not depend on what moves it."""

    def __init__(self, data: Dataset, name: str, dtype: torch.dtype, **chosen: Any) -> None:
        torch.manual_seed(3)
        model = build(name, config_for(name, chosen=chosen), data)
        assert isinstance(model, NCF)
        for layer in model.hidden:  # away from the kink of ReLU, at which a rounding decides where a gradient goes
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
                loss = self.model.loss(replace(batch, played=batch.played.to(self.model.head.bias.dtype)))
                torch.autograd.backward(loss)
                set_learning_rate(self.optimizer, next(rates))
                self.optimizer.step()
        return self

    def by_kernel(self, passes: int) -> Trained:
        rates, fused = self.rates(passes), fused_steps(self.model, self.optimizer)
        for each in range(passes):
            of_pass = rates[each * len(rates) // passes : (each + 1) * len(rates) // passes]
            *_, (done, loss) = fused.steps(self.generator, of_pass)
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
    assert fused["head.bias step"] == dense["head.bias step"] >= STEPS - 2
    for key, value in dense.items():
        assert _distance(fused[key], value) < 1e-4, key
