"""What goes wrong is told in one line on stderr that begins with the program's name, and in the exit code."""

from __future__ import annotations

import errno
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner
from worlds import World

from musicrec.commands.app import app
from musicrec.core.places import Places

Musicrec = Callable[..., Any]

# Arguments, exit code, what the line must name
FAILURES = [
    (["recommend", "nobody", "--run", "neural"], 1, "'nobody'"),
    (["recommend", "nobody", "--run", "nix"], 1, "'nix'"),
    (["recommend", "nobody", "--dataset", "nix"], 1, "nix"),
    (["similar", "nothing", "--run", "neural"], 1, "'nothing'"),
    (["similar", "SONG", "--run", "crowd"], 1, "no notion of similar songs"),
    (["recommend", "LISTENER", "--run", "neural", "--genre", "polka"], 1, "'polka'"),
    (["recommend", "LISTENER", "--run", "neural", "--language", "Latin"], 1, "'Latin'"),
    (["evaluate", "nix"], 1, "'nix'"),
    (["evaluate", "crowd", "--protocol", "sampled", "--negatives", "239"], 1, "--protocol full"),
    (["train", "--resume", "nix"], 1, "'nix'"),
    (["train", "ncf", "--layers", "30", "--factors", "2147483647"], 1, "too little memory"),
    (["listener", "nobody"], 1, "'nobody'"),
    (["listener", "LISTENER", "--run", "nix"], 1, "'nix'"),
    (["song", "nothing"], 1, "'nothing'"),
    (["song", "nothing", "--similar", "--run", "neural"], 1, "'nothing'"),
    (["song", "SONG", "--similar", "--run", "crowd"], 1, "no notion of similar songs"),
    (["runs", "nix"], 1, "'nix'"),
    (["runs", "neural", "nix"], 1, "'nix'"),
    (["compare", "neural", "nix"], 1, "'nix'"),
    (["compare", "neural", "crowd", "--listener", "nobody"], 1, "'nobody'"),
    (["what-if", "nobody", "--run", "neural"], 1, "'nobody'"),
    (["what-if", "LISTENER", "--run", "neural", "--add", "nothing"], 1, "'nothing'"),
    (["import", "kkbox", "nowhere"], 1, "nowhere"),
]
WRONG_USE = [
    (["tui"], 2, "needs a terminal"),
    (["tui", "--port", "8001"], 2, "--port is for browsers"),
    (["train", "nix"], 2, "neumf"),
    (["train", "ncf", "--preset", "nix"], 2, "reference, quick"),
    (["train", "ncf", "--lr", "fast"], 2, "--lr"),
    (["train", "ncf", "--lr", "-1"], 2, "lr"),
    (["train", "ncf", "--epochs", "0"], 2, "epochs"),
    (["train", "ncf", "--layers", "60"], 2, "layers must be at most 30, not 60"),
    (["train", "ncf", "--optimizer", "nix"], 2, "adagrad"),
    (["train", "ncf", "--lstm-hidden", "3"], 2, "lstm_hidden"),
    (["train", "dtnmr", "--song-features", "mood"], 2, "mood"),
    (["train", "dtnmr", "--feature-hidden", "12,x"], 2, "feature_hidden"),
    (["train", "dtnmr", "--short-term-len", "30"], 2, "long_term_len"),
    (["train", "ncf", "--name", "a/b"], 2, "'a/b'"),
    (["train", "ncf", "--name", "crowd"], 2, "exists already"),
    (["train", "ncf", "--device", "toaster"], 2, "'toaster'"),
    (["evaluate", "--protocol", "nix"], 2, "'--protocol': 'nix' is not one of"),
    (["train", "ncf", "--config", "nowhere.toml"], 2, "nowhere.toml"),
    (["train", "--resume", "crowd"], 2, "nothing to resume"),
    (["train", "--resume", "neural", "--lr", "1"], 2, "--lr"),
    (["train", "--resume", "neural", "--preset", "quick"], 2, "--preset"),
    (["train", "--resume", "neural", "--name", "other"], 2, "--name"),
    (["train", "mlp", "--resume", "neural"], 2, "mlp"),
    (["evaluate", "--k", "0"], 2, "--k"),
    (["evaluate", "--k", "ten"], 2, "'ten'"),
    (["evaluate", "--k", ""], 2, "--k"),
    (["evaluate", "crowd", "--json", "--csv", "-"], 2, "--json or --csv"),
    (["recommend", "LISTENER", "-k", "0"], 2, "-k"),
    (["recommend", "LISTENER", "--json", "--csv"], 2, "--json or --csv"),
    (["recommend", "LISTENER", "--json", "--csv", "--explain"], 2, "--json or --csv"),
    (["similar", "SONG", "--json", "--csv"], 2, "--json or --csv"),
    (["recommend"], 2, "Missing argument"),
    (["recommend", "LISTENER", "--year", "90s"], 2, "1990-1999"),
    (["recommend", "LISTENER", "--year", "-"], 2, "1990-1999"),
    (["recommend", "LISTENER", "--year", "1999-1990"], 2, "after the last"),
    (["recommend", "LISTENER", "--per-artist", "0"], 2, "--per-artist"),
    (["recommend", "LISTENER", "--run", "neural", "--output", "list.xml"], 2, ".m3u8"),
    (["listeners", "mood:sad"], 2, "no filter mood:"),
    (["listeners", "--sort", "artist"], 2, "sort by plays, id"),
    (["listeners", "--limit", "0"], 2, "--limit"),
    (["songs", "year:x"], 2, "year:"),
    (["songs", "--sort", "mood"], 2, "sort by plays, title"),
    (["songs", "--offset", "-1"], 2, "--offset"),
    (["songs", "--json", "--csv"], 2, "--json or --csv"),
    (["runs", "neural", "crowd", "neural"], 2, "not 3"),
    (["compare", "neural"], 2, "RUN"),
    (["compare", "neural", "crowd", "--genre", "polka"], 2, "--genre is for what a listener is recommended"),
    (["compare", "neural", "crowd", "--include-heard"], 2, "--include-heard is for"),
    (["compare", "neural", "crowd", "--dataset", "nix"], 2, "--dataset is for"),
    (["compare", "neural", "crowd", "--listener", "LISTENER", "--metric", "nix"], 2, "--metric is for the tests"),
    (["compare", "neural", "crowd", "--listener", "LISTENER", "--split", "test"], 2, "--split is for the tests"),
    (["song", "SONG", "--run", "nix"], 2, "--run is for similar songs"),
    (["what-if", "LISTENER", "--run", "neural", "--remove", "9999"], 2, "position 9999"),
    (["what-if", "LISTENER", "--run", "neural", "--move", "3"], 2, "3:0"),
    (["what-if", "LISTENER", "--run", "neural", "--move", "9999:0"], 2, "position 9999"),
    (["what-if", "LISTENER", "--run", "neural", "--age", "old"], 2, "'old'"),
    (["what-if", "LISTENER", "--run", "neural", "--age", "200"], 2, "200"),
    (["what-if", "LISTENER", "--run", "neural", "--gender", "cat"], 2, "'cat'"),
    (["what-if", "LISTENER", "--json", "--csv"], 2, "--json or --csv"),
    (["import", "kkbox", "x", "--top", "3"], 2, "--top"),
    (["import", "kkbox", "x", "--name", "../x"], 2, "'../x'"),
    (["sample", "kkbox", "x", "--songs", "3"], 2, "20 songs"),
    (["nix"], 2, "nix"),
    (["--nix"], 2, "--nix"),
    (["recommend", "--run"], 2, "--run"),
]


