"""What a run keeps of its measurements: each of its own kind, whole, and of the weights that it has."""

from __future__ import annotations

import hashlib
import json
import shutil
import weakref
from pathlib import Path
from typing import Any

import duckdb
import pytest
import torch
from worlds import World

from musicrec.core import measurements, standings
from musicrec.core.errors import MusicrecError, NotFound
from musicrec.core.explorer import Explorer
from musicrec.core.measurements import HASH, read_measurement
from musicrec.core.models.configs import config_for
from musicrec.core.places import Places
from musicrec.core.runs import METRICS, WEIGHTS, read_evaluations, read_run, weights_mark
from musicrec.core.tables import measured
from musicrec.core.training import train
from musicrec.core.versus import Incomparable, versus
from musicrec.core.weights import load_model, save_weights


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


def _rewritten(rows: Path, columns: str) -> None:
    """Write other columns into a run's Parquet, under a hash that fits."""
    with duckdb.connect() as connection:
        connection.sql(f"SELECT {columns} FROM '{rows}'").write_parquet(f"{rows}.new")
    Path(f"{rows}.new").replace(rows)
    figures = rows.with_suffix(".json")
    told = json.loads(figures.read_text()) | {HASH: hashlib.sha256(rows.read_bytes()).hexdigest()}
    figures.write_text(json.dumps(told))


def test_rows_of_another_kind_are_damaged(explorer: Explorer) -> None:
    places = explorer.places
    explorer.evaluate(["crowd"])
    rows = places.run("crowd") / METRICS / "test-full.parquet"
    whole, before = rows.read_bytes(), read_measurement(places, "crowd", "test-full")
    _rewritten(rows, "*")
    assert read_measurement(places, "crowd", "test-full").held == before.held
    for columns in (
        '* REPLACE ("hr@10"::VARCHAR AS "hr@10")', '* REPLACE (NULL::DOUBLE AS "hr@10")', '*, 0.5::DOUBLE AS "hr@x"',
        "*, [1.0] AS extra", "* EXCLUDE (held)", "* REPLACE (NULL::VARCHAR AS listener)",
        "* REPLACE (['x' FOR _ IN ranks] AS ranks)", "* REPLACE ([0 * rank FOR rank IN ranks] AS ranks)",
        "* REPLACE (NULL::BIGINT[] AS ranks)", "* REPLACE (list_prepend(NULL, top) AS top)",
        "* REPLACE (list_append(held, 's') AS held)",
    ):  # fmt: skip
        rows.write_bytes(whole)
        _rewritten(rows, columns)
        with pytest.raises(MusicrecError, match=r"test-full\.parquet is damaged: evaluate the run again"):
            read_measurement(places, "crowd", "test-full")


def test_runs_without_a_metric_in_common_are_not_compared(explorer: Explorer) -> None:
    places = explorer.places
    explorer.evaluate(["crowd"])
    shutil.copytree(places.run("crowd"), places.run("other"))
    _rewritten(places.run("other") / METRICS / "test-full.parquet", "listener, top, held, ranks, 0.5::DOUBLE AS own")
    with pytest.raises(Incomparable, match="crowd and other have no metric in common: run `musicrec evaluate"):
        versus(places, read_run(places, "crowd"), read_run(places, "other"))


def test_a_file_whose_hash_is_another_is_never_parsed(explorer: Explorer, monkeypatch: pytest.MonkeyPatch) -> None:
    places, parsed = explorer.places, []
    explorer.evaluate(["crowd"])
    rows = places.run("crowd") / METRICS / "test-full.parquet"
    monkeypatch.setattr(measured, "read_measured", parsed.append)
    rows.write_bytes(rows.read_bytes() + b"x")
    with pytest.raises(NotFound):
        read_measurement(places, "crowd", "test-full")
    assert parsed == []


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


def test_one_run_at_a_time_is_in_memory(
    explorer: Explorer, kkbox_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("first", "second"):  # of a model that its scorer holds on to
        train(kkbox_world.data, "mf", config_for("mf", "quick", {"epochs": 1}), explorer.places, name)
    loaded: list[weakref.ref[Any]] = []

    def load(*given: Any) -> Any:
        assert not [each for each in loaded if each() is not None]
        model = load_model(*given)
        loaded.append(weakref.ref(model))
        return model

    monkeypatch.setattr(standings, "load_model", load)
    explorer.evaluate(["first", "second", "crowd"])
    assert len(loaded) == 3
