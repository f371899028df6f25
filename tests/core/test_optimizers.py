"""Optimisers: making one and keeping its state is cheap."""

from __future__ import annotations

import subprocess
import sys

PROGRAM = """
import sys, torch
from musicrec.core.models.configs import config_for
from musicrec.core.optimizers import make_optimizer, take_up_state
model = torch.nn.Linear(2, 2)
optimizer = make_optimizer(model, config_for("ncf", "reference", {}))
optimizer.zero_grad()
take_up_state(optimizer, optimizer.state_dict())
print("torch._dynamo" in sys.modules)
model(torch.ones(1, 2)).sum().backward()
before = model.weight.detach().clone()
optimizer.step()
print(bool((model.weight != before).all()))
"""


def test_an_optimizer_that_takes_no_step_imports_no_compiler() -> None:
    found = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True)
    assert found.stdout.split() == ["False", "True"]
