"""Two rankings side by side, worked out by hand."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from worlds import World

from musicrec.core.comparing import gone, measured_alike, shifts
from musicrec.core.explorer import Explorer
from musicrec.core.models.configs import config_for
from musicrec.core.ordering import Order
from musicrec.core.pages import Shift
from musicrec.core.paired_figures import alike_pairs
from musicrec.core.places import Places
from musicrec.core.records import Evaluation, Listener, Metric, Protocol, Recommendation, Recommendations, Song
from musicrec.core.training import train

SONGS = [Song(number, f"s{number}") for number in range(5)]
PROTOCOL = Protocol("test", "full", None, 7, 100, 5, (5, 10))


def _list(*numbers: int) -> Recommendations:
    items = [Recommendation(rank, SONGS[n], 0.0, 0.0, False, False, False) for rank, n in enumerate(numbers, start=1)]
    return Recommendations(Listener(0, "u"), "run", tuple(items), 5, 0.0)


def test_songs_are_found_in_both_orders() -> None:
    before = Order(torch.tensor([5.0, 1.0, 3.0, 3.0, 2.0]), torch.tensor([True, False, False, False, False]))
    after = Order(torch.tensor([0.0, 9.0, 1.0, 2.0, 2.0]), torch.tensor([False, False, False, False, True]))
    # before 2 3 4 1 (2 ties with 3 and has more plays), after 1 3 2 0
    wanted = [(0, None, 4), (1, 4, 1), (2, 1, 3), (3, 2, 2), (4, 3, None)]
    assert shifts(SONGS, before, after) == tuple(Shift(SONGS[song], b, a) for song, b, a in wanted)


def test_what_is_gone_comes_in_its_old_order() -> None:
    assert gone(_list(4, 0, 2), _list(0, 1)) == (SONGS[4], SONGS[2])
    assert gone(_list(), _list(1)) == ()


def _measured(run: str, protocol: Protocol = PROTOCOL) -> Evaluation:
    metrics = {f"ndcg@{k}": Metric(0.1 * k) for k in protocol.ks} | {"auc": Metric(0.9)}
    return Evaluation(run, "ncf", protocol, metrics)


def test_figures_stand_side_by_side_under_one_protocol_alone() -> None:
    one, other = _measured("one"), _measured("other")
    assert measured_alike([one], [other]) == (one, other)
    for differs in ({"seed": 8}, {"listeners": 99}, {"songs": 6}, {"split": "validation"}, {"ks": (20,)}):
        assert measured_alike([one], [_measured("other", replace(PROTOCOL, **differs))]) is None
    sampled = _measured("other", replace(PROTOCOL, candidates="sampled", negatives=99))
    assert measured_alike([one], [sampled]) is None
    assert measured_alike([one], []) is None
    assert measured_alike([sampled, one], [other, sampled]) == (one, other)


def test_of_several_measurements_those_on_the_same_terms_stand_side_by_side() -> None:
    drawn, other_seed = replace(PROTOCOL, listeners=9, drawn=True), replace(PROTOCOL, seed=8)
    one = [_measured("one", each) for each in (other_seed, drawn, PROTOCOL, replace(PROTOCOL, ks=(5,)))]
    other = [_measured("other", each) for each in (replace(PROTOCOL, ks=(1, 5, 10)), drawn)]
    pairs = alike_pairs(one, other)
    assert [(first.protocol, second.protocol) for first, second in pairs] == [
        (drawn, drawn),
        (PROTOCOL, other[0].protocol),
    ]
    assert measured_alike(one[2:], other[:1]) == (one[2], replace(_measured("other")))


def test_figures_are_kept_at_the_ks_of_both() -> None:
    found = measured_alike([_measured("one")], [_measured("other", replace(PROTOCOL, ks=(10, 20)))])
    assert found is not None
    for each in found:
        assert each.protocol.ks == (10,)
        assert set(each.metrics) == {"ndcg@10", "auc"}


def test_two_runs_on_one_listener(checkerboard: World, tmp_path_factory: pytest.TempPathFactory) -> None:
    places = Places(checkerboard.places.data, tmp_path_factory.mktemp("compared"))
    for model in ("popularity", "itemknn"):
        train(checkerboard.data, model, config_for(model), places, model, "cpu")
    explorer = Explorer.open(places, checkerboard.name)
    answer = explorer.compare("L3", "popularity", "itemknn", k=5)
    assert answer.overall is None
    ranked = [[item.song.id for item in explorer.recommend("L3", run, k=20).items] for run in ("popularity", "itemknn")]
    for shift in (*answer.one_shifts, *answer.other_shifts, *answer.held_out):
        assert [shift.before, shift.after] == [songs.index(shift.song.id) + 1 for songs in ranked]
    assert answer.shared == len(set(ranked[0][:5]) & set(ranked[1][:5]))
    assert [shift.song.id for shift in answer.held_out] == ["S3"]
    assert answer.held_out[0].after == 1
    explorer.evaluate(["popularity", "itemknn"])
    overall = explorer.compare("L3", "popularity", "itemknn").overall
    assert overall is not None
    assert [each.run for each in overall] == ["popularity", "itemknn"]
    assert overall[0].metrics["ndcg@10"].mean < overall[1].metrics["ndcg@10"].mean
    explorer.close()
