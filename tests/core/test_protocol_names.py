"""What protocols and the files of their figures are called."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest

from musicrec.core.places import Places
from musicrec.core.records import Evaluation, Metric, Protocol
from musicrec.core.runs import read_evaluations

PROTOCOLS: list[tuple[Callable[[Protocol], Protocol], str]] = [
    (lambda p: p, "test-full"),
    (lambda p: replace(p, split="validation"), "validation-full"),
    (lambda p: replace(p, candidates="sampled", negatives=99, name=None), "test-sampled"),
    (lambda p: replace(p, candidates="sampled", negatives=99, ks=(10,), name="ncf-reference"), "test-ncf-reference"),
    (lambda p: replace(p, name="dtnmr-paper"), "test-dtnmr-paper"),
    (lambda p: replace(p, name="cold-songs"), "test-cold-songs"),
    (lambda p: replace(p, name="cold-listeners", first_plays=5), "test-cold-listeners-first-5"),
]


def test_every_protocol_has_a_file_and_a_label_of_its_own() -> None:
    usual = Protocol("test", "full", None, 7, 10, 20, (5, 10, 20))
    protocols = [make(usual) for make, _ in PROTOCOLS]
    assert [each.key for each in protocols] == [key for _, key in PROTOCOLS]
    assert len({each.label for each in protocols}) == len(PROTOCOLS)
    for each in protocols[3:]:
        assert each.label.startswith(f"{each.name}: ")


@pytest.mark.parametrize(
    ("differs", "key", "options"),
    [
        ({"ks": (10,)}, "test-full-k-10", "--k 10"),
        ({"seed": 8}, "test-full-seed-8", "--seed 8"),
        ({"drawn": True}, "test-full-listeners-10", "--listeners 10"),
        ({"listeners": 9}, "test-full", ""),
        (
            {"candidates": "sampled", "negatives": 50, "name": None, "ks": (1, 2), "split": "validation"},
            "validation-sampled-k-1-2-negatives-50",
            "--protocol sampled --split validation --k 1,2 --negatives 50",
        ),
        (
            {"name": "cold-listeners", "first_plays": 5, "drawn": True, "seed": 3},
            "test-cold-listeners-first-5-listeners-10-seed-3",
            "--protocol cold-listeners --first 5 --listeners 10 --seed 3",
        ),
    ],
)
def test_what_is_not_as_usual_has_a_file_of_its_own(differs: dict[str, Any], key: str, options: str) -> None:
    protocol = replace(Protocol("test", "full", None, 7, 10, 20, (5, 10, 20)), **differs)
    assert (protocol.key, protocol.options) == (key, options)


def test_many_places_make_no_endless_file_name() -> None:
    one, other = (Protocol("test", "full", None, 7, 10, 20, tuple(range(1, most))) for most in (400, 401))
    assert len(one.key) < 120
    assert one.key != other.key


def test_figures_stored_before_protocols_had_names_are_read(tmp_path: Path) -> None:
    places = Places(tmp_path, tmp_path)
    sampled = Evaluation(
        "run", "ncf", Protocol("test", "sampled", 99, 7, 10, 20, (5,)), {"hr@5": Metric(0.5, 0.4, 0.6)}
    )
    fields = asdict(sampled)
    del fields["notices"], fields["protocol"]["name"], fields["protocol"]["first_plays"]
    (tmp_path / "run" / "metrics").mkdir(parents=True)
    (tmp_path / "run" / "metrics" / "test-sampled.json").write_text(json.dumps(fields))
    assert read_evaluations(places, "run") == (sampled,)
    assert sampled.protocol.name == "sampled"
