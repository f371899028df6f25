"""NCF and MF: biases, dropout, what corrected negatives teach, and songs that are spared."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor
from worlds import World

from musicrec.core.dataset import Dataset
from musicrec.core.errors import UsageError
from musicrec.core.models.configs import config_for, config_of_run
from musicrec.core.models.mf import MF
from musicrec.core.models.ncf import NCF
from musicrec.core.models.pairs import PairModel, Pairs
from musicrec.core.models.registry import build
from musicrec.core.places import Places
from musicrec.core.tasks import make_task
from musicrec.core.training import spare_negatives, train


def _model(data: Dataset, name: str, **chosen: Any) -> PairModel:
    torch.manual_seed(5)
    model = build(name, config_for(name, chosen=chosen), data)
    assert isinstance(model, PairModel)
    with torch.no_grad():
        for each in model.parameters():
            each.normal_(std=0.5)
    return model


def _pairs(data: Dataset, count: int = 50) -> tuple[Tensor, Tensor]:
    draw = torch.Generator().manual_seed(2)
    listeners = torch.randint(data.listener_count, (count,), generator=draw)
    return listeners, torch.randint(data.song_count, (count,), generator=draw)


def test_biases_are_added_to_the_logit(kkbox_world: World) -> None:
    data = kkbox_world.data
    plain, biased = _model(data, "ncf", bias=False), _model(data, "ncf", bias=True)
    state, size = plain.state_dict(), plain.listener_table.embedding_dim
    for table in ("listener_table.weight", "song_table.weight"):
        state[table] = torch.cat([state[table], torch.arange(len(state[table])).float()[:, None]], dim=1)
    biased.load_state_dict(state)
    listeners, songs = _pairs(data)
    assert biased.listener_table.embedding_dim == size + 1
    assert torch.allclose(biased(listeners, songs), plain(listeners, songs) + listeners + songs, atol=1e-4)


def test_biases_are_no_likeness_of_songs(kkbox_world: World) -> None:
    for name in ("ncf", "mf"):
        model = _model(kkbox_world.data, name, **({"bias": True} if name == "ncf" else {}))
        before = model.scorer(kkbox_world.data).similarities(3)
        with torch.no_grad():
            model.song_table.weight[:, -1] = 100 * torch.rand(kkbox_world.data.song_count)
        after = model.scorer(kkbox_world.data).similarities(3)
        assert before is not None
        assert after is not None
        assert torch.equal(before, after)


def test_the_dot_product_is_one(kkbox_world: World) -> None:
    model = _model(kkbox_world.data, "mf", factors=3)
    assert isinstance(model, MF)
    p, q = model.listener_table.weight[4], model.song_table.weight[9]
    wanted = p[0] * q[0] + p[1] * q[1] + p[2] * q[2] + p[3] + q[3] + model.bias
    assert torch.allclose(model(torch.tensor([4]), torch.tensor([9])), wanted)


def test_dropout_is_for_training_alone(kkbox_world: World) -> None:
    data = kkbox_world.data
    plain, dropping = _model(data, "ncf", dropout=0.0), _model(data, "ncf", dropout=0.4)
    listeners, songs = _pairs(data)
    assert torch.equal(plain.train()(listeners, songs), plain(listeners, songs))
    assert torch.equal(dropping.eval()(listeners, songs), plain(listeners, songs))
    one, other = dropping.train()(listeners, songs), dropping(listeners, songs)
    assert not torch.allclose(one, other)


def test_corrected_negatives_teach_chances_not_lifts(kkbox_world: World) -> None:
    # Three songs with 3, 1 and 0 plays are drawn 4 : 2 : 1. Of 14 plays and 14 negatives of a listener 6, 5 and 3 are
    # plays. With one negative a play, the loss must have its least value at the logits log(S P(song)), S = 3.
    data = replace(kkbox_world.data, song_count=3, popularity=torch.tensor([3.0, 1.0, 0.0]))
    plays, negatives = torch.tensor([6, 5, 3]), torch.tensor([8, 4, 2])
    songs = torch.arange(3).repeat_interleave(plays), torch.arange(3).repeat_interleave(negatives)
    batch = Pairs(torch.zeros(28, dtype=torch.int64), torch.cat(songs), (torch.arange(28) < 14).float())
    chosen = {"negatives": 1, "negative_sampling": "popularity", "popularity_exponent": 1.0}
    corrected, plain = (
        _songs_alone(data, chosen),
        _songs_alone(data, {"negatives": 1, "negative_sampling": "uniform"}),
    )
    with torch.no_grad():
        for model in (corrected, plain):
            model.song_table.weight[:, -1] = (3 * plays / 14).log()
    assert _slopes(corrected, batch).abs().max() < 1e-7
    assert _slopes(plain, batch).abs().max() > 0.01


def _songs_alone(data: Dataset, chosen: dict[str, Any]) -> PairModel:
    model = _model(data, "mf", **chosen)
    with torch.no_grad():
        for each in model.parameters():
            each.zero_()
    none = {name: getattr(data, name)[:0] for name in ("songs", "behaviours", "split")}
    model.prepare(replace(data, offsets=torch.zeros_like(data.offsets), **none))
    return model


def _slopes(model: PairModel, batch: Pairs) -> Tensor:
    model.zero_grad()
    model.loss(batch).backward()  # type: ignore[no-untyped-call]
    assert model.song_table.weight.grad is not None
    return model.song_table.weight.grad[:, -1]


@pytest.mark.parametrize("model", ["ncf", "mf"])
def test_an_exponent_of_zero_is_uniform(model: str, kkbox_world: World) -> None:
    data = kkbox_world.data
    listeners, songs = _pairs(data)
    batch = Pairs(listeners, songs, (torch.arange(50) < 10).float())
    losses = []
    for chosen in ({"negative_sampling": "uniform"}, {"popularity_exponent": 0.0}):
        each = _model(data, model, **chosen)
        each.prepare(data)
        losses.append(each.loss(batch).item())
    assert losses[0] == pytest.approx(losses[1], abs=1e-6)


@pytest.mark.parametrize("model", ["ncf", "mf"])
def test_spared_songs_are_never_negatives(model: str, checkerboard: World) -> None:
    data = checkerboard.data
    task = make_task(data, "test", negatives=5)
    assert task.negatives is not None
    spared = set((task.past.ids[:, None] * data.song_count + task.negatives).flatten().tolist())
    for count in (5, 0):
        trained = _model(data, model, negatives=8, spare_negatives=count)
        spare_negatives(trained, data)
        trained.prepare(data)
        drawn = set()
        for batch in trained.batches(torch.Generator().manual_seed(3)):
            keys = batch.listeners * data.song_count + batch.songs
            drawn |= set(keys[batch.played == 0].tolist())
        assert len(drawn) > 100
        assert (len(drawn & spared) == 0) is bool(count)


def test_what_cannot_be_spared_is_told(checkerboard: World, tmp_path: Path) -> None:
    config = config_for("ncf", chosen={"spare_negatives": 50, "epochs": 1})
    with pytest.raises(UsageError, match="--spare-negatives 0") as problem:
        train(checkerboard.data, "ncf", config, Places(tmp_path, tmp_path), "run", "cpu")
    assert "\n" not in str(problem.value)


def test_the_reference_keeps_its_values_and_old_runs_theirs() -> None:
    reference = config_for("ncf", "reference")
    told = {"factors": 8, "layers": 3, "negatives": 4, "lr": 1e-3, "l2": 0.0, "batch_size": 1024, "optimizer": "adam"}
    told |= {"bias": False, "dropout": 0.0, "negative_sampling": "uniform", "spare_negatives": 99, "pretrain": False}
    assert {name: getattr(reference, name) for name in told} == told
    unsaid = config_for("gmf", "reference", {"factors": 16, "spare_negatives": 0})
    assert config_of_run("gmf", {"factors": 16}) == unsaid


@pytest.mark.parametrize(
    ("model", "chosen", "told"),
    [
        ("ncf", {"dropout": 1.0}, "dropout"),
        ("ncf", {"alpha": 1.5}, "alpha"),
        ("gmf", {"pretrain": True}, "pretrain"),
        ("mf", {"negative_sampling": "popular"}, "popular"),
        ("mf", {"popularity_exponent": 1.1}, "popularity_exponent"),
        ("ncf", {"spare_negatives": -1}, "spare_negatives"),
        ("mf", {"layers": 2}, "layers"),
    ],
)
def test_values_out_of_range_are_wrong_use(model: str, chosen: dict[str, Any], told: str) -> None:
    with pytest.raises(UsageError, match=told) as problem:
        config_for(model, chosen=chosen)
    assert "\n" not in str(problem.value)


def test_parts_are_named(kkbox_world: World) -> None:
    data = kkbox_world.data
    past, songs = data.past("test"), torch.zeros((data.listener_count, 1), dtype=torch.int64)
    names = {name: _model(data, name, **chosen).scorer(data).parts(past, songs).names for name, chosen in _NAMED}
    assert names["ncf"] == ("GMF", "MLP", "song bias", "listener bias", "bias")
    assert names["gmf"] == ("GMF", "bias")
    assert names["mf"] == ("dot product", "song bias", "listener bias", "bias")


_NAMED: list[tuple[str, dict[str, Any]]] = [("ncf", {"bias": True}), ("gmf", {"bias": False}), ("mf", {})]


def test_a_tower_is_there_where_it_is_asked_for(kkbox_world: World) -> None:
    for name, layers in (("ncf", 3), ("mlp", 3), ("gmf", 0)):
        model = _model(kkbox_world.data, name, layers=3)
        assert isinstance(model, NCF)
        assert len(model.hidden) == layers
