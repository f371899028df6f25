"""Parameters from the command line under their names of the reference program, and from files."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from worlds import World

from musicrec.core.places import Places
from musicrec.core.runs import read_card

Musicrec = Callable[..., Any]
ALIASES = [
    (["--optim", "adagrad"], "optimizer", "adagrad"),
    (["--batch_size", "300"], "batch_size", 300),
    (["--latent_dim_mf", "4"], "factors", 4),
    (["--num_layers", "2"], "layers", 2),
    (["--num_neg", "1"], "negatives", 1),
    (["--l2", "0.01"], "l2", 0.01),
    (["--lr", "0.02"], "lr", 0.02),
]


@pytest.fixture
def places(kkbox_world: World, tmp_path: Path) -> Places:
    return Places(kkbox_world.places.data, tmp_path / "runs")


@pytest.mark.parametrize(("option", "name", "value"), ALIASES, ids=lambda value: str(value))
def test_the_names_of_the_ncf_reference(
    option: list[str], name: str, value: object, invoke: Musicrec, places: Places
) -> None:
    quick = [] if "--batch_size" in option else ["--batch-size", "2048"]
    assert invoke(places, "train", "ncf", "--epochs", "1", "--name", "run", *quick, *option).exit_code == 0
    assert read_card(places, "run").config[name] == value


def test_the_names_of_the_dtnmr_reference(invoke: Musicrec, places: Places) -> None:
    small = ["--lstm-hidden", "8", "--feature-hidden", "8", "--batch-size", "512", "--epochs", "1", "--name", "run"]
    given = ["--subset-size", "4", "--short-term-len", "3", "--long-term-len", "6"]
    assert invoke(places, "train", "dtnmr", *small, *given).exit_code == 0
    config = read_card(places, "run").config
    assert [config[name] for name in ("subset_size", "short_term_len", "long_term_len")] == [4, 3, 6]
    assert invoke(places, "train", "--reload", "run", "--epochs", "2").exit_code == 0
    assert read_card(places, "run").epochs == 2


def test_a_gpu_is_a_device(invoke: Musicrec, places: Places, monkeypatch: pytest.MonkeyPatch) -> None:
    from musicrec.core.models import registry

    monkeypatch.setattr(registry.torch.cuda, "is_available", lambda: False)
    answer = invoke(places, "train", "ncf", "--gpu", "3")
    assert (answer.exit_code, "'cuda:3'" in answer.stderr) == (2, True)
    answer = invoke(places, "train", "ncf", "--gpu", "3", "--device", "cpu")
    assert (answer.exit_code, answer.stderr) == (2, "musicrec: choose --device or --gpu, not both\n")


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("factor = 3\n", "{file}: gmf takes no parameter 'factor': did you mean factors?"),
        ("num_neg = 3\n", "{file}: gmf takes no parameter 'num_neg': it takes"),
        ("[gmf]\nfactors = 3\n", "{file}: parameters stand in no section, but [gmf] is one"),
        ("factors = 3\nfactors = 4\n", "{file} is not TOML: Cannot overwrite a value (at line 2"),
        ("factors = 3.5\n", "{file}: factors takes a whole number, not 3.5"),
        ("lr = 'fast'\n", "{file}: lr takes a number, not 'fast'"),
        ("lr = nan\n", "{file}: gmf: lr must be a finite number, not nan"),
        ("epochs = 0\n", "{file}: gmf: epochs must be at least 1, not 0"),
        ("seed = 99999999999999999999\n", "{file}: gmf: seed must be below 2^63, not 99999999999999999999"),
    ],
    ids=["near", "far", "section", "twice", "fraction", "word", "nan", "range", "seed"],
)
def test_what_a_file_has_wrong_is_told_with_its_name(
    content: str, told: str, invoke: Musicrec, places: Places, tmp_path: Path
) -> None:
    file = tmp_path / "mine.toml"
    file.write_text(content)
    answer = invoke(places, "train", "gmf", "--config", str(file))
    assert answer.exit_code == 2
    assert answer.stderr.startswith("musicrec: --config " + told.format(file=file))
    assert answer.stderr.count("\n") == 1


def test_what_the_options_have_wrong_is_not_the_fault_of_the_file(
    invoke: Musicrec, places: Places, tmp_path: Path
) -> None:
    file = tmp_path / "mine.toml"
    file.write_text("factors = 4\n")
    answer = invoke(places, "train", "gmf", "--config", str(file), "--epochs", "0")
    assert answer.stderr == "musicrec: gmf: epochs must be at least 1, not 0\n"


def test_an_unknown_option_names_the_nearest(invoke: Musicrec, places: Places) -> None:
    answer = invoke(places, "train", "gmf", "--epoch", "3")
    assert answer.exit_code == 2
    assert "--epochs" in answer.stderr
