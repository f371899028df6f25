"""A listener of 100,000 plays and a song with a title of 10,000 characters cost no one else anything."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode
from typer.testing import CliRunner
from worlds import open_world, write_kkbox

from musicrec.commands.app import app
from musicrec.core.explorer import Explorer
from musicrec.core.models.configs import config_for
from musicrec.core.training import train

PLAYS, TITLE = 100_000, "長" * 5_000 + "x" * 5_000
LISTENERS, SONGS = 40, 150
WINDOWS = {"long_term_len": 4, "short_term_len": 2}
SETTINGS: dict[str, dict[str, Any]] = {
    "itemknn": {},
    "gmf": {"epochs": 1, "factors": 4, "batch_size": 8192, "negative_sampling": "uniform"},
    "dtnmr": {"epochs": 1, "lstm_hidden": 4, "embedding_size": 4, "batch_size": 512, **WINDOWS},
}


class Largest(TorchDispatchMode):
    """Counts the elements of the largest tensor that is made."""

    def __init__(self) -> None:
        super().__init__()
        self.elements = 0

    def __torch_dispatch__(self, func: Callable[..., Any], types: Any, args: Any = (), kwargs: Any = None) -> Any:
        made = func(*args, **(kwargs or {}))
        for each in made if isinstance(made, list | tuple) else (made,):
            # What shares the memory of another, as a view of all plays does, is not made
            if isinstance(each, Tensor) and each._base is None:
                self.elements = max(self.elements, each.numel())
        return made


@pytest.fixture(scope="module")
def explorer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Explorer]:
    root, chance = tmp_path_factory.mktemp("large"), random.Random(3)
    plays = [(f"L{who}", f"S{chance.randrange(SONGS)}") for who in range(LISTENERS) for _ in range(20)]
    plays += [("giant", f"S{chance.randrange(SONGS // 2)}") for _ in range(PLAYS)]
    files = write_kkbox(root / "raw", plays, artists={"S7": "somebody"})
    (files / "song_extra_info.csv").write_text(f"song_id,name,isrc\nS7,{TITLE},\nS8,eight,\n")
    world = open_world(root, "kkbox", files, "large")
    for model, settings in SETTINGS.items():
        train(world.data, model, config_for(model, chosen=settings), world.places, model, "cpu")
    explorer = Explorer.open(world.places, "large")
    yield explorer
    explorer.close()


def test_the_giant_is_whole(explorer: Explorer) -> None:
    assert explorer.listener("giant").plays == PLAYS
    assert len(explorer.draft("giant").plays) > PLAYS // 2


def test_a_title_of_10_000_characters_is_whole_and_takes_no_room_from_others(explorer: Explorer) -> None:
    assert explorer.song("S7").title == TITLE
    where = ["--data", str(explorer.places.data), "--checkpoints", str(explorer.places.checkpoints)]
    answer = CliRunner().invoke(app, [*where, "recommend", "L1", "--run", "itemknn", "-k", "150", "--include-heard"])
    assert answer.exit_code == 0, answer.output
    lines = answer.stdout.splitlines()
    assert any("eight" in line for line in lines)
    assert len(lines) < 2 * SONGS
    assert max(map(len, lines)) < 600


@pytest.mark.parametrize("run", SETTINGS)
def test_answers_for_others_never_touch_the_plays_of_the_giant(explorer: Explorer, run: str) -> None:
    explorer.load(run)
    explorer.recommend("L0", run)
    with Largest() as largest:
        for who in ("L1", "L2", "L3"):
            ranked = explorer.recommend(who, run)
            explorer.explain(who, ranked.items[0].song.id, run)
            explorer.what_if(explorer.draft(who), run)
    assert 0 < largest.elements < PLAYS // 4
    with Largest() as own:
        explorer.what_if(explorer.draft("giant"), run)
    assert own.elements > PLAYS // 2  # as it would be counted
