"""Of the figures that a run keeps, those that are measured where nothing is asked for come first."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

from musicrec.core.places import Places
from musicrec.core.records import Evaluation, Metric, Protocol
from musicrec.core.runs import METRICS, read_evaluations
from musicrec.core.terms import USUAL_KS


def test_the_protocol_full_comes_before_those_of_cold_songs_and_papers(tmp_path: Path) -> None:
    places = Places(tmp_path, tmp_path)
    protocols = [
        Protocol("test", "full", None, 7, 10, 100, USUAL_KS, name)
        for name in ("full", "cold-listeners", "cold-songs", "dtnmr-paper")
    ]
    folder = places.run("run") / METRICS
    folder.mkdir(parents=True)
    for protocol in reversed(protocols):
        found = Evaluation("run", "ncf", protocol, {"auc": Metric(0.5)})
        (folder / f"{protocol.key}.json").write_text(json.dumps(asdict(found)))
    assert [each.protocol for each in read_evaluations(places, "run")] == protocols
