"""A process at work on a sweep: its runs, what it keeps, how it goes on."""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pytest
from worlds import World

from musicrec.core.errors import MusicrecError, UsageError
from musicrec.core.explorer import Explorer
from musicrec.core.models.configs import CONFIGS
from musicrec.core.places import Places
from musicrec.core.runs import TRAINING, list_runs, read_card, read_evaluations
from musicrec.core.sweeping import working
from musicrec.core.sweeping.plan import Plan, make_plan
from musicrec.core.sweeping.results import Outcome, Result, results_sheet, write_results
from musicrec.core.sweeping.running import Manner, run_sweep, stored
from musicrec.core.sweeping.shared import Trial, opened
from musicrec.core.sweeping.working import SweepWatch, Worker
from musicrec.core.tabular import to_csv
from musicrec.core.training import train as really_train

QUICK: dict[str, Any] = {"epochs": 2, "batch_size": 1024, "patience": 100}


@pytest.fixture
def explorer(kkbox_world: World, tmp_path: Path) -> Iterator[Explorer]:
    found = Explorer.open(Places(kkbox_world.places.data, tmp_path / "runs"), device="cpu")
    yield found
    found.close()


def _plan(explorer: Explorer, space: dict[str, str], search: Any = "grid", **more: Any) -> Plan:
    asked: dict[str, Any] = {"model": "ncf", "fixed": QUICK} | more
    return make_plan(
        Plan(dataset="kkbox", fingerprint=explorer.dataset.fingerprint, search=search, space=space, **asked)
    )


def _sweep(explorer: Explorer, space: dict[str, str], manner: Manner = Manner(), **more: Any) -> Outcome:  # noqa: B008
    return run_sweep(explorer, "s", _plan(explorer, space, **more), manner)[0]


@contextmanager
def _worker(explorer: Explorer, plan: Plan, **manner: Any) -> Iterator[Worker]:
    folder = explorer.places.run("s")
    with opened(folder, "s", plan, None, manner.get("prune", False)) as shared:
        yield Worker("s", shared, explorer.data(), explorer.places, device="cpu", **manner)


def _rows(explorer: Explorer) -> list[dict[str, str]]:
    return list(csv.DictReader((explorer.places.run("s") / "results.csv").read_text().splitlines()))


def test_results_are_what_the_runs_say(explorer: Explorer) -> None:
    found = _sweep(explorer, {"factors": "2,4", "lr": "0.01,0.001"})
    rows = _rows(explorer)
    assert [row["run"] for row in rows] == [f"s-00{n}" for n in (1, 2, 3, 4)]
    for row, number in zip(rows, range(1, 5), strict=True):
        card = read_card(explorer.places, row["run"])
        assert (int(row["factors"]), float(row["lr"])) == (card.config["factors"], card.config["lr"])
        assert float(row["validation_ndcg@10"]) == card.metrics["ndcg@10"]
        assert (int(row["passes"]), int(row["best_pass"])) == (card.epochs, card.best_epoch) == (2, card.best_epoch)
        assert (float(row["seconds"]), row["state"], card.status) == (card.seconds, "finished", "finished")
        told = json.loads((explorer.places.run(row["run"]) / "sweep.json").read_text())
        parameters = {"factors": int(row["factors"]), "lr": float(row["lr"])}
        assert told == {"sweep": "s", "trial": number, "parameters": parameters}
    assert found.best is not None
    best = max(rows, key=lambda row: float(row["validation_ndcg@10"]))
    assert found.best.run == best["run"]
    assert [card.name for card in list_runs(explorer.places)] == ["s-004", "s-003", "s-002", "s-001"]
    assert stored(explorer.places, "s") == found


@pytest.mark.parametrize("model", CONFIGS)
def test_every_parameter_that_varies_has_a_column_of_its_own(model: str) -> None:
    space = {each.name: "1,2" for each in fields(CONFIGS[model])}
    trial = Trial(1, "finished", dict.fromkeys(space, "varied"), epochs=2, best_epoch=1)
    found = Outcome("s", Plan(model, "data", "f", "grid", space), (Result("s-001", trial, {}, {}),), ())
    (row,) = csv.DictReader(to_csv(results_sheet(found)).splitlines())
    assert [row[name] for name in space] == ["varied"] * len(space)
    assert (row["passes"], row["best_pass"]) == ("2", "1")


def test_a_training_of_a_sweep_is_the_training_alone(explorer: Explorer) -> None:
    _sweep(explorer, {"factors": "2,4"})
    config = read_card(explorer.places, "s-002").config
    alone = really_train(
        explorer.data(),
        "ncf",
        _plan(explorer, {"factors": "2,4"}).config({"factors": 4}),
        explorer.places,
        "alone",
        "cpu",
    )
    assert alone.config["factors"] == config["factors"] == 4
    assert alone.metrics == read_card(explorer.places, "s-002").metrics


