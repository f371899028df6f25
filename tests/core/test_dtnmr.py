"""What DTNMR alone promises: order matters, padding does not, and a song that nobody played still has a score."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from worlds import World, make_sample, open_world, write_kkbox

from musicrec.core.dataset import Listeners
from musicrec.core.evaluation import ndcg
from musicrec.core.explorer import Explorer
from musicrec.core.models.base import Scorer
from musicrec.core.models.configs import config_for
from musicrec.core.places import Places
from musicrec.core.ragged import Ragged
from musicrec.core.tasks import Task, make_task
from musicrec.core.training import train
from musicrec.core.weights import load_model

CPU = torch.device("cpu")
SMALL = {
    "seed": 8,
    "epochs": 3,
    "batch_size": 64,
    "optimizer": "adam",
    "lr": 0.01,
    "lstm_hidden": 16,
    "feature_hidden": (32, 16),
}


def _scorer(world: World, places: Places, run: str = "run", preset: str = "reference", **settings: Any) -> Scorer:
    card = train(world.data, "dtnmr", config_for("dtnmr", preset, settings), places, run, "cpu")
    return load_model(places, card, world.data, CPU).scorer(world.data)


@pytest.fixture(scope="module", params=[False, True], ids=["metadata", "song-ids"])
def scorer(request: pytest.FixtureRequest, kkbox_world: World, tmp_path_factory: pytest.TempPathFactory) -> Scorer:
    places = Places(kkbox_world.places.data, tmp_path_factory.mktemp("dtnmr"))
    return _scorer(kkbox_world, places, **SMALL, song_ids=request.param)


def _same_listener(histories: list[list[int]]) -> Listeners:
    songs = Ragged.of(histories)
    return Listeners(
        torch.zeros(len(histories), dtype=torch.int64), songs, Ragged.of([[1] * len(h) for h in histories])
    )


def test_padding_changes_nothing(scorer: Scorer) -> None:
    histories = [[], [3], [3, 5], list(range(40)), [7] * 15, list(range(50, 62))]
    together = scorer.scores(_same_listener(histories))
    for row, history in enumerate(histories):
        alone = scorer.scores(_same_listener([history]))[0]
        assert torch.allclose(together[row], alone, atol=1e-6, rtol=1e-6)


def test_different_histories_give_different_rankings(scorer: Scorer) -> None:
    scores = scorer.scores(_same_listener([[0, 1, 2, 3, 4], [90, 91, 92, 93, 94]]))
    assert scores[0].argsort().tolist() != scores[1].argsort().tolist()


def test_the_order_of_a_history_counts(scorer: Scorer) -> None:
    songs = list(range(30))
    scores = scorer.scores(_same_listener([songs, songs[::-1]]))
    assert not torch.allclose(scores[0], scores[1], atol=1e-4)


def test_plays_before_the_long_term_playlist_count_as_features_alone(scorer: Scorer) -> None:
    recent = list(range(20))
    states = _same_listener([[40, 41, *recent], [41, 40, *recent]])
    assert torch.allclose(*scorer.scores(states), atol=1e-6)


def test_someone_new_gets_a_ranking_from_what_they_play(scorer: Scorer, kkbox_world: World) -> None:
    new = Listeners(torch.tensor([-1]), Ragged.of([[1, 2, 3]]), Ragged.of([[0, 0, 0]]), static=Ragged.of([[0, 1, 2]]))
    scores = scorer.scores(new)
    assert scores.shape == (1, kkbox_world.data.song_count)
    assert bool(torch.isfinite(scores).all())
    assert torch.allclose(scorer.parts(new, torch.tensor([[5]])).values.sum(), scores[0, 5], atol=1e-5)


@pytest.mark.parametrize(
    "ids",
    [{"song_ids": False}, {"song_id_plays": 0}, {"song_id_plays": 1}, {"song_id_plays": 9}],
    ids=["metadata", "ids-of-all", "ids-of-played", "ids-of-none"],
)
def test_a_song_that_nobody_played_is_scored_by_its_metadata(ids: dict[str, Any], tmp_path: Path) -> None:
    plays = [(f"L{i}", f"S{(i + 2 * j) % 20}") for i in range(20) for j in range(8)]  # each plays one artist alone
    artists = {f"S{j}": ("Even", "Odd")[j % 2] for j in range(20)} | {"new-even": "Even", "new-odd": "Odd"}
    world = open_world(tmp_path, "kkbox", write_kkbox(tmp_path / "raw", plays, artists=artists), "cold")
    _scorer(world, world.places, **SMALL | {"epochs": 8, "batch_size": 16, "song_ids": True} | ids)
    explorer = Explorer.open(world.places)
    for i in range(20):
        own, other = ("new-even", "new-odd") if i % 2 == 0 else ("new-odd", "new-even")
        items = explorer.recommend(f"L{i}", k=100).items
        scores = {item.song.id: item.score for item in items}
        assert {item.song.plays for item in items if item.song.id in (own, other)} == {0}
        assert all(math.isfinite(score) for score in scores.values())
        assert scores[own] > scores[other]
        if ids in ({"song_ids": False}, {"song_id_plays": 9}):  # each song is played eight times
            alike = [score for song, score in scores.items() if artists[song] == artists[own]]
            assert len(alike) > 1
            assert alike == pytest.approx([scores[own]] * len(alike), abs=1e-5)
        why = explorer.explain(f"L{i}", own)
        assert sum(part.value for part in why.parts) == pytest.approx(scores[own], abs=1e-4)
        assert "nobody has played it yet" in why.sentence
    explorer.close()


def _shuffled(task: Task, seed: int) -> Task:
    # Every listener's past in another order: the same songs with the same behaviours, and the same union of features
    generator, past = torch.Generator().manual_seed(seed), task.past
    keys = torch.rand(len(past.songs.values), generator=generator, dtype=torch.float64) + past.songs.row_ids()
    order = keys.argsort()
    songs = Ragged(past.songs.values[order], past.songs.offsets)
    behaviours = Ragged(past.behaviours.values[order], past.behaviours.offsets)
    return replace(task, past=Listeners(past.ids, songs, behaviours, past.static))


def test_shuffling_the_histories_lowers_ndcg(tmp_path: Path) -> None:
    world = make_sample(tmp_path, "kkbox", 400, 500, 20_000)  # on far fewer plays the difference drowns in noise
    scorer = _scorer(world, world.places, preset="quick", epochs=5, lstm_hidden=32, batch_size=128)
    task = make_task(world.data, "test")
    in_order = ndcg(scorer, task, CPU)
    shuffled = [ndcg(scorer, _shuffled(task, seed), CPU) for seed in range(8)]
    assert in_order > max(shuffled)


def test_threads_do_not_change_the_weights_of_a_seed(kkbox_world: World, tmp_path: Path) -> None:
    threads = torch.get_num_threads()
    torch.set_num_threads(2)  # in parallel, sums that depend on who comes first would differ from run to run
    try:
        config = config_for("dtnmr", "quick", {"epochs": 1, "lstm_hidden": 16})
        cards = [train(kkbox_world.data, "dtnmr", config, Places(tmp_path, tmp_path / str(n)), "run") for n in range(4)]
        weights = {(tmp_path / str(n) / "run" / "model.safetensors").read_bytes() for n in range(len(cards))}
    finally:
        torch.set_num_threads(threads)
    assert len(weights) == 1
