"""What the validations of a training are told to expect: the scores of all its passes, where these are many."""

from __future__ import annotations

from pathlib import Path

import pytest
from worlds import World

from musicrec.core import compiled_ranking
from musicrec.core.models.configs import config_for
from musicrec.core.models.ncf_scorer import NCFScorer
from musicrec.core.places import Places
from musicrec.core.training import train


@pytest.mark.parametrize("worth", [3, 4])  # times the scores of one pass
def test_all_passes_count_together(
    worth: int, kkbox_world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data, told = kkbox_world.data, list[float]()
    listeners = int((data.held_out("validation").lengths > 0).sum())
    of_one_pass = listeners * data.song_count
    monkeypatch.setattr(compiled_ranking, "WORTH_COMPILING", worth * of_one_pass)
    monkeypatch.setattr(NCFScorer, "expect", lambda self, scores: told.append(scores))
    config = config_for("ncf", "quick", {"epochs": 3, "batch_size": 4096, "patience": 9})
    train(data, "ncf", config, Places(tmp_path / "data", tmp_path / "runs"), "one", "cpu")
    assert told == ([3 * of_one_pass, of_one_pass] if worth == 3 else [of_one_pass]) * 3
