"""Evaluation: what is masked, and figures that a slow count in plain Python confirms."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from statistics import mean

import pytest
import torch
from small_datasets import sets_of, split_dataset
from torch import Tensor
from worlds import World

from musicrec.core.dataset import Dataset, Held, Listeners
from musicrec.core.errors import MusicrecError, NotFound
from musicrec.core.evaluation import measure
from musicrec.core.explorer import Explorer
from musicrec.core.held_out_ranks import rank_held_out
from musicrec.core.measurements import read_measurement
from musicrec.core.models.base import Parts, Scorer
from musicrec.core.models.configs import config_for
from musicrec.core.places import Places
from musicrec.core.ragged import Ragged
from musicrec.core.records import Evaluation
from musicrec.core.runs import read_evaluations
from musicrec.core.standings import baseline
from musicrec.core.tasks import SEED, make_task
from musicrec.core.training import train

CPU = torch.device("cpu")


class Table(Scorer):
    """Scores that were written down: (L, S), a row for each listener of a dataset."""

    def __init__(self, rows: Tensor) -> None:
        self.rows = rows

    def scores(self, listeners: Listeners) -> Tensor:
        return self.rows[listeners.ids].clone()

    def parts(self, listeners: Listeners, songs: Tensor) -> Parts:
        return Parts(("table",), self.scores(listeners).gather(1, songs).unsqueeze(-1))


def _marked(data: Dataset, rows: Ragged, mark: float = 1.0) -> Tensor:
    table = torch.zeros(data.listener_count, data.song_count)
    table[rows.row_ids(), rows.values] = mark
    return table


def _figures(
    scorer: Scorer,
    data: Dataset,
    split: Held = "test",
    ks: tuple[int, ...] = (10,),
    negatives: int | None = None,
    seed: int = SEED,
) -> Evaluation:
    return measure(scorer, data, make_task(data, split, ks, negatives, seed), "run", "table", CPU).evaluation


@pytest.mark.parametrize("negatives", [None, 20])
def test_who_knows_what_is_held_out_gets_everything(melon_world: World, negatives: int | None) -> None:
    data = melon_world.data  # one song is held out of each playlist
    knowing = Table(_marked(data, data.held_out("test")))
    found = _figures(knowing, data, ks=(1, 5), negatives=negatives).metrics
    for name in ("hr@1", "recall@1", "precision@1", "f1@1", "ndcg@1", "map@1", "mrr@1", "user_coverage@1", "auc"):
        assert (found[name].mean, found[name].low, found[name].high) == (1, 1, 1)
    assert found["precision@5"].mean == pytest.approx(1 / 5)


def test_who_knows_several_held_out_songs_gets_everything(kkbox_world: World) -> None:
    data = kkbox_world.data
    most = int(data.held_out("test").lengths.max())
    found = _figures(Table(_marked(data, data.held_out("test"))), data, ks=(most,)).metrics
    assert {found[f"{name}@{most}"].mean for name in ("hr", "recall", "ndcg", "map", "mrr")} == {1.0}
    assert found["auc"].mean == 1


def test_heard_songs_are_out_of_the_race(kkbox_world: World) -> None:
    data, task = kkbox_world.data, make_task(kkbox_world.data, ks=(10,))
    past = data.past("test").songs
    blinded = Table(_marked(data, data.held_out("test")) + _marked(data, past, 9.0))
    assert {
        measure(blinded, data, task, "run", "table", CPU).evaluation.metrics[name].mean for name in ("hr@10", "auc")
    } == {1}
    heard = sets_of(task.past.songs)
    for row, songs in enumerate(rank_held_out(blinded, task, CPU).lists.tolist()):
        assert heard[row].isdisjoint(songs)


def test_validation_songs_are_masked_when_testing_and_sought_when_validating(kkbox_world: World) -> None:
    data = kkbox_world.data
    fond_of_validation = Table(_marked(data, data.held_out("validation"), 9.0) + _marked(data, data.held_out("test")))
    assert _figures(fond_of_validation, data, split="test").metrics["mrr@10"].mean == 1
    assert _figures(fond_of_validation, data, split="validation").metrics["hr@10"].mean == 1
    fond_of_test = Table(_marked(data, data.held_out("test"), 9.0))
    assert _figures(fond_of_test, data, split="validation").metrics["mrr@10"].mean < 1  # test songs stay candidates


def test_a_constant_scorer_is_at_chance(kkbox_world: World) -> None:
    data = kkbox_world.data
    found = _figures(Table(torch.zeros(data.listener_count, data.song_count)), data, ks=(10,)).metrics
    assert found["auc"].mean == found["auc"].low == found["auc"].high == 0.5
    knowing = _figures(Table(_marked(data, data.held_out("test"))), data, ks=(10,)).metrics
    assert found["ndcg@10"].mean < 0.4 < knowing["ndcg@10"].mean


@pytest.mark.parametrize("score", [torch.nan, torch.inf, -torch.inf])
def test_scores_that_are_no_numbers_are_told(score: float, kkbox_world: World) -> None:
    data = kkbox_world.data
    table = torch.zeros(data.listener_count, data.song_count)
    table[3, 4] = score
    with pytest.raises(MusicrecError, match="not numbers"):
        _figures(Table(table), data)


def test_sampling_flatters(melon_world: World) -> None:
    data = melon_world.data
    for name in ("popularity", "itemknn"):
        scorer = baseline(name, data, CPU)
        full, sampled = (_figures(scorer, data, ks=(5, 10), negatives=n).metrics for n in (None, 20))
        for metric in ("hr@5", "hr@10", "ndcg@10", "mrr@10", "recall@10"):
            assert sampled[metric].mean >= full[metric].mean


def test_figures_carry_their_protocol_and_repeat(kkbox_world: World) -> None:
    scorer = baseline("popularity", kkbox_world.data, CPU)
    one, two = (_figures(scorer, kkbox_world.data, ks=(3, 7), seed=5) for _ in range(2))
    assert one == two
    assert one.protocol.ks == (3, 7)
    assert one.protocol.songs == kkbox_world.data.song_count
    assert all(figure.low <= figure.mean <= figure.high for figure in one.metrics.values() if figure.low is not None)
    assert {name.partition("@")[0] for name in one.metrics} >= {"hr", "ndcg", "auc", "novelty", "catalogue_coverage"}


def test_scoring_in_blocks_changes_nothing(kkbox_world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    data, scorer = kkbox_world.data, baseline("itemknn", kkbox_world.data, CPU)
    whole = _figures(scorer, data, negatives=None)
    monkeypatch.setattr("musicrec.core.held_out_ranks._CELLS", 7 * data.song_count)
    told: list[tuple[int, int]] = []
    task = make_task(data)
    again = measure(
        scorer, data, task, "run", "table", CPU, progress=lambda done, total: told.append((done, total))
    ).evaluation
    assert replace(again, protocol=whole.protocol) == whole
    assert told[-1] == (len(task.past), len(task.past))
    assert len(told) > 5


def test_popularity_is_what_counting_by_hand_gives(kkbox_world: World) -> None:
    explorer = Explorer.open(kkbox_world.places, kkbox_world.name)
    (crowd,) = (each for each in explorer.evaluate([], ks=(10,)) if each.model == "popularity")
    plays = {song.id: song.plays for song in explorer.find_songs(limit=1000).items}
    slow: dict[str, list[float]] = {name: [] for name in ("hr", "recall", "precision", "ndcg", "map", "mrr", "auc")}
    for listener in explorer.find_listeners(limit=1000).items:
        history = explorer.plays(listener.id)
        past = {play.song.id for play in history if play.split != "test"}
        goals = {play.song.id for play in history if play.split == "test"} - past
        if past and goals:
            for name, value in _by_hand({song: n for song, n in plays.items() if song not in past}, goals).items():
                slow[name].append(value)
    explorer.close()
    assert crowd.protocol.listeners == len(slow["auc"]) > 20
    for name, values in slow.items():
        key = name if name == "auc" else f"{name}@10"
        assert crowd.metrics[key].mean == pytest.approx(mean(values)), key


def _by_hand(scores: dict[str, int], goals: set[str], k: int = 10) -> dict[str, float]:
    ranks = []
    for score in {scores[goal] for goal in goals}:
        ahead, tied = sum(n > score for n in scores.values()), sum(n == score for n in scores.values())
        members = sum(scores[goal] == score for goal in goals)
        ranks += [ahead + math.ceil(nth * (tied + 1) / (members + 1)) for nth in range(1, members + 1)]
    hits = sorted(rank for rank in ranks if rank <= k)
    gain: Callable[[int], float] = lambda rank: 1 / math.log2(rank + 1)  # noqa: E731
    pairs = [(scores[goal], n) for goal in goals for song, n in scores.items() if song not in goals]
    return {
        "hr": float(bool(hits)),
        "recall": len(hits) / len(goals),
        "precision": len(hits) / k,
        "ndcg": sum(map(gain, hits)) / sum(map(gain, range(1, min(k, len(goals)) + 1))),
        "map": sum(nth / rank for nth, rank in enumerate(hits, start=1)) / min(k, len(goals)),
        "mrr": 1 / hits[0] if hits else 0.0,
        "auc": mean([1.0 if one > other else 0.5 if one == other else 0.0 for one, other in pairs]),
    }


def test_a_measurement_has_the_listeners_that_its_figures_are_means_of(kkbox_world: World) -> None:
    data, task = kkbox_world.data, make_task(kkbox_world.data, ks=(3, 7))
    untied = torch.rand(data.listener_count, data.song_count, generator=torch.Generator().manual_seed(3))
    found = measure(Table(untied), data, task, "run", "table", CPU)
    assert found.listeners.tolist() == task.past.ids.tolist()
    assert {name for name, figure in found.evaluation.metrics.items() if figure.low is not None} == set(found.columns)
    for name, column in found.columns.items():
        assert len(column) == task.protocol.listeners
        assert found.evaluation.metrics[name].mean == column.mean()
    assert found.lists.shape == (task.protocol.listeners, 7)
    ranked = [len(set(row) & goals) for row, goals in zip(found.lists.tolist(), sets_of(task.held), strict=True)]
    assert (found.columns["precision@7"] * 7).round().astype(int).tolist() == ranked


def test_sampled_lists_hold_candidates_alone() -> None:
    data = split_dataset([[(0, 0), (1, 2)]], songs=4)
    task = make_task(data, ks=(4,), negatives=1)
    assert task.negatives is not None
    lists = rank_held_out(Table(torch.tensor([[9.0, 3, 5, 5]])), task, CPU).lists
    assert lists.tolist() == [[int(task.negatives[0, 0]), 1, -1, -1]]


def test_a_run_keeps_the_figures_of_every_listener_under_original_ids(kkbox_world: World, tmp_path: Path) -> None:
    places, data = Places(kkbox_world.places.data, tmp_path), kkbox_world.data
    card = train(data, "itemknn", config_for("itemknn"), places, "near")
    explorer = Explorer.open(places, kkbox_world.name)
    evaluation = next(each for each in explorer.evaluate(["near"], ks=(3, 7)) if each.run == card.name)
    kept = read_measurement(places, "near", evaluation.protocol)
    assert read_evaluations(places, "near") == (evaluation,)
    assert len(kept.listeners) == evaluation.protocol.listeners
    for name, column in kept.columns.items():
        assert evaluation.metrics[name].mean == column.mean()
    listener = kept.listeners[5]
    assert list(kept.top[5]) == [item.song.id for item in explorer.recommend(listener, "near", k=7).items]
    held = {play.song.id for play in explorer.plays(listener) if play.split == "test"}
    assert set(kept.held[5]) <= held
    assert sorted(kept.ranks[5]) == list(kept.ranks[5])
    assert kept.columns["recall@7"][5] == mean(rank <= 7 for rank in kept.ranks[5])
    explorer.close()
    with pytest.raises(NotFound, match="musicrec evaluate near --protocol sampled"):
        read_measurement(places, "near", "test-sampled")
