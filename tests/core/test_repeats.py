"""Runs over seeds: who belongs together, mean and spread by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest

from musicrec.core.records import Evaluation, Metric, Protocol, RunCard
from musicrec.core.repeats import repeats, repeats_sheets

PROTOCOL = Protocol("test", "full", None, 7, 50, 100, (10,))


def _card(name: str, seed: int, **more: object) -> RunCard:
    config = {"seed": seed, "epochs": 3, "factors": 8} | more
    return RunCard(
        name=name, model="gmf", dataset="d", fingerprint="f", config=config, seed=seed, device="cpu",
        created=datetime(2026, 1, 1), status="finished", epochs=3, best_epoch=2, seconds=1.0, parameters=5, metrics={},
    )  # fmt: skip


def _measured(run: str, ndcg: float, protocol: Protocol = PROTOCOL) -> Evaluation:
    return Evaluation(run, "gmf", protocol, {"ndcg@10": Metric(ndcg, ndcg - 0.1, ndcg + 0.1), "gini@10": Metric(0.5)})


def test_mean_and_spread_by_hand() -> None:
    cards = [_card("gmf-s9", 9), _card("gmf-s7", 7), _card("gmf-s8", 8)]
    (found,) = repeats(cards, [_measured("gmf-s7", 0.1), _measured("gmf-s8", 0.2), _measured("gmf-s9", 0.6)])
    assert (found.name, found.runs, found.seeds) == ("gmf", ("gmf-s7", "gmf-s8", "gmf-s9"), (7, 8, 9))
    assert found.metrics["ndcg@10"].mean == pytest.approx(0.3)
    assert found.metrics["ndcg@10"].deviation == pytest.approx(((0.2**2 + 0.1**2 + 0.3**2) / 2) ** 0.5)
    (sheet,) = repeats_sheets([found])
    assert sheet.rows == (("gmf", "gmf", 3, "0.3000 ±0.2646"),)
    assert "gmf: gmf-s7, gmf-s8, gmf-s9" in sheet.notes


@pytest.mark.parametrize(
    "other",
    [
        _card("b", 8, factors=16),
        _card("b", 7),  # the same seed again
        replace(_card("b", 8), fingerprint="another"),
        replace(_card("b", 8), model="mf"),
        replace(_card("b", 8), status="interrupted"),
        replace(_card("b", 8), problem="trained on another dataset"),
    ],
)
def test_other_runs_do_not_belong(other: RunCard) -> None:
    assert repeats([_card("a", 7), other], [_measured("a", 0.1), _measured("b", 0.2)]) == ()


def test_only_figures_of_one_protocol_are_summed_up() -> None:
    cards, other = [_card("a", 7), _card("b", 8), _card("c", 9)], replace(PROTOCOL, seed=1)
    figures = [_measured("a", 0.1), _measured("b", 0.3), _measured("b", 0.5, other), _measured("c", 0.7, other)]
    first, second = repeats(cards, figures)
    assert (first.runs, first.metrics["ndcg@10"].mean) == (("a", "b"), pytest.approx(0.2))
    assert (second.runs, second.metrics["ndcg@10"].mean) == (("b", "c"), pytest.approx(0.6))
    assert repeats(cards, figures[:1]) == ()
