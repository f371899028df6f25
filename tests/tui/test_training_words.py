"""What the Runs place draws and reads: charts, the progress of a training, parameters as they are typed."""

from __future__ import annotations

import pytest
from runs_stand_in import epoch_of, step_of

from musicrec.core.errors import UsageError
from musicrec.core.models.configs import DTNMRConfig
from musicrec.core.models.written import config_from_words, parameters_of, split_parameters
from musicrec.tui.runs.curves import chart, number
from musicrec.tui.runs.training import Order, Training


def test_charts_are_exact_and_steady():
    points = [(1, 2.0), (2, 1.0), (3, float("nan")), (4, 0.5)]
    rows = chart(points, 10, 40, 6, mark=4)
    assert len(rows) == 6
    assert {sum(len(cell.text) for cell in row) for row in rows} == {40}
    assert "2.0000" in rows[0][0].text
    assert "0.5000" in rows[-2][0].text
    assert "".join(cell.text for cell in rows[-1]).split() == ["1", "best", "4", "10"]
    assert chart(points[:1], 10, 40, 6) == chart(points, 10, 9, 6) == []
    assert all(sum(len(c.text) for c in row) == 20 for row in chart([(1, 3.0), (2, 3.0)], 2, 20, 5, mark=2))
    values = (0.12345, 12.5, 12345.6, 2e9, 1e-5)
    assert [number(each) for each in values] == ["0.1235", "12.50", "12346", "2e+09", "1e-05"]


def test_passes_too_short_for_steps_are_progress_too():
    training = Training(Order("ncf", "quick", "", {"epochs": "4"}))
    assert (training.words, training.share, training.passes) == (("starting …",), 0.0, 4)
    training = training.after(epoch_of(1, 1)).after(epoch_of(2, 1))
    assert training.share == 0.5
    assert training.words[0] == "pass 2 of 4"
    assert "6 s left" in training.words
    assert training.after(step_of(3, 4, 25_000)).share == 0.625
    assert Order("itemknn", "quick", "", {}).passes == 1


def test_parameters_are_read_as_typed():
    assert split_parameters(" epochs=3  batch-size=16 ") == {"epochs": "3", "batch_size": "16"}
    config = config_from_words("dtnmr", "quick", {"lr": "1", "song_ids": "no", "feature_hidden": "8,4", "epochs": "3"})
    assert isinstance(config, DTNMRConfig)
    assert (config.lr, config.song_ids, config.feature_hidden, config.epochs) == (1.0, False, (8, 4), 3)
    assert parameters_of("itemknn")[-1].name == "seed"
    for text in ("epochs", "=3", "epochs=", "a=1 a=2"):
        with pytest.raises(UsageError):
            split_parameters(text)
    for words in ({"epochs": "1.5"}, {"lr": "nan"}, {"nothing": "1"}, {"song_ids": "perhaps"}, {"epochs": "0"}):
        with pytest.raises(UsageError):
            config_from_words("dtnmr", "quick", words)
