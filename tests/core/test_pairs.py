"""What models of pairs share: songs that are played too rarely for weights of their own."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import torch
from torch import nn
from worlds import World

from musicrec.core.dataset import Dataset
from musicrec.core.models.batches import pick_rows
from musicrec.core.models.configs import config_for
from musicrec.core.models.pairs import PairModel
from musicrec.core.models.registry import build

MODELS = ("mf", "ncf", "gmf", "mlp")


def _model(data: Dataset, name: str, **chosen: Any) -> PairModel:
    torch.manual_seed(1)
    model = build(name, config_for(name, chosen=chosen), data)
    assert isinstance(model, PairModel)
    for each in model.modules():
        if isinstance(each, nn.Embedding):
            nn.init.normal_(each.weight)
    return model.eval()


@pytest.mark.parametrize("name", MODELS)
def test_rare_songs_have_one_score_and_the_others_their_own(name: str, kkbox_world: World) -> None:
    data = kkbox_world.data
    rare = data.popularity < 2
    model = _model(data, name, song_id_plays=2)
    assert model.song_table.num_embeddings == int((~rare).sum()) + 1
    listeners = pick_rows(data.past("test"), torch.arange(5))
    scores = model.scorer(data).scores(listeners)
    songs = torch.arange(data.song_count)
    pairs = torch.stack([model(each.expand(len(songs)), songs) for each in listeners.ids])
    assert torch.allclose(scores, pairs, atol=1e-4)
    for line in pairs:
        assert len(line[rare].unique()) == 1
        assert len(line[~rare].unique()) > 0.9 * int((~rare).sum())  # MLPs whose ReLUs are all at zero agree


def test_no_song_is_rare_by_default_and_all_may_be(kkbox_world: World) -> None:
    data = kkbox_world.data
    assert _model(data, "mf").song_rows is None
    assert _model(data, "mf").song_table.num_embeddings == data.song_count
    assert _model(data, "mf", song_id_plays=10**6).song_table.num_embeddings == 1


def test_songs_of_a_row_are_corrected_for_by_their_mean_chance(kkbox_world: World) -> None:
    plays = torch.arange(kkbox_world.data.song_count) % 4
    data = replace(kkbox_world.data, popularity=plays)
    assert _model(data, "mf", negative_sampling="uniform").correction(data) is None
    alone = _model(data, "mf").correction(data)
    shared = _model(data, "mf", song_id_plays=2).correction(data)
    assert alone is not None
    assert shared is not None
    assert torch.equal(alone[plays > 1], shared[plays > 1])
    assert torch.allclose(shared[plays < 2].exp(), alone[plays < 2].exp().mean().expand(int((plays < 2).sum())))
    assert float(shared.exp().mean()) == pytest.approx(1)
