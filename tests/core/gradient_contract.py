"""What every model that is trained by gradient steps must do besides."""

from __future__ import annotations

import pytest
import torch
from model_contract import ModelContract
from worlds import World

from musicrec.core.models.base import GradientModel
from musicrec.core.models.batches import count_rows, pick_rows
from musicrec.core.models.configs import config_for
from musicrec.core.models.registry import build


class GradientContract(ModelContract):
    """The contract, and a loss that any cut of a batch adds up to."""

    @torch.no_grad()
    def test_the_loss_of_a_batch_is_made_of_the_losses_of_its_parts(self, kkbox_world: World) -> None:
        config = config_for(self.model, chosen=self.settings)
        model = build(self.model, config, kkbox_world.data)
        assert isinstance(model, GradientModel)
        model.prepare(kkbox_world.data)
        model.eval()  # no dropout
        batch = next(model.batches(torch.Generator().manual_seed(3)))
        rows = torch.arange(count_rows(batch))
        mine = [pick_rows(batch, some) for some in (rows[:1], rows[1:7], rows[7:])]
        made = sum(float(model.loss(part)) * model.weight(part) / model.weight(batch) for part in mine)
        assert made == pytest.approx(float(model.loss(batch)), rel=1e-5)