def test_what_is_finished_is_not_trained_again(explorer: Explorer, monkeypatch: pytest.MonkeyPatch) -> None:
    found = _sweep(explorer, {"factors": "2,4"})
    monkeypatch.setattr(working, "train", None)
    assert _sweep(explorer, {"factors": "2,4"}) == found


def test_a_training_that_ended_before_it_was_booked_is_not_repeated(
    explorer: Explorer, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch, _worker(explorer, _plan(explorer, {"factors": "2,4"})) as worker:
        patch.setattr(worker.shared, "finish", _interrupt)
        with pytest.raises(KeyboardInterrupt):
            worker.run()
    trained = read_card(explorer.places, "s-001")
    assert (trained.status, len(list_runs(explorer.places))) == ("finished", 1)
    found = _sweep(explorer, {"factors": "2,4"})
    assert read_card(explorer.places, "s-001") == trained
    assert found.count("finished") == 2


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt


@pytest.mark.parametrize("keep", ["weights", "all"])
def test_an_interrupted_training_goes_on_and_ends_as_if_it_never_stopped(keep: Any, explorer: Explorer) -> None:
    passes = iter(range(1, 100))
    stop = SweepWatch(epoch=lambda epoch: _interrupt() if next(passes) == 3 else None)  # pass 1 of the second training
    plan = _plan(explorer, {"factors": "2,4"})
    found, interrupted = run_sweep(explorer, "s", plan, Manner(keep=keep), stop)
    assert interrupted
    assert [each.trial.state for each in found.results] == ["finished", "waiting"]
    assert read_card(explorer.places, "s-002").status == "interrupted"
    assert [row["state"] for row in _rows(explorer)] == ["finished", "waiting"]
    seen: list[int] = []
    found, interrupted = run_sweep(
        explorer, "s", None, Manner(keep=keep), SweepWatch(epoch=lambda epoch: seen.append(epoch.epoch))
    )
    assert not interrupted
    assert seen == [2]
    alone = really_train(explorer.data(), "ncf", plan.config({"factors": 4}), explorer.places, "alone", "cpu")
    assert found.results[1].trial.ndcg == alone.metrics["ndcg@10"]
    assert (explorer.places.run("s-002") / TRAINING).exists() == (keep == "all")


def test_a_training_killed_before_its_first_save_is_begun_anew(explorer: Explorer) -> None:
    folder = explorer.places.run("s-001")
    folder.mkdir(parents=True)
    (folder / "sweep.json").write_text(json.dumps({"sweep": "s", "trial": 1, "parameters": {"factors": 2}}))
    assert _sweep(explorer, {"factors": "2,4"}).count("finished") == 2


def test_a_run_of_another_origin_is_left_alone(explorer: Explorer) -> None:
    config = _plan(explorer, {"factors": "2,4"}).config({"factors": 4})
    mine = really_train(explorer.data(), "ncf", config, explorer.places, "s-002", "cpu")
    with pytest.raises(UsageError, match="run s-002 is there already"):
        _sweep(explorer, {"factors": "2,4"})
    assert list_runs(explorer.places) == (mine,)
    really_train(explorer.data(), "ncf", config, explorer.places, "t", "cpu")
    with pytest.raises(UsageError, match="a run is called t already"):
        run_sweep(explorer, "t", _plan(explorer, {"factors": "2,4"}), Manner())


def test_only_the_best_run_stays_if_so_asked(explorer: Explorer) -> None:
    found = _sweep(explorer, {"factors": "2,4", "lr": "0.01,0.001"}, Manner(keep="best"))
    assert found.best is not None
    assert [card.name for card in list_runs(explorer.places)] == [found.best.run]
    assert [row["state"] for row in _rows(explorer)] == ["finished"] * 4


def test_a_training_that_diverges_fails_alone(explorer: Explorer) -> None:
    found = _sweep(explorer, {"lr": "0.01,1e30"}, fixed=QUICK | {"optimizer": "sgd"})
    assert [each.trial.state for each in found.results] == ["finished", "failed"]
    assert "smaller --lr" in str(found.results[1].trial.problem)
    assert _sweep(explorer, {"lr": "0.01,1e30"}, fixed=QUICK | {"optimizer": "sgd"}) == found


def test_a_sweep_without_a_success_says_so(explorer: Explorer) -> None:
    with pytest.raises(MusicrecError, match=r"not one training succeeded; the first: .*smaller --lr"):
        _sweep(explorer, {"lr": "1e29,1e30"}, fixed=QUICK | {"optimizer": "sgd"})


def test_a_disk_that_is_full_fails_no_trial(explorer: Explorer, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise MusicrecError("cannot write: no space left") from OSError(28, "no space left")

    with monkeypatch.context() as patch:
        patch.setattr(working, "train", full)
        with pytest.raises(MusicrecError, match="no space left"):
            _sweep(explorer, {"factors": "2,4"})
    assert _sweep(explorer, {"factors": "2,4"}).count("finished") == 2


def test_test_figures_are_those_that_evaluate_keeps(explorer: Explorer) -> None:
    found = _sweep(explorer, {"factors": "2,4"}, Manner(test="all"))
    for result, row in zip(found.results, _rows(explorer), strict=True):
        (kept,) = read_evaluations(explorer.places, result.run)
        assert (kept.protocol.split, kept.protocol.candidates) == ("test", "full")
        assert result.test["full"]["ndcg@10"] == kept.metrics["ndcg@10"].mean
        assert float(row["test_full_hr@10"]) == kept.metrics["hr@10"].mean
    assert {each.model for each in found.baselines} == {"popularity", "itemknn"}
    assert any("for reporting" in note for note in found.notes)


def test_figures_of_fewer_listeners_are_not_those_of_the_sweep(explorer: Explorer) -> None:
    found = _sweep(explorer, {"factors": "2,4"})
    explorer.evaluate([found.results[0].run], most=5)
    found = _sweep(explorer, {"factors": "2,4"}, Manner(test="all"))
    usual, drawn = (found.results[0].protocols[kind] for kind in ("full", "full-listeners-5"))
    assert {each.protocol for each in found.baselines} == {usual}
    assert [set(each.protocols) for each in found.results] == [{"full", "full-listeners-5"}, {"full"}]
    first, second = _rows(explorer)
    for kind, protocol in (("full", usual), ("full-listeners-5", drawn)):
        asked = (first[f"test_{kind}_seed"], first[f"test_{kind}_listeners"], float(first[f"test_{kind}_ndcg@10"]))
        assert asked == ("7", str(protocol.listeners), found.results[0].test[kind]["ndcg@10"])
    assert (second["test_full_listeners"], second["test_full-listeners-5_listeners"]) == (str(usual.listeners), "")


def test_only_the_best_is_tested_if_so_asked(explorer: Explorer) -> None:
    found = _sweep(explorer, {"factors": "2,4"}, Manner(test="best"))
    assert [bool(each.test) for each in found.results] == [each is found.best for each in found.results]


def test_pruned_trainings_end_early(explorer: Explorer, monkeypatch: pytest.MonkeyPatch) -> None:
    plan = _plan(explorer, {"lr": "0.0..0.05"}, "random", trials=3)
    with _worker(explorer, plan, prune=True) as worker:

        def report(claim: Any, epoch: int, ndcg: float) -> bool:
            return claim.number == 2 and epoch == 1

        monkeypatch.setattr("musicrec.core.sweeping.shared.Claim.report", report)
        worker.run()
        found = worker.now()
    assert [each.trial.state for each in found.results] == ["finished", "pruned", "finished"]
    assert [each.trial.epochs for each in found.results] == [2, 1, 2]
    assert found.best is not found.results[1]


def test_the_pruner_ends_what_is_worse_than_the_median(explorer: Explorer) -> None:
    plan = _plan(explorer, {"lr": "0.0..0.05"}, "random", trials=8)
    with _worker(explorer, plan, prune=True) as worker:
        claims = list(iter(worker.shared.claim, None))
        for claim in claims[:6]:
            assert not any(claim.report(epoch, 0.5) for epoch in range(1, 5))
            worker.shared.finish(claim, 0.5)
        good, bad = claims[6:]
        assert not any(good.report(epoch, 0.6) for epoch in range(1, 5))
        assert any(bad.report(epoch, 0.1) for epoch in range(1, 5))


def test_a_guided_search_finds_the_better_learning_rate(explorer: Explorer, monkeypatch: pytest.MonkeyPatch) -> None:
    template = really_train(
        explorer.data(), "popularity", Plan.config(_popular(explorer), {}), explorer.places, "p", "cpu"
    )

    def toy(data: object, model: str, config: Any, places: Places, run: str, *_: object) -> Any:
        score = math.exp(-((math.log10(config.lr) + 2) ** 2))  # best at 0.01, from 1e-6 to 1
        return replace(template, name=run, config={}, metrics={"ndcg@10": score})

    monkeypatch.setattr(working, "train", toy)
    found = _sweep(explorer, {"lr": "1e-6..1:log"}, search="guided", trials=30)
    far = [abs(math.log10(float(each.trial.parameters["lr"])) + 2) for each in found.results]
    assert sum(far[10:]) / 20 < 0.6 * sum(far[:10]) / 10  # the first ten are drawn at random
    assert found.best is found.results[far.index(min(far))]
    assert min(far) < 0.2


def _popular(explorer: Explorer) -> Plan:
    return Plan("popularity", "kkbox", explorer.dataset.fingerprint, "grid", {"seed": "1"})


def test_a_spreadsheet_finds_no_formula_in_the_results(explorer: Explorer) -> None:
    failed = Trial(1, "failed", {"seed": -1}, problem="=HYPERLINK(1)")
    plan = _plan(explorer, {"seed": "1,2"})
    write_results(explorer.places, Outcome("s", plan, (Result("s-001", failed, {}, {}),), ()))
    (row,) = _rows(explorer)
    assert (row["seed"], row["problem"]) == ("-1", "'=HYPERLINK(1)")
