"""LSTM and GRU of a training are torch's, in float32 and in bf16, and playlists read together are as read alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from worlds import World

from musicrec.core.errors import UsageError
from musicrec.core.models.configs import DTNMRConfig, config_for
from musicrec.core.models.dtnmr import DTNMR
from musicrec.core.models.dtnmr_products import Room, dropout
from musicrec.core.models.dtnmr_recurrent import last_states
from musicrec.core.places import Places
from musicrec.core.training import resume, train
from musicrec.core.watch import Epoch, Watch

SIZES = (9, 12, 7)  # inputs, states, steps


@pytest.fixture
def places(kkbox_world: World, tmp_path: Path) -> Places:
    return Places(kkbox_world.places.data, tmp_path)


Kind = type[nn.LSTM] | type[nn.GRU]
BOTH = pytest.mark.parametrize("kind", [nn.LSTM, nn.GRU])


def _cell(kind: Kind, layers: int, dtype: torch.dtype = torch.float32) -> nn.LSTM | nn.GRU:
    torch.manual_seed(2)
    return kind(SIZES[0], SIZES[1], layers, batch_first=True).to(dtype)


def _rows(rows: int, dtype: torch.dtype = torch.float32) -> tuple[Tensor, Tensor]:
    generator = torch.Generator().manual_seed(rows)
    steps = torch.randn(rows, SIZES[2], SIZES[0], generator=generator, dtype=dtype).requires_grad_()
    return steps, torch.randint(1, SIZES[2] + 1, (rows,), generator=generator)


def _by_torch(cell: nn.LSTM | nn.GRU, steps: Tensor, lengths: Tensor) -> Tensor:
    states: Tensor = cell(steps)[0]
    return states[torch.arange(len(lengths)), lengths - 1]


def _with_gradients(cell: nn.LSTM | nn.GRU, steps: Tensor, last: Tensor) -> list[Tensor]:
    total = (last * torch.linspace(1, 2, last.shape[1])).square().sum()
    return [last, *torch.autograd.grad(total, [steps, *cell.parameters()])]


@BOTH
@pytest.mark.parametrize(
    ("layers", "dtype", "most"), [(1, torch.float32, 1e-5), (3, torch.float32, 1e-5), (2, torch.float64, 1e-12)]
)
def test_states_and_gradients_are_those_of_torch(kind: Kind, layers: int, dtype: torch.dtype, most: float) -> None:
    cell, room = _cell(kind, layers, dtype), Room()
    for rows in (5, 1, 8, 8):  # what one batch leaves in memory says nothing to the next
        steps, lengths = _rows(rows, dtype)
        theirs = _with_gradients(cell, steps, _by_torch(cell, steps, lengths))
        mine = _with_gradients(cell, steps, last_states(cell, steps, lengths, room))
        for one, other in zip(mine, theirs, strict=True):
            assert torch.linalg.vector_norm(one - other) <= most * torch.linalg.vector_norm(other)


@BOTH
def test_bf16_differs_by_its_rounding(kind: Kind) -> None:
    cell, (steps, lengths) = _cell(kind, 2), _rows(40)
    theirs = _with_gradients(cell, steps, _by_torch(cell, steps, lengths))
    with torch.autocast("cpu", torch.bfloat16):
        last = last_states(cell, steps, lengths, Room())
    assert last.dtype == torch.float32
    for one, other in zip(_with_gradients(cell, steps, last), theirs, strict=True):
        assert 1e-5 < torch.linalg.vector_norm(one - other) / torch.linalg.vector_norm(other) < 2e-2


@BOTH
def test_two_batches_before_their_backward_passes_share_no_memory(kind: Kind) -> None:
    cell, room = _cell(kind, 2), Room()
    batches = [_rows(6), _rows(4)]
    for _ in range(2):
        last = [last_states(cell, *batch, room) for batch in batches]
        for batch, mine in zip(batches, last, strict=True):
            theirs = _with_gradients(cell, batch[0], _by_torch(cell, *batch))
            for one, other in zip(_with_gradients(cell, batch[0], mine), theirs, strict=True):
                assert torch.allclose(one, other, atol=1e-6, rtol=1e-4)


def test_dropout_of_nearly_all_drops_nearly_all() -> None:
    torch.manual_seed(3)
    ones = torch.ones(1_000_000)
    for rate in (0.999_99, 0.999_995, 1 - 1e-12):
        found = dropout(ones, rate)
        assert 2 < int((found > 0).sum()) < 40  # 15 are expected
        assert found.max().item() == 2**16


def test_dropout_spares_its_share_and_keeps_the_mean() -> None:
    lstm = nn.LSTM(1, 1, 2, dropout=0.3, batch_first=True)
    with torch.no_grad():  # the second layer's state tells whether the first one's came through
        for weight in lstm.parameters():
            weight.zero_()
        lstm.bias_ih_l0.fill_(1.0)
        lstm.weight_ih_l1[2] = 1.0
    steps, ones = torch.ones(20_000, 1, 1), torch.ones(20_000, dtype=torch.int64)
    torch.manual_seed(3)
    found = last_states(lstm, steps, ones, Room()).detach()
    assert float((found == 0).float().mean()) == pytest.approx(0.3, abs=0.02)
    whole = last_states(lstm.eval(), steps[:1], ones[:1], Room()).item()
    one = torch.tensor(1.0)
    state = one.sigmoid() * (one.sigmoid() * one.tanh()).tanh()
    assert whole == pytest.approx(float(0.5 * torch.tanh(0.5 * torch.tanh(state))), abs=1e-6)
    through = 0.5 * torch.tanh(0.5 * torch.tanh(state / 0.7))
    assert found.max().item() == pytest.approx(float(through), abs=1e-6)


@pytest.mark.parametrize("cell", ["lstm", "gru", "attention"])
@pytest.mark.parametrize("training", [True, False])
def test_playlists_read_side_by_side_are_as_read_alone(cell: Any, training: bool, kkbox_world: World) -> None:
    data = kkbox_world.data
    torch.manual_seed(1)
    model = DTNMR(DTNMRConfig(cell=cell, dropout=0.0, lstm_layers=2), data).train(training)
    past = data.past("validation")
    vectors = torch.randn(data.song_count, model.config.embedding_size)
    found = model.playlist_parts(vectors, past.songs, past.behaviours)
    assert found.shape == (2, data.listener_count, model.config.embedding_size)
    for row in range(0, data.listener_count, 7):
        songs, how = (each.values[each.offsets[row] : each.offsets[row + 1]] for each in (past.songs, past.behaviours))
        for part, length in zip(found, model.config.playlists, strict=True):
            last = torch.tensor([min(len(songs), length)])
            alone = model.udfc.eval()(vectors[songs[-length:]][None], how[-length:][None], last)[0]
            model.train(training)
            assert torch.allclose(part[row], alone, atol=1e-5)


@pytest.mark.parametrize("cell", ["lstm", "gru"])
@pytest.mark.parametrize("precision", ["float32", "bf16"])
def test_two_passes_and_two_more_are_four(cell: str, precision: str, kkbox_world: World, places: Places) -> None:
    chosen = {"cell": cell, "lstm_layers": 2, "lstm_hidden": 16, "precision": precision, "schedule": "constant"}
    for run, epochs in (("whole", 4), ("halves", 2)):
        config = config_for("dtnmr", "quick", chosen | {"epochs": epochs, "patience": 9})
        train(kkbox_world.data, "dtnmr", config, places, run, "cpu")
    card = resume(kkbox_world.data, places, "halves", epochs=4, device="cpu")
    assert (card.epochs, card.config["precision"]) == (4, precision)
    whole, halves = ((places.run(run) / "model.safetensors").read_bytes() for run in ("whole", "halves"))
    assert whole == halves


@pytest.mark.parametrize("cell", ["lstm", "gru"])
def test_bf16_learns_as_float32_does(cell: str, kkbox_world: World, places: Places) -> None:
    chosen = {"cell": cell, "lstm_hidden": 16, "epochs": 3, "batch_size": 128}
    losses = []
    for precision in ("float32", "bf16"):
        told: list[Epoch] = []
        config = config_for("dtnmr", "default", chosen | {"precision": precision})
        train(kkbox_world.data, "dtnmr", config, places, precision, "cpu", Watch(epoch=told.append))
        losses.append([each.loss for each in told])
    assert losses[0] != losses[1]
    assert losses[0] == pytest.approx(losses[1], rel=0.02)


def test_a_precision_that_is_none_is_told() -> None:
    with pytest.raises(UsageError, match="no precision is called 'half': choose one of float32, bf16"):
        config_for("dtnmr", "default", {"precision": "half"})