def _is_one_line(answer: Any, code: int, names: str) -> None:
    assert answer.exit_code == code
    assert isinstance(answer.exception, SystemExit)  # anything else would be a traceback
    assert answer.stdout == ""
    assert answer.stderr.startswith("musicrec: ")
    assert answer.stderr.endswith("\n")
    assert answer.stderr.count("\n") == 1
    assert names in answer.stderr


@pytest.mark.parametrize(("arguments", "code", "names"), FAILURES + WRONG_USE, ids=lambda value: str(value)[:60])
def test_one_line_and_the_exit_code(
    arguments: list[str],
    code: int,
    names: str,
    musicrec: Musicrec,
    trained: Places,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    from musicrec.core.explorer import Explorer

    explorer = Explorer.open(trained)
    real = {"LISTENER": explorer.find_listeners(limit=1).items[0].id, "SONG": explorer.find_songs(limit=1).items[0].id}
    explorer.close()
    before = {path.name for path in trained.checkpoints.iterdir()}
    _is_one_line(musicrec(*(real.get(each, each) for each in arguments)), code, names)
    assert {path.name for path in trained.checkpoints.iterdir()} == before


@pytest.mark.parametrize(
    ("content", "names"),
    [
        ("factors = 4\nmood = 3\n", "'mood'"),
        ("factors = 'many'\n", "factors"),
        ("factors = true\n", "factors"),
        ("[ncf]\nfactors = 4\n", "[ncf]"),
        ("factors = \n", "not TOML"),
        ("\xff", "factors"),
    ],
)
def test_a_file_of_parameters_that_makes_no_sense(content: str, names: str, musicrec: Musicrec, tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_bytes(content.encode("latin-1"))
    _is_one_line(musicrec("train", "ncf", "--config", str(file)), 2, names if content != "\xff" else "mine.toml")


def test_options_win_over_the_file_of_parameters(invoke: Musicrec, trained: Places, tmp_path: Path) -> None:
    places, file = Places(trained.data, tmp_path / "runs"), tmp_path / "mine.toml"
    file.write_text("factors = 4\nepochs = 9\n")
    answer = invoke(places, "train", "gmf", "--config", str(file), "--epochs", "1", "--name", "mine")
    assert answer.exit_code == 0
    from musicrec.core.runs import read_card

    card = read_card(places, "mine")
    assert (card.config["factors"], card.config["epochs"], card.epochs) == (4, 1, 1)


@pytest.mark.parametrize(
    "arguments",
    [["recommend", "x"], ["similar", "x"], ["evaluate"], ["train"], ["train", "popularity", "--dataset", "kkbox"]],
)
def test_without_a_dataset_the_way_to_one_is_told(arguments: list[str], invoke: Musicrec, tmp_path: Path) -> None:
    _is_one_line(invoke(Places(tmp_path / "a", tmp_path / "b"), *arguments), 1, "import")


def test_without_a_run_the_way_to_one_is_told(invoke: Musicrec, kkbox_world: World, tmp_path: Path) -> None:
    _is_one_line(invoke(Places(kkbox_world.places.data, tmp_path), "recommend", "x"), 1, "listener 'x'")
    from musicrec.core.explorer import Explorer

    explorer = Explorer.open(kkbox_world.places)
    someone = explorer.find_listeners(limit=1).items[0].id
    explorer.close()
    _is_one_line(invoke(Places(kkbox_world.places.data, tmp_path), "recommend", someone), 1, "musicrec train")


def test_a_run_of_another_dataset_is_refused(invoke: Musicrec, trained: Places, checkerboard: World) -> None:
    places = Places(checkerboard.places.data, trained.checkpoints)
    for arguments in (
        ["recommend", "L0", "--run", "neural", "--dataset", "checkerboard"],
        ["evaluate", "neural", "--dataset", "checkerboard"],
        ["train", "--resume", "neural", "--dataset", "checkerboard", "--epochs", "3"],
    ):
        _is_one_line(invoke(places, *arguments), 1, "another dataset")


def test_a_dataset_that_is_there_is_not_written_over(invoke: Musicrec, kkbox_world: World, tmp_path: Path) -> None:
    places = Places(tmp_path, tmp_path)
    (tmp_path / "kkbox.duckdb").write_text("mine")
    _is_one_line(invoke(places, "import", "kkbox", str(kkbox_world.files)), 1, "--replace")
    assert (tmp_path / "kkbox.duckdb").read_text() == "mine"


def test_a_damaged_dataset_is_told(invoke: Musicrec, tmp_path: Path) -> None:
    (tmp_path / "kkbox.duckdb").write_text("nonsense " * 1000)
    _is_one_line(invoke(Places(tmp_path, tmp_path), "recommend", "x", "--dataset", "kkbox"), 1, "kkbox.duckdb")
    assert "damaged" in invoke(Places(tmp_path, tmp_path), "datasets").stdout


def test_damaged_weights_are_told(invoke: Musicrec, kkbox_world: World, tmp_path: Path) -> None:
    places = Places(kkbox_world.places.data, tmp_path)
    assert invoke(places, "train", "popularity", "--name", "run").exit_code == 0
    (places.run("run") / "model.safetensors").write_bytes(b"junk")
    _is_one_line(invoke(places, "evaluate", "run"), 1, "model.safetensors")


PATHS = [
    ["--data", "PATH", "datasets"],
    ["--data", "PATH", "recommend", "x"],
    ["--data", "PATH", "doctor"],
    ["--data", "PATH", "import", "kkbox", "."],
    ["--checkpoints", "PATH", "runs"],
    ["sample", "kkbox", "PATH"],
    ["evaluate", "--scores", "PATH.csv"],
    ["evaluate", "neural", "--csv", "PATH.csv"],
]


@pytest.mark.parametrize("arguments", PATHS, ids=" ".join)
def test_a_path_that_is_too_long_is_told_in_one_line(arguments: list[str], musicrec: Musicrec, tmp_path: Path) -> None:
    path = str(tmp_path / ("a" * 300))
    _is_one_line(musicrec(*(each.replace("PATH", path) for each in arguments)), 1, path)


@pytest.mark.parametrize("arguments", PATHS, ids=" ".join)
def test_a_path_through_a_closed_folder_is_told_in_one_line(
    arguments: list[str], musicrec: Musicrec, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stat = Path.stat

    def closed(path: Path, **more: Any) -> Any:  # as root, for whom no folder is closed
        if path.is_relative_to(tmp_path):
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return stat(path, **more)

    monkeypatch.setattr(Path, "stat", closed)
    path = str(tmp_path / "closed")
    _is_one_line(musicrec(*(each.replace("PATH", path) for each in arguments)), 1, path)


def test_nothing_asked_for_shows_the_help() -> None:
    answer = CliRunner().invoke(app, [], prog_name="musicrec")
    assert answer.exit_code == 2
    assert "Usage: musicrec" in answer.output
    assert "recommend" in answer.output
