"""What DTNMR can be told, what it refuses, and what runs of before mean."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from worlds import World

from musicrec.core.errors import UsageError
from musicrec.core.models.configs import DTNMRConfig, config_for, config_of_run
from musicrec.core.models.dtnmr_config import QUICK, REFERENCE
from musicrec.core.models.registry import build

PARTS = ("static", "long-term", "short-term")


@pytest.mark.parametrize(
    ("settings", "problem"),
    [
        ({"cell": "rnn"}, "no cell is called 'rnn': choose one of lstm, gru, attention"),
        ({"rating": "cosine"}, "no rating is called 'cosine': choose one of dot, mlp"),
        ({"sampling": "hard"}, "no sampling is called 'hard': choose one of uniform, popularity, in-batch"),
        ({"use_static": False, "use_long_term": False, "use_short_term": False}, "use_static, use_long_term and"),
        ({"cell": "attention", "lstm_hidden": 9, "attention_heads": 2}, "attention_heads 2 must divide lstm_hidden 9"),
        ({"rating": "mlp", "temperature": 0.1}, "temperature is for the rating dot"),
        ({"sampling": "in-batch", "batch_size": 1}, "batch_size of at least 2"),
        ({"temperature": -0.1}, "temperature must be at least 0"),
        ({"popularity_exponent": -1.0}, "popularity_exponent must be at least 0"),
        ({"rating_hidden": 0}, "rating_hidden must be at least 1"),
        ({"shared_samples": 1}, "shared_samples takes true or false"),
    ],
)
def test_what_cannot_be_is_refused_in_one_line(settings: dict[str, Any], problem: str) -> None:
    with pytest.raises(UsageError) as raised:
        config_for("dtnmr", chosen=settings)
    assert problem in str(raised.value)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("off", [(), ("static",), ("long-term",), ("short-term",), PARTS[:2], PARTS[1:], PARTS[::2]])
@pytest.mark.parametrize("rating", ["dot", "mlp"])
def test_a_part_that_is_off_is_neither_built_nor_named(off: tuple[str, ...], rating: str, kkbox_world: World) -> None:
    chosen = {f"use_{part.replace('-', '_')}": False for part in off} | {"rating": rating}
    model = build(
        "dtnmr", config_for("dtnmr", "quick", {"feature_hidden": (8,), "lstm_hidden": 8} | chosen), kkbox_world.data
    )
    modules = {name.split(".")[0] for name in model.state_dict()}
    assert ("usfc" in modules) is ("static" not in off)
    assert ("udfc" in modules) is (len({"long-term", "short-term"} - set(off)) > 0)
    parts = model.scorer(kkbox_world.data).parts(kkbox_world.data.past("test"), torch.zeros(60, 1, dtype=torch.int64))
    assert parts.names == (("song",) if rating == "mlp" else ()) + tuple(part for part in PARTS if part not in off)


def test_playlists_share_their_weights_and_each_reads_its_own_length(kkbox_world: World) -> None:
    torch.manual_seed(0)
    settings = {"use_static": False, "short_term_len": 3, "long_term_len": 6, "cell": "attention", "lstm_hidden": 8}
    both = build("dtnmr", config_for("dtnmr", "quick", settings), kkbox_world.data)
    scorer, past = both.scorer(kkbox_world.data), kkbox_world.data.past("test")
    songs = torch.arange(10).expand(60, -1)
    together = scorer.parts(past, songs).values
    for part, name in enumerate(("use_short_term", "use_long_term")):
        one = build("dtnmr", config_for("dtnmr", "quick", settings | {name: False}), kkbox_world.data)
        weights = both.state_dict()
        if name == "use_long_term":
            weights["udfc.positions.weight"] = weights["udfc.positions.weight"][:3]
        one.load_state_dict(weights)
        alone = one.scorer(kkbox_world.data).parts(past, songs).values
        assert torch.allclose(alone[:, :, 0], together[:, :, part], atol=1e-5)


def test_a_run_that_does_not_say_is_as_in_the_reference() -> None:
    config = config_of_run("dtnmr", {"epochs": 3, "lstm_hidden": 64})
    assert isinstance(config, DTNMRConfig)
    assert (config.cell, config.rating, config.temperature) == ("lstm", "dot", 0.0)
    assert (config.sampling, config.shared_samples, config.correction) == ("uniform", False, False)
    assert config.parts == PARTS
    assert config.use_behaviours
    config_for("dtnmr", "reference")
    config_for("dtnmr", "quick")


def test_the_reference_says_all_that_its_program_fixes() -> None:
    general = {"seed", "epochs", "patience", "validation_listeners", "warmup_steps", "schedule"}
    features = {"song_features", "listener_features", "rare", "rare_buckets"}
    assert set(DTNMRConfig.__slots__) - set(REFERENCE) <= general | features
    assert set(QUICK) <= {*DTNMRConfig.__dataclass_fields__}
