"""What a run keeps of its measurements: each of its own kind, whole, and of the weights that it has."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from worlds import World

from musicrec.core import measurements, standings
from musicrec.core.errors import MusicrecError, NotFound
from musicrec.core.explorer import Explorer
from musicrec.core.measurements import read_measurement
from musicrec.core.models.configs import config_for
from musicrec.core.places import Places
from musicrec.core.runs import METRICS, WEIGHTS, read_evaluations, weights_mark
from musicrec.core.training import train
from musicrec.core.weights import save_weights


@pytest.fixture
def explorer(kkbox_world: World, tmp_path: Path) -> Explorer:
    places = Places(kkbox_world.places.data, tmp_path)
    train(kkbox_world.data, "popularity", config_for("popularity"), places, "crowd")
    return Explorer.open(places, kkbox_world.name)


def _files(places: Places) -> list[str]:
    return sorted(path.name for path in (places.run("crowd") / METRICS).glob("*"))


def _train_on(places: Places) -> None:
    save_weights(places, "crowd", {"plays": torch.rand(240)})


def test_what_is_measured_in_another_way_stands_beside_the_usual(explorer: Explorer) -> None:
    ways: list[dict[str, Any]] = [{}, {"ks": (10,)}, {"seed": 8}, {"most": 5}, {"most": 1_000}]
    found = [explorer.evaluate(["crowd"], **way)[-1] for way in ways]
    keys = ["test-full", "test-full-k-10", "test-full-listeners-5", "test-full-seed-8"]
    assert _files(explorer.places) == sorted(f"{key}.{end}" for key in keys for end in ("json", "parquet"))
    assert found[0] == found[4]  # nobody was drawn
    assert read_evaluations(explorer.places, "crowd") == (found[0], found[1], found[3], found[2])
    assert "5 listeners drawn" in found[3].protocol.label
    for each in found:
        kept = read_measurement(explorer.places, "crowd", each.protocol)
        assert each.metrics["ndcg@10"].mean == kept.columns["ndcg@10"].mean()


def test_files_of_two_measurements_are_never_read_as_one(explorer: Explorer) -> None:
    places = explorer.places
    explorer.evaluate(["crowd"])
    rows = places.run("crowd") / METRICS / "test-full.parquet"
    assert len(read_measurement(places, "crowd", "test-full").listeners)
    explorer.evaluate(["crowd"], most=5)
    rows.write_bytes(rows.with_name("test-full-listeners-5.parquet").read_bytes())  # as a kill may leave it
    with pytest.raises(NotFound, match=r"no figures of each listener under test-full: .*`musicrec evaluate crowd`"):
        read_measurement(places, "crowd", "test-full")
    rows.with_suffix(".json").unlink()
    with pytest.raises(NotFound):
        read_measurement(places, "crowd", "test-full")


def test_figures_of_other_weights_are_not_kept(explorer: Explorer, monkeypatch: pytest.MonkeyPatch) -> None:
    places, measure, written = explorer.places, standings.measure, measurements.write_atomically

    def trained_meanwhile(*given: Any) -> Any:
        _train_on(places)
        return measure(*given)

    with monkeypatch.context() as patched:
        patched.setattr(standings, "measure", trained_meanwhile)
        with pytest.raises(MusicrecError, match="the weights of run crowd changed while it was measured") as problem:
            explorer.evaluate(["crowd"])
    assert "\n" not in str(problem.value)
    assert _files(places) == []
    for last in (".parquet", ".json"):

        def trained_after(path: Path, content: bytes, last: str = last) -> None:
            written(path, content)
            if path.suffix == last:
                _train_on(places)

        with monkeypatch.context() as patched:
            patched.setattr(measurements, "write_atomically", trained_after)
            with pytest.raises(MusicrecError, match="changed while it was measured"):
                explorer.evaluate(["crowd"])
        assert _files(places) == []
    explorer.evaluate(["crowd"])
    assert _files(places) == ["test-full.json", "test-full.parquet"]


def test_a_run_that_went_gets_no_figures(explorer: Explorer, monkeypatch: pytest.MonkeyPatch) -> None:
    measure, weights = standings.measure, explorer.places.run("crowd") / WEIGHTS

    def removed(*given: Any) -> Any:
        weights.unlink(missing_ok=True)
        return measure(*given)

    monkeypatch.setattr(standings, "measure", removed)
    with pytest.raises(MusicrecError):
        explorer.evaluate(["crowd"])
    assert _files(explorer.places) == []


def test_weights_that_are_saved_again_are_the_same(explorer: Explorer) -> None:
    places = explorer.places
    _train_on(places)
    weights, mark = {"plays": torch.arange(3.0)}, weights_mark(places, "crowd")
    save_weights(places, "crowd", weights)
    changed = weights_mark(places, "crowd")
    save_weights(places, "crowd", weights)
    assert weights_mark(places, "crowd") == changed != mark
