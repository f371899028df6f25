"""No command reaches for a network: every way out is blocked around each of them."""

from __future__ import annotations

import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from worlds import World

from musicrec.core.places import Places

Musicrec = Callable[..., Any]


class Reached(BaseException):
    """Something reached for the network; nothing that catches errors catches this."""


@pytest.fixture
def cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    """Block every way to a network; sockets of this machine's own files, which event loops use, stay."""

    def reach(*told: Any, **_: Any) -> Any:
        raise Reached(repr(told))

    class Blocked(socket.socket):
        def connect(self, address: Any) -> None:
            if self.family != socket.AF_UNIX:
                reach(address)
            super().connect(address)

        def connect_ex(self, address: Any) -> int:
            return super().connect_ex(address) if self.family == socket.AF_UNIX else reach(address)

        def sendto(self, *told: Any) -> int:  # type: ignore[override]
            return reach(*told)

    monkeypatch.setattr(socket, "socket", Blocked)
    for name in ("getaddrinfo", "create_connection", "gethostbyname"):
        monkeypatch.setattr(socket, name, reach)


@pytest.mark.usefixtures("cut_off")
def test_every_command_works_without_a_network(kkbox_world: World, invoke: Musicrec, tmp_path: Path) -> None:
    places = Places(tmp_path / "data", tmp_path / "checkpoints")
    quick = ["--epochs", "1", "--batch-size", "256"]
    for arguments in (
        ["--version"], ["datasets"], ["import", "kkbox", str(kkbox_world.files)], ["doctor"], ["listeners"],
        ["songs"], ["keys"],
        ["sample", "kkbox", str(tmp_path / "raw"), "--listeners", "10", "--songs", "30", "--plays", "60"],
        ["train", "gmf", "--name", "one", *quick], ["train", "popularity", "--name", "two"], ["runs"], ["runs",
        "one", "two"],
        ["evaluate", "--k", "5"], ["compare", "one", "two"], ["sweep", "gmf", "lr=0.01", "--name", "s", *quick],
        ["report", "one", "two", "--output", str(tmp_path / "page.html")], ["tui"],
        ["export", str(tmp_path / "out"), "--run", "one", "-k", "5", "--negatives", "0", "--onnx"],
    ):  # fmt: skip
        answer = invoke(places, *arguments)
        assert not isinstance(answer.exception, Reached), (arguments, answer.exception)
        assert answer.exit_code == (2 if arguments == ["tui"] else 0), (arguments, answer.stderr)
    someone = invoke(places, "listeners", "--limit", "1", "--csv").stdout.splitlines()[1].split(",")[0]
    song = invoke(places, "songs", "--limit", "1", "--csv", "--sort", "id").stdout.splitlines()
    assert len(song) == 2
    for arguments in (["listener", someone], ["recommend", someone, "--run", "one", "--explain"], ["what-if", someone]):
        assert invoke(places, *arguments).exit_code == 0


@pytest.mark.usefixtures("cut_off")
async def test_the_screen_opens_without_a_network(kkbox_world: World) -> None:
    from musicrec.core.explorer import Explorer
    from musicrec.tui.app import MusicrecApp

    app = MusicrecApp(Explorer.open(kkbox_world.places))
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.pause(0.5)
        await pilot.press("down", "2", "1")
        assert app.is_running


@pytest.mark.usefixtures("cut_off")
def test_the_block_blocks() -> None:
    with pytest.raises(Reached):
        socket.create_connection(("127.0.0.1", 9))
    with pytest.raises(Reached):
        socket.socket().connect(("127.0.0.1", 9))
