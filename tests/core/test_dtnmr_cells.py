"""What reads a playlist, whichever cell it is."""

from __future__ import annotations

import math
from typing import Any

import pytest
import torch
from torch import Tensor

from musicrec.core.models.configs import DTNMRConfig
from musicrec.core.models.dtnmr_playlist import AttentionCell, PlaylistCell, playlist_cell

SIZE, STEPS, BEHAVIOURS = 6, 7, 3
CELLS = ("lstm", "gru", "attention")


def _cell(cell: str, **settings: Any) -> PlaylistCell:
    torch.manual_seed(4)
    values: dict[str, Any] = {"embedding_size": SIZE, "lstm_hidden": 8, "lstm_layers": 2, "long_term_len": STEPS}
    return playlist_cell(DTNMRConfig(cell=cell, short_term_len=2, **values | settings), BEHAVIOURS).eval()


@pytest.fixture
def songs() -> Tensor:
    return torch.randn(4, STEPS, SIZE, generator=torch.Generator().manual_seed(1))


LENGTHS = torch.tensor([0, 1, 4, STEPS])
HOW = torch.arange(4 * STEPS).view(4, STEPS) % BEHAVIOURS


@pytest.mark.parametrize("cell", CELLS)
def test_padding_is_never_read_and_nothing_gives_zero(cell: str, songs: Tensor) -> None:
    read = _cell(cell)
    found = read(songs, HOW, LENGTHS)
    assert found.shape == (4, SIZE)
    assert torch.equal(found[0], torch.zeros(SIZE))
    padding = torch.arange(STEPS) >= LENGTHS[:, None]
    other = torch.where(padding[:, :, None], 1e6, songs)
    assert torch.equal(read(other, torch.where(padding, 0, HOW), LENGTHS), found)
    for row, length in enumerate(LENGTHS.tolist()):
        if length:
            alone = read(songs[row : row + 1, :length], HOW[row : row + 1, :length], LENGTHS[row : row + 1])
            assert torch.allclose(alone[0], found[row], atol=1e-6)


@pytest.mark.parametrize("cell", CELLS)
def test_order_and_behaviours_count_unless_they_are_off(cell: str, songs: Tensor) -> None:
    read, blind = _cell(cell), _cell(cell, use_behaviours=False)
    full = torch.full((4,), STEPS)
    assert not torch.allclose(read(songs, HOW, full), read(songs.flip(1), HOW.flip(1), full), atol=1e-4)
    assert not torch.allclose(read(songs, HOW, full), read(songs, 0 * HOW, full), atol=1e-4)
    assert torch.equal(blind(songs, HOW, full), blind(songs, 0 * HOW, full))
    assert sum(each.numel() for each in blind.parameters()) < sum(each.numel() for each in read.parameters())


def test_attention_counts_positions_from_the_end(songs: Tensor) -> None:
    cell = _cell("attention")
    assert isinstance(cell, AttentionCell)
    seen: list[list[int]] = []
    cell.positions.register_forward_hook(lambda module, inputs, output: seen.extend(inputs[0].tolist()))
    cell(songs, HOW, LENGTHS)
    assert seen[2][:4] == [3, 2, 1, 0]
    assert seen[3] == [6, 5, 4, 3, 2, 1, 0]


def test_one_block_of_attention_by_hand(songs: Tensor) -> None:
    cell = _cell("attention", lstm_layers=1, attention_heads=1, use_behaviours=False)
    assert isinstance(cell, AttentionCell)
    block, length = cell.blocks[0], 4
    x = cell.enter(songs[2, :length]) + cell.positions.weight[:length].flip(0)
    key, value = block.key_value(block.before(x)).chunk(2, dim=1)
    weights = torch.softmax(key @ block.query(block.before(x[-1])) / math.sqrt(8), dim=0)
    y = x[-1] + block.join(weights @ value)
    y = y + block.layers(block.between(y))
    assert torch.allclose(cell(songs, HOW, LENGTHS)[2], cell.out(cell.norm(y)), atol=1e-5)
