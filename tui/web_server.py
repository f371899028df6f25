"""The server behind `musicrec tui --web`: textual-serve, kept to its own pages and its own files."""

from __future__ import annotations

import asyncio
import re
import sys
from typing import Any
from urllib.parse import urlsplit

from aiohttp import web
from textual_serve.server import Server

from musicrec.tui.web import is_loopback

# textual-serve's page asks Google for a font that its own files hold
_FAR_FONT = re.compile(r'<link[^>]*href="https?://fonts\.googleapis\.com[^>]*>')
_FACE = '@font-face { font-family: "Roboto Mono"; font-weight: 100 700; src: url("/static/fonts/RobotoMono-%s"); %s}'
_UPRIGHT = _FACE % ("VariableFont_wght.ttf", "")
_ITALIC = _FACE % ("Italic-VariableFont_wght.ttf", "font-style: italic; ")
_NEAR_FONT = f"<style>{_UPRIGHT} {_ITALIC}</style>"


class ExplorerServer(Server):
    """Serves one command; each page has a process of its own. Pages of other sites cannot open one."""

    def __init__(self, command: str, host: str, port: int) -> None:
        super().__init__(command, host, port, title="musicrec")
        self._open: set[asyncio.Task[Any]] = set()

    def serve(self, debug: bool = False) -> None:
        """Serve until ctrl+c, and say where once it works. Raises OSError where the port cannot be had."""
        told = f"musicrec: open http://{_in_url(self.host)}:{self.port} in a browser; ctrl+c ends"
        web.run_app(
            self._make_app(),
            host=self.host.strip("[]"),
            port=self.port,
            print=lambda *_: print(told, file=sys.stderr, flush=True),  # noqa: T201
            access_log=None,
        )

    async def on_startup(self, app: web.Application) -> None:
        """Say nothing yet: the port may be taken."""

    async def on_shutdown(self, app: web.Application) -> None:
        """End the explorers that are open: the server would wait a minute for them."""
        for task in self._open:
            task.cancel()
        await asyncio.gather(*self._open, return_exceptions=True)

    async def handle_index(self, request: web.Request) -> web.StreamResponse:
        """Give out the page, with addresses as the browser knows them and without anything from elsewhere."""
        self._check_name(request)
        self.public_url = f"{request.scheme}://{request.host}"
        response = await super().handle_index(request)
        assert isinstance(response, web.Response)
        response.text = _FAR_FONT.sub(_NEAR_FONT, response.text or "")
        return response

    async def handle_websocket(self, request: web.Request) -> web.WebSocketResponse:
        """Run an explorer for a page of this server; a page of another site is turned away."""
        self._check_name(request)
        origin = request.headers.get("Origin")
        if origin is not None and urlsplit(origin).netloc != request.host:
            raise web.HTTPForbidden(text="only pages of this server can open the explorer")
        task = asyncio.current_task()
        assert task is not None
        self._open.add(task)
        try:
            return await super().handle_websocket(request)
        finally:
            self._open.discard(task)

    def _check_name(self, request: web.Request) -> None:
        # A foreign name that leads to this machine would make a foreign page one of this server's
        if is_loopback(self.host) and not is_loopback(urlsplit(f"//{request.host}").hostname or ""):
            raise web.HTTPForbidden(text=f"this server is called {self.host}")


def _in_url(host: str) -> str:
    return f"[{host}]" if ":" in host and not host.startswith("[") else host
