"""Small datasets that many tests read, made once a process."""

from __future__ import annotations

import random
import signal
import sys
import threading
from itertools import count
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))  # importlib mode gives tests no way to their neighbours

from worlds import World, make_sample, open_world, write_kkbox

# What nohup, or a shell that begins the tests in the background, has them ignore, their processes would ignore, too
if threading.current_thread() is threading.main_thread():
    for each, handler in ((signal.SIGINT, signal.default_int_handler), (signal.SIGHUP, signal.SIG_DFL)):
        if signal.getsignal(each) is signal.SIG_IGN:
            signal.signal(each, handler)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep the tests of a class or module in one process: what is trained for them is trained once."""
    for item in items:
        if item.parent is not None:
            item.add_marker(pytest.mark.xdist_group(item.parent.nodeid))


_PERSONS = count()


@pytest.fixture(autouse=True)
def _no_memory(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Keep the sessions of tests apart from those of the person who runs them."""
    mine = tmp_path_factory.getbasetemp() / f"person-{next(_PERSONS)}"
    monkeypatch.setenv("MUSICREC_STATE", str(mine / "state"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(mine / "config"))


BOARD = 20  # listeners and songs of the checkerboard


@pytest.fixture(scope="session")
def kkbox_world(tmp_path_factory: pytest.TempPathFactory) -> World:
    """A KKBOX sample of 60 listeners."""
    return make_sample(tmp_path_factory.mktemp("kkbox-world"), "kkbox", 60, 240, 2000)


@pytest.fixture(scope="session")
def melon_world(tmp_path_factory: pytest.TempPathFactory) -> World:
    """A Melon sample of 60 playlists."""
    return make_sample(tmp_path_factory.mktemp("melon-world"), "melon", 60, 240, 1500)


def _board() -> list[tuple[str, str]]:
    # Listener i plays song j where i + j is even, but song i, in any order
    shuffled, plays = random.Random(5), []
    for i in range(BOARD):
        row = [(f"L{i}", f"S{j}") for j in range(BOARD) if (i + j) % 2 == 0 and i != j]
        plays += shuffled.sample(row, len(row))
    return plays


@pytest.fixture(scope="session")
def checkerboard(tmp_path_factory: pytest.TempPathFactory) -> World:
    """A checkerboard of plays with the diagonal withheld as the test."""
    root, diagonal = tmp_path_factory.mktemp("checkerboard"), [(f"L{i}", f"S{i}") for i in range(BOARD)]
    return open_world(root, "kkbox", write_kkbox(root / "raw", _board(), diagonal), "checkerboard")


@pytest.fixture(scope="session")
def other_future(tmp_path_factory: pytest.TempPathFactory) -> World:
    """The checkerboard with other songs withheld: ones that no listener of that past would play."""
    root, others = tmp_path_factory.mktemp("other-future"), [(f"L{i}", f"S{(i + 1) % BOARD}") for i in range(BOARD)]
    return open_world(root, "kkbox", write_kkbox(root / "raw", _board(), others), "checkerboard")


@pytest.fixture(scope="session")
def described_board(tmp_path_factory: pytest.TempPathFactory) -> World:
    """The checkerboard with an artist to the songs of each colour."""
    root, diagonal = tmp_path_factory.mktemp("described-board"), [(f"L{i}", f"S{i}") for i in range(BOARD)]
    artists = {f"S{j}": ("Even", "Odd")[j % 2] for j in range(BOARD)}
    return open_world(root, "kkbox", write_kkbox(root / "raw", _board(), diagonal, artists), "described-board")
