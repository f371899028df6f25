"""The explorer in a browser: the page needs nothing from elsewhere, and only its own pages can open an explorer."""

from __future__ import annotations

import asyncio
import re
import shlex
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest

from musicrec.core.errors import MusicrecError, UsageError
from musicrec.tui.web import command, is_loopback, is_served, serve

APP = """
from textual.app import App
from textual.widgets import Static

class Small(App[None]):
    def compose(self):
        yield Static("Hello from the small app", markup=False)

Small().run()
"""
SERVE = "import sys; from musicrec.tui.web import serve; serve(sys.argv[1], port=int(sys.argv[2]))"


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """A server of a small app, and its port."""
    app = tmp_path_factory.mktemp("web") / "small.py"
    app.write_text(APP)
    port = free_port()
    arguments = [sys.executable, "-c", SERVE, shlex.join([sys.executable, str(app)]), str(port)]
    server = subprocess.Popen(arguments, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert server.stderr is not None
    assert server.stderr.readline() == f"musicrec: open http://127.0.0.1:{port} in a browser; ctrl+c ends\n"
    yield server, port
    server.kill()
    server.wait()


async def test_the_page_and_its_files_come_from_here(served):
    from aiohttp import ClientSession

    async with ClientSession(f"http://127.0.0.1:{served[1]}") as browser:
        page = await (await browser.get("/", headers={"Host": f"localhost:{served[1]}"})).text()
        assert f'"ws://localhost:{served[1]}/ws"' in page
        addresses = re.findall(r"""(?:href|src)="([^"]+)"|url\("([^"]+)"\)""", page)
        paths = [(one or other).replace(f"http://localhost:{served[1]}", "") for one, other in addresses]
        assert len(paths) >= 5
        assert all(path.startswith("/static/") for path in paths)
        for path in paths:
            assert (await browser.get(path)).status == 200
        assert (await browser.get("/", headers={"Host": "rebound.example"})).status == 403


async def test_an_app_runs_for_its_own_page_only(served):
    from aiohttp import ClientSession, WSMsgType

    async with ClientSession(f"http://127.0.0.1:{served[1]}") as browser:
        foreign = await browser.get("/ws", headers={"Origin": "https://elsewhere.example"})
        assert foreign.status == 403
        own = {"Origin": f"http://127.0.0.1:{served[1]}"}
        async with browser.ws_connect("/ws?width=60&height=20", headers=own) as page:
            drawn = b""
            async with asyncio.timeout(10):
                while b"Hello from the small app" not in drawn:
                    message = await page.receive()
                    assert message.type in {WSMsgType.BINARY, WSMsgType.TEXT}
                    drawn += message.data if isinstance(message.data, bytes) else message.data.encode()
            await page.send_json(["resize", {"width": 70, "height": 20}])
            started = time.monotonic()
            served[0].send_signal(signal.SIGINT)  # with a page open
            async with asyncio.timeout(10):
                while (await page.receive()).type not in {WSMsgType.CLOSE, WSMsgType.CLOSING, WSMsgType.CLOSED}:
                    pass
    await asyncio.to_thread(served[0].wait, 10)
    assert time.monotonic() - started < 5


def test_a_taken_port_is_told():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(MusicrecError, match=f"port {port} of 127.0.0.1 is taken: choose another with --port"):
            serve("true", port=port)


def test_without_the_extra_it_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "musicrec.tui.web_server", None)
    monkeypatch.delitem(sys.modules, "musicrec.tui.web_server")
    monkeypatch.setitem(sys.modules, "textual_serve", None)
    monkeypatch.setitem(sys.modules, "textual_serve.server", None)
    with pytest.raises(UsageError, match=r"pip install 'musicrec\[web\]'"):
        serve("true")


def test_another_address_is_warned_about(monkeypatch, capsys):
    monkeypatch.setattr("musicrec.tui.web_server.ExplorerServer.serve", lambda self: None)
    serve("true", "0.0.0.0", 8765)
    told = capsys.readouterr()
    assert told.out == ""
    assert "anybody who can reach 0.0.0.0 port 8765" in told.err
    assert told.err.count("\n") == 1
    serve("true")
    assert capsys.readouterr().err == ""
    assert [is_loopback(host) for host in ("127.0.0.2", "::1", "[::1]", "localhost", "0.0.0.0", "a.example")] == [
        *[True] * 4, *[False] * 2
    ]  # fmt: skip


def test_the_command_is_this_very_program(monkeypatch):
    told = subprocess.run(command(["--version"]), shell=True, capture_output=True, text=True, check=True).stdout
    assert told.startswith("musicrec ")
    assert not is_served()
    monkeypatch.setenv("TEXTUAL_DRIVER", "textual.drivers.web_driver:WebDriver")
    assert is_served()
