"""Training that stops and goes on ends where one that never stopped does."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load
from worlds import World

from musicrec.core.errors import MusicrecError, NotFound, UsageError, WrongDataset
from musicrec.core.models.configs import config_for
from musicrec.core.models.ncf import NCF
from musicrec.core.models.pairs import Pairs
from musicrec.core.places import Places
from musicrec.core.records import RunCard
from musicrec.core.runs import CARD, HISTORY, TRAINING, WEIGHTS, list_runs
from musicrec.core.tensor_files import unpack
from musicrec.core.training import resume, train
from musicrec.core.watch import Epoch, Watch

SMALL_DTNMR = {"lstm_hidden": 16, "feature_hidden": (32, 16), "dropout": 0.4, "batch_size": 128, "patience": 100}
SETTINGS: list[tuple[str, dict[str, Any]]] = [
    ("ncf", {"batch_size": 64, "patience": 100}),
    ("ncf", {"batch_size": 64, "patience": 100, "optimizer": "adagrad", "lr": 0.05}),
    ("dtnmr", SMALL_DTNMR | {"optimizer": "adam", "lr": 0.005}),
    ("dtnmr", SMALL_DTNMR | {"optimizer": "sgd", "lr": 0.1, "song_ids": True}),
    ("sasrec", {"embedding_size": 16, "max_len": 10, "batch_size": 16, "negatives": 30, "patience": 100}),
]


@pytest.fixture
def places(tmp_path: Path) -> Places:
    return Places(tmp_path / "data", tmp_path / "checkpoints")


def _train(world: World, places: Places, run: str, model: str, watch: Watch | None = None, **settings: Any) -> RunCard:
    return train(world.data, model, config_for(model, chosen=settings), places, run, "cpu", watch)


def _states_alike(places: Places, one: str, other: str) -> bool:
    kept = [load((places.run(run) / WEIGHTS).read_bytes()) for run in (one, other)]
    going = [unpack(places.run(run) / TRAINING, places.run(run))["model"] for run in (one, other)]
    return all(
        first.keys() == second.keys() and all(torch.equal(first[name], second[name]) for name in first)
        for first, second in (kept, going)
    )


@pytest.mark.parametrize(
    ("model", "settings"), SETTINGS, ids=["ncf-adam", "ncf-adagrad", "dtnmr-adam", "dtnmr-sgd", "sasrec"]
)
def test_two_passes_and_two_more_are_four(
    model: str, settings: dict[str, Any], kkbox_world: World, places: Places
) -> None:
    straight = _train(kkbox_world, places, "straight", model, **settings, epochs=4)
    _train(kkbox_world, places, "halted", model, **settings, epochs=2)
    torch.manual_seed(99)  # whatever happened in between
    resumed = resume(kkbox_world.data, places, "halted", epochs=4, device="cpu")
    assert _states_alike(places, "straight", "halted")
    assert (resumed.epochs, resumed.best_epoch, resumed.metrics) == (4, straight.best_epoch, straight.metrics)
    assert resumed.status == "finished"
    assert len((places.run("halted") / HISTORY).read_text().splitlines()) == 4


def test_a_training_that_validates_on_nobody_keeps_its_last_pass(kkbox_world: World, places: Places) -> None:
    settings: dict[str, Any] = {"batch_size": 64, "epochs": 2, "patience": 1, "validation_listeners": 0}
    card = _train(kkbox_world, places, "run", "gmf", **settings)
    assert (card.status, card.epochs, card.best_epoch, card.metrics) == ("finished", 2, 2, {})
    assert resume(kkbox_world.data, places, "run", epochs=3, device="cpu").best_epoch == 3
    with pytest.raises(UsageError, match="epochs must be at least 1, not 0"):
        resume(kkbox_world.data, places, "run", epochs=0, device="cpu")


NCF_SETTINGS: dict[str, Any] = {
    "batch_size": 64,
    "patience": 100,
    "epochs": 3,
    "warmup_steps": 200,
    "schedule": "cosine",
}


def _interrupt_after(epoch: int) -> Watch:
    def stop(at: Epoch) -> None:
        if at.epoch == epoch:
            raise KeyboardInterrupt

    return Watch(epoch=stop)


def _interrupt_at_step(patch: pytest.MonkeyPatch, step: int) -> None:
    steps, plain = iter(range(1, 1_000_000)), NCF.loss

    def loss(self: NCF, batch: Pairs) -> torch.Tensor:
        if next(steps) == step:
            raise KeyboardInterrupt
        return plain(self, batch)

    patch.setattr(NCF, "loss", loss)


def _goes_on_as_if_it_never_stopped(world: World, places: Places, card: RunCard) -> None:
    assert card.status == "interrupted"
    assert [each.status for each in list_runs(places)] == ["interrupted"]
    assert (places.run(card.name) / WEIGHTS).is_file()
    assert card.metrics["ndcg@10"] > 0
    resume(world.data, places, card.name, device="cpu")
    _train(world, places, "straight", "ncf", **NCF_SETTINGS)
    assert _states_alike(places, "straight", card.name)


def test_a_run_interrupted_between_passes_is_kept_and_goes_on(kkbox_world: World, places: Places) -> None:
    card = _train(kkbox_world, places, "cut", "ncf", _interrupt_after(2), **NCF_SETTINGS)
    assert card.epochs == 2
    _goes_on_as_if_it_never_stopped(kkbox_world, places, card)


def test_a_run_without_schedule_goes_on_as_it_began(kkbox_world: World, places: Places) -> None:
    _train(kkbox_world, places, "old", "ncf", batch_size=64, epochs=1)
    path = places.run("old") / CARD
    fields = json.loads(path.read_text())
    for name in ("warmup_steps", "schedule"):
        del fields["config"][name]
    path.write_text(json.dumps(fields))
    resume(kkbox_world.data, places, "old", epochs=2, device="cpu")
    _train(kkbox_world, places, "new", "ncf", batch_size=64, epochs=2)
    assert _states_alike(places, "old", "new")


def test_a_run_interrupted_within_a_pass_is_kept_and_goes_on(
    kkbox_world: World, places: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps_of_a_pass = -(-5 * int((kkbox_world.data.split == 0).sum()) // 64)
    with monkeypatch.context() as patch:
        _interrupt_at_step(patch, steps_of_a_pass + 30)
        card = _train(kkbox_world, places, "cut", "ncf", **NCF_SETTINGS)
    assert card.epochs == 1
    _goes_on_as_if_it_never_stopped(kkbox_world, places, card)


def test_an_interrupt_before_the_first_pass_ends_leaves_nothing(
    kkbox_world: World, places: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    _interrupt_at_step(monkeypatch, 30)
    with pytest.raises(KeyboardInterrupt):
        _train(kkbox_world, places, "cut", "ncf", **NCF_SETTINGS)
    assert list_runs(places) == ()
    assert not places.run("cut").exists()


def test_the_best_pass_is_the_one_kept(kkbox_world: World, places: Places) -> None:
    seen: list[Epoch] = []
    card = _train(kkbox_world, places, "run", "ncf", Watch(epoch=seen.append), lr=0.05, epochs=6, patience=100)
    scores = [each.validation or 0.0 for each in seen]
    assert card.best_epoch == 1 + scores.index(max(scores))
    assert card.metrics == {"ndcg@10": max(scores)}
    assert [each.best for each in seen] == [score > max([-1.0, *scores[:n]]) for n, score in enumerate(scores)]


def test_training_stops_when_patience_runs_out(kkbox_world: World, places: Places) -> None:
    card = _train(kkbox_world, places, "run", "ncf", lr=0.0, epochs=50, patience=3)  # never gets better than pass 1
    assert (card.epochs, card.best_epoch, card.status) == (4, 1, "finished")


def test_a_run_without_a_pass_left_is_not_gone_on_with(kkbox_world: World, places: Places) -> None:
    _train(kkbox_world, places, "whole", "ncf", epochs=2)
    _train(kkbox_world, places, "stale", "ncf", lr=0.0, epochs=9, patience=1)
    _train(kkbox_world, places, "cut", "ncf", _interrupt_after(2), epochs=9)
    told = {run: (places.run(run) / CARD).read_text() for run in ("whole", "stale", "cut")}
    for run, epochs, problem in (
        ("whole", None, "run whole is trained up to pass 2 already: choose --epochs above 2"),
        ("whole", 1, "choose --epochs above 2"),
        ("stale", 20, "run stale is trained up to pass 2, where its patience ran out: train a new run"),
        ("stale", 1, "choose --epochs above 2"),
        ("cut", 1, "choose --epochs above 2"),
    ):
        with pytest.raises(UsageError, match=problem):
            resume(kkbox_world.data, places, run, epochs, "cpu")
        assert (places.run(run) / CARD).read_text() == told[run]
    assert resume(kkbox_world.data, places, "cut", 2, "cpu").status == "finished"


def test_training_that_diverges_says_so(kkbox_world: World, places: Places) -> None:
    with pytest.raises(MusicrecError, match="smaller --lr") as problem:
        _train(kkbox_world, places, "run", "dtnmr", lstm_hidden=8, lr=1e12, batch_size=64, epochs=3)
    assert "\n" not in str(problem.value)


def test_what_cannot_be_resumed_is_told(kkbox_world: World, checkerboard: World, places: Places) -> None:
    with pytest.raises(NotFound, match="nothing"):
        resume(kkbox_world.data, places, "nothing")
    _train(kkbox_world, places, "crowd", "popularity")
    with pytest.raises(UsageError, match="nothing to resume"):
        resume(kkbox_world.data, places, "crowd")
    _train(kkbox_world, places, "run", "ncf", epochs=1)
    with pytest.raises(WrongDataset, match="run"):
        resume(checkerboard.data, places, "run", epochs=2)
    (places.run("run") / TRAINING).unlink()
    with pytest.raises(NotFound, match="cannot be resumed"):
        resume(kkbox_world.data, places, "run", epochs=2)


@pytest.mark.parametrize("content", [b"", b"junk", b"\x80\x04K\x01."], ids=["empty", "junk", "pickle"])
def test_a_damaged_training_state_is_told(content: bytes, kkbox_world: World, places: Places) -> None:
    _train(kkbox_world, places, "run", "ncf", epochs=1)
    (places.run("run") / TRAINING).write_bytes(content)
    with pytest.raises(MusicrecError, match="damaged") as problem:
        resume(kkbox_world.data, places, "run", epochs=2)
    assert "\n" not in str(problem.value)


def test_a_training_state_that_would_run_code_is_refused(kkbox_world: World, places: Places, tmp_path: Path) -> None:
    class Hostile:
        def __reduce__(self) -> tuple[object, ...]:
            return Path.touch, (tmp_path / "ran",)

    _train(kkbox_world, places, "run", "ncf", epochs=1)
    torch.save({"model": Hostile()}, places.run("run") / TRAINING)
    with pytest.raises(MusicrecError, match="damaged"):
        resume(kkbox_world.data, places, "run", epochs=2)
    assert not (tmp_path / "ran").exists()


def test_a_taken_name_is_wrong_use(kkbox_world: World, places: Places) -> None:
    _train(kkbox_world, places, "run", "popularity")
    with pytest.raises(UsageError, match="exists already"):
        _train(kkbox_world, places, "run", "popularity")
    places.run("sweep").mkdir()
    (places.run("sweep") / "space.json").touch()
    with pytest.raises(UsageError, match=r"such as a sweep: choose another --name$"):
        _train(kkbox_world, places, "sweep", "popularity")
