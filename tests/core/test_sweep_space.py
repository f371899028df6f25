"""What a sweep tries, from words to trainings."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from musicrec.core.errors import UsageError
from musicrec.core.sweeping.asking import Asked, from_file, from_preset, from_words
from musicrec.core.sweeping.plan import Plan, make_plan, trials_of
from musicrec.core.sweeping.space import Choices, Range, read_space


def _plan(model: str, space: dict[str, str], search: Any = "grid", trials: int = 0, **more: Any) -> Plan:
    return make_plan(Plan(model, "data", "f", search, space, trials=trials, **more))


def test_values_have_the_kinds_of_their_parameters() -> None:
    words = {"factors": "4,8,16", "lr": "1e-4..1e-1:log", "optimizer": "adam|sgd", "layers": "1..3"}
    assert read_space("ncf", words) == (
        Choices("factors", (4, 8, 16)),
        Range("lr", 1e-4, 1e-1, log=True),
        Choices("optimizer", ("adam", "sgd")),
        Range("layers", 1, 3),
    )
    assert read_space("dtnmr", {"song_ids": "true,false", "feature_hidden": "512,64|128,64"}) == (
        Choices("song_ids", (True, False)),
        Choices("feature_hidden", ("512,64", "128,64")),
    )


@pytest.mark.parametrize("text", ["4|8|16", "0.001..0.1:log", "1..3", "0.0..0.5:0.1", "true|false"])
def test_values_are_written_as_they_are_read(text: str) -> None:
    names = {"4|8|16": "factors", "0.001..0.1:log": "lr", "1..3": "layers", "0.0..0.5:0.1": "l2"}
    model, name = ("ncf", names[text]) if text in names else ("dtnmr", "song_ids")
    (axis,) = read_space(model, {name: text})
    assert axis.text == text
    assert read_space(model, {name: axis.text}) == (axis,)


@pytest.mark.parametrize(
    ("space", "told"),
    [
        ({"factor": "4,8"}, "did you mean factors"),
        ({"factors": "4,x"}, "factors takes a whole number, not 'x'"),
        ({"factors": "4,,8"}, "a value is missing"),
        ({"factors": "4,8,4"}, "given twice"),
        ({"factors": "8..4"}, "first number must be below"),
        ({"lr": "0..1:log"}, "begins above 0"),
        ({"lr": "0.1..0.2"}, "lr=0.1..0.2 has no end of values"),
        ({"factors": "4,0"}, "factors must be at least 1, not 0"),
        ({"optimizer": "adam,adan"}, "'adan'"),
        ({"factors": "1..100", "layers": "1..50", "negatives": "1..50"}, "a grid of 250,000 trainings"),
        ({}, "a sweep varies something"),
    ],
)
def test_what_cannot_be_tried_is_told_in_one_line(space: dict[str, str], told: str) -> None:
    with pytest.raises(UsageError) as problem:
        _plan("ncf", space)
    assert told in str(problem.value)
    assert "\n" not in str(problem.value)


@pytest.mark.parametrize("search", ["", 'search = "grid"\n'])
@pytest.mark.parametrize("trials", [2, -2])
def test_a_grid_takes_no_number_of_trainings(search: str, trials: int, tmp_path: Path) -> None:
    path = tmp_path / "space.toml"
    path.write_text(f'model = "ncf"\n{search}trials = {trials}\n[space]\nfactors = [4, 8, 16]\n')
    with pytest.raises(UsageError, match="a grid trains every combination: leave out trials"):
        from_file(path).plan("kkbox", "f")


def test_a_grid_that_is_typed_wins_over_a_search_and_its_number_of_trainings(tmp_path: Path) -> None:
    path = tmp_path / "space.toml"
    path.write_text('model = "ncf"\nsearch = "random"\ntrials = 2\n[space]\nfactors = [4, 8, 16]\n')
    assert len(trials_of(from_file(path).plan("kkbox", "f")).parameters) == 2
    assert len(trials_of(Asked(search="grid").over(from_file(path)).plan("kkbox", "f")).parameters) == 3


def test_a_grid_is_every_combination_once_in_order() -> None:
    found = trials_of(_plan("ncf", {"factors": "4,8", "layers": "1..3"}))
    expected = [(factors, layers) for factors in (4, 8) for layers in (1, 2, 3)]
    assert [tuple(each.values()) for each in found.parameters] == expected
    assert found.left_out == 0


def test_the_reference_grid_of_ncf_is_27_trainings_with_the_reference_parameters() -> None:
    plan = from_preset("ncf-reference").plan("melon", "f")
    found = trials_of(plan).parameters
    assert len(found) == len({tuple(each.items()) for each in found}) == 27
    config: Any = plan.config(found[-1])
    assert (config.negatives, config.factors, config.layers) == (10, 16, 3)
    assert (config.epochs, config.batch_size, config.optimizer, config.lr, config.l2) == (20, 1024, "adam", 1e-3, 0.0)
    assert config.patience == 20


def test_the_reference_grid_of_dtnmr_leaves_out_what_cannot_be() -> None:
    found = trials_of(from_preset("dtnmr-reference").plan("kkbox", "f"))
    assert len(found.parameters) == 32  # of 36: a short-term playlist of 20 in a long-term one of 10
    assert found.left_out == 4
    assert "short_term_len must not exceed long_term_len" in found.why
    assert not [each for each in found.parameters if each["short_term_len"] > each["long_term_len"]]


def test_a_value_that_fits_no_training_is_no_combination_to_leave_out() -> None:
    with pytest.raises(UsageError, match="short_term_len must not exceed"):
        _plan("dtnmr", {"short_term_len": "5,50", "long_term_len": "10,20"})


@given(seed=st.integers(0, 1000), few=st.integers(1, 10), more=st.integers(0, 10))
def test_draws_are_distinct_and_a_longer_search_begins_with_a_shorter_one(seed: int, few: int, more: int) -> None:
    space = {"factors": "4|8|16", "lr": "1e-4..1e-1:log", "layers": "1..3"}
    short = trials_of(_plan("ncf", space, "random", few, seed=seed)).parameters
    longer = trials_of(_plan("ncf", space, "random", few + more, seed=seed)).parameters
    assert longer[:few] == short
    assert len({tuple(each.items()) for each in longer}) == few + more
    assert all(1e-4 <= float(each["lr"]) <= 1e-1 and each["layers"] in (1, 2, 3) for each in longer)


def test_draws_end_where_the_space_does() -> None:
    assert len(trials_of(_plan("ncf", {"factors": "4|8", "layers": "1..2"}, "random", 50)).parameters) == 4


def test_a_logarithmic_range_is_drawn_evenly_over_its_decades() -> None:
    drawn = trials_of(_plan("ncf", {"lr": "1e-4..1e-1:log"}, "random", 300)).parameters
    decades = [sum(low <= float(each["lr"]) < 10 * low for each in drawn) for low in (1e-4, 1e-3, 1e-2)]
    assert min(decades) > 70  # of 100 each, were they even


def test_what_is_fixed_no_longer_varies_in_a_preset() -> None:
    plan = Asked(fixed={"factors": 8, "epochs": 2}).over(from_preset("ncf-reference")).plan("melon", "f")
    assert plan.space == {"negatives": "1|5|10", "layers": "1|2|3"}
    assert (plan.fixed["factors"], plan.fixed["epochs"], plan.preset) == (8, 2, "reference")


def test_one_parameter_is_not_both() -> None:
    with pytest.raises(UsageError, match="factors is both fixed and"):
        Asked("ncf", space={"factors": "4,8"}, fixed={"factors": 4}).plan("melon", "f")


def test_a_file_says_what_words_say(tmp_path: Path) -> None:
    path = tmp_path / "space.toml"
    path.write_text(
        'model = "dtnmr"\npreset = "quick"\nsearch = "random"\ntrials = 5\n'
        '[space]\nlr = "1e-4..1e-1:log"\nfeature-hidden = [[512, 64], [128, 64]]\nsong_ids = [true, false]\n'
        "[fixed]\nepochs = 2\n"
    )
    words = ["dtnmr", "lr=1e-4..1e-1:log", "feature_hidden=512,64|128,64", "song_ids=true,false"]
    typed = from_words(words)
    of_words = Asked("dtnmr", "quick", "random", 5, None, typed.space, {"epochs": 2}).plan("kkbox", "f")
    assert from_file(path).plan("kkbox", "f") == of_words


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("modell = 1", "did you mean model"),
        ("model = 1", "model cannot be 1"),
        ('search = "grit"', "search is one of grid, random, guided"),
        ("=", "is not TOML"),
        ('preset = "x"', "no preset is called 'x'"),
    ],
)
def test_a_file_that_makes_no_sense_is_told(text: str, told: str, tmp_path: Path) -> None:
    path = tmp_path / "space.toml"
    path.write_text(text)
    with pytest.raises(UsageError) as problem:
        from_file(path)
    assert told in str(problem.value)
    assert "\n" not in str(problem.value)
