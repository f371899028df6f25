"""Figures by slice: who is in which, by hand, and parts that add up to the whole."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from worlds import World, open_world, write_kkbox

from musicrec.core.errors import UsageError
from musicrec.core.explorer import Explorer
from musicrec.core.models.configs import config_for
from musicrec.core.places import Places
from musicrec.core.records import Evaluation
from musicrec.core.slices import by_decade, by_quarter, by_third, by_value, of_listeners, of_songs, thirds
from musicrec.core.slicing import sliced, slices_sheet
from musicrec.core.training import train


def _shown(groups: list[tuple[str, np.ndarray]]) -> dict[str, list[int]]:
    return {name: rows.tolist() for name, rows in groups}


def test_quarters_by_hand() -> None:
    plays = np.array([5, 1, 2, 8, 3, 4, 7, 6])
    assert _shown(by_quarter(plays, "plays")) == {
        "1–2 plays": [1, 2],
        "3–4 plays": [4, 5],
        "5–6 plays": [0, 7],
        "7–8 plays": [3, 6],
    }
    # equal values stay together, though quarters are then not of a size
    assert _shown(by_quarter(np.array([1, 1, 1, 1, 1, 9]), "plays")) == {"1 plays": [0, 1, 2, 3, 4], "9 plays": [5]}
    assert _shown(by_quarter(np.array([1234]), "plays")) == {"1,234 plays": [0]}


@given(st.lists(st.integers(0, 12), min_size=1, max_size=60))
def test_everyone_is_in_one_quarter(values: list[int]) -> None:
    groups = by_quarter(np.array(values), "plays")
    assert sorted(row for _, rows in groups for row in rows) == list(range(len(values)))
    edges = [(min(values[row] for row in rows), max(values[row] for row in rows)) for _, rows in groups]
    assert all(high < low for (_, high), (low, _) in pairwise(edges))
    assert len(groups) <= 4


def test_decades_by_hand() -> None:
    ages = [25, None, 12, 20, 29, 71, 60]
    assert _shown(by_decade(ages)) == {"under 20": [2], "20–29": [0, 3, 4], "60 and over": [5, 6], "unknown": [1]}


def test_values_by_hand() -> None:
    values = [("rock", "jazz"), ("rock",), (), ("folk", "folk")]
    found = by_value(values)
    assert [name for name, _ in found] == ["rock", "folk", "jazz", "unknown"]
    assert _shown(found) == {"rock": [0, 1], "folk": [3], "jazz": [0], "unknown": [2]}


def test_a_value_that_is_called_unknown_is_one() -> None:
    assert _shown(by_value([("unknown",), (), ("rock",)])) == {"rock": [2], '"unknown"': [0], "unknown": [1]}
    many = [(f"g{number}",) for number in range(10)] * 2 + [("2 others",)] * 2 + [("x",), ("y",), ()]
    found = _shown(by_value(many))
    assert (found['"2 others"'], found["2 others"], found["unknown"]) == ([20, 21], [22, 23], [24])


def test_small_values_are_pooled() -> None:
    values = [(f"g{number:02}",) for number in range(20) for _ in range(20 - number)] + [()]
    found = by_value(values)
    assert [name for name, _ in found[:2]] == ["g00", "g01"]
    assert [name for name, _ in found[-2:]] == ["9 others", "unknown"]
    assert sum(len(rows) for _, rows in found) == len(values)
    # a song of two small genres is there once
    twice = [("a",)] * 5 + [(f"x{number}", f"y{number}") for number in range(8)]
    assert dict(_shown(by_value(twice)))["6 others"] == sorted(set(dict(_shown(by_value(twice)))["6 others"]))


def test_thirds_by_hand() -> None:
    # 12 plays in all: the first song has 4 of them, the next two the second 4, and the rest is the tail
    third = thirds(np.array([4, 3, 1, 1, 1, 1, 1, 0]))
    assert third.tolist() == [0, 1, 1, 2, 2, 2, 2, 2]
    assert _shown(by_third(np.array([3, 0, 0, 1]), third)) == {
        "head (1 song)": [1, 2],
        "middle (2 songs)": [3],
        "tail (5 songs)": [0],
    }
    assert thirds(np.array([0, 0])).tolist() == [2, 2]


def test_figures_of_listeners_by_hand() -> None:
    groups = [("few", np.array([0, 2])), ("one", np.array([1]))]
    few, one = of_listeners(groups, {"hr@5": np.array([1.0, 1.0, 0.0])}, seed=3)
    assert (few.listeners, few.songs, few.metrics["hr@5"].mean) == (2, None, 0.5)
    assert (few.metrics["hr@5"].low, few.metrics["hr@5"].high) == (0, 1)
    assert (one.metrics["hr@5"].mean, one.metrics["hr@5"].low, one.few) == (1, 1, True)


def test_figures_of_songs_by_hand() -> None:
    # The first listener has songs at 1, 4 and 12, the second at 3, the third at 2 and 20
    owner, rank = np.array([0, 0, 0, 1, 2, 2]), np.array([1, 4, 12, 3, 2, 20])
    groups = [("a", np.array([1, 2, 4])), ("b", np.array([0, 3])), ("c", np.array([5]))]
    a, b, c = of_songs(groups, owner, rank, (5, 12), seed=3)
    assert (a.listeners, a.songs) == (2, 3)
    # places 4 and 12 of two held-out songs, and place 2 of one
    assert a.metrics["recall@5"].mean == pytest.approx((1 / 2 + 1) / 2)
    assert a.metrics["recall@12"].mean == pytest.approx(1)
    assert a.metrics["mrr@5"].mean == pytest.approx((1 / 4 + 1 / 2) / 2)
    assert (b.listeners, b.metrics["hr@5"].mean) == (2, 1)
    assert (c.listeners, c.metrics["hr@12"].mean) == (1, 0)


@pytest.fixture(scope="module")
def measured(kkbox_world: World, tmp_path_factory: pytest.TempPathFactory) -> tuple[Places, Path, Evaluation]:
    """One run and its figures."""
    places = Places(kkbox_world.places.data, tmp_path_factory.mktemp("sliced"))
    train(kkbox_world.data, "itemknn", config_for("itemknn"), places, "near")
    explorer = Explorer.open(places, kkbox_world.name)
    evaluation = next(each for each in explorer.evaluate(["near"], ks=(5, 10)) if each.run == "near")
    explorer.close()
    return places, places.dataset(kkbox_world.name), evaluation


@pytest.mark.parametrize("by", ["activity", "age", "gender", "city"])
def test_slices_of_listeners_add_up(measured: tuple[Places, Path, Evaluation], by: str) -> None:
    places, dataset, evaluation = measured
    (found,) = sliced(places, dataset, [evaluation], by)  # type: ignore[arg-type]
    assert len(found.slices) > 1
    assert sum(each.listeners for each in found.slices) == evaluation.protocol.listeners
    for name in ("ndcg@10", "auc", "novelty@5"):
        weighted = sum(each.listeners * each.metrics[name].mean for each in found.slices)
        assert weighted / evaluation.protocol.listeners == pytest.approx(evaluation.metrics[name].mean)


@pytest.mark.parametrize("by", ["popularity", "language", "genre"])
def test_slices_of_songs_are_those_of_their_songs(
    measured: tuple[Places, Path, Evaluation], kkbox_world: World, by: str
) -> None:
    places, dataset, evaluation = measured
    (found,) = sliced(places, dataset, [evaluation], by)  # type: ignore[arg-type]
    explorer = Explorer.open(places, kkbox_world.name)
    wanted = {"language": "language", "genre": "genres"}.get(by)
    if wanted:
        hits: dict[str, list[float]] = {}
        for who in explorer.find_listeners(limit=100).items:
            plays = explorer.plays(who.id)
            past = {play.song.id for play in plays if play.split != "test"}
            goals = {play.song.id: play.song for play in plays if play.split == "test" and play.song.id not in past}
            top = {item.song.id for item in explorer.recommend(who.id, "near", k=10).items}
            mine: dict[str, list[bool]] = {}
            for song in goals.values():
                value = getattr(song, wanted)
                for each in (value,) if isinstance(value, str) else value or ():
                    mine.setdefault(each, []).append(song.id in top)
            for name, shares in mine.items():
                hits.setdefault(name, []).append(sum(shares) / len(shares))
        shown = [each for each in found.slices if each.name in hits]
        assert shown
        for each in shown:
            assert each.listeners == len(hits[each.name])
            # lists break ties by song, ranks by their middle: a tie at the last place may go either way
            assert each.metrics["recall@10"].mean == pytest.approx(np.mean(hits[each.name]), abs=0.1)
    else:
        assert [each.name.split()[0] for each in found.slices] == ["head", "middle", "tail"]
        held = sum(each.songs or 0 for each in found.slices)
        assert held >= evaluation.protocol.listeners
    explorer.close()


def test_the_table_marks_small_slices(measured: tuple[Places, Path, Evaluation]) -> None:
    places, dataset, evaluation = measured
    found = sliced(places, dataset, [evaluation], "city")
    sheet = slices_sheet(found)
    assert sheet.columns[:2] == ("city", "run")
    marks = {row[0]: row[-1] for row in sheet.rows}
    assert marks == {each.name: "fewer than 20 listeners" if each.listeners < 20 else "" for each in found[0].slices}
    assert "fewer than 20 listeners" in marks.values()
    assert evaluation.protocol.label in sheet.notes


def test_what_a_dataset_does_not_know_cannot_be_sliced_by(tmp_path: Path) -> None:
    plays = [(f"L{i}", f"S{(i + j) % 6}") for i in range(6) for j in range(4)]
    future = [(f"L{i}", f"S{(i + 4) % 6}") for i in range(6)]
    world = open_world(tmp_path, "kkbox", write_kkbox(tmp_path / "raw", plays, future), "kkbox")
    train(world.data, "popularity", config_for("popularity"), world.places, "crowd")
    explorer = Explorer.open(world.places)
    evaluations = explorer.evaluate(["crowd"], ks=(2,))
    explorer.close()
    for by in ("age", "genre"):
        with pytest.raises(UsageError, match=f"knows the {by} of none"):
            sliced(world.places, world.places.dataset("kkbox"), evaluations, by)  # type: ignore[arg-type]
