"""One session of the explorer: what the last one left is taken up, what this one leaves is kept."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from musicrec.core.errors import MusicrecError
from musicrec.tui import kept
from musicrec.tui.app import MusicrecApp
from musicrec.tui.keys import read_keymap

if TYPE_CHECKING:
    from musicrec.core.explorer import Explorer


def last_dataset() -> str | None:
    """Name the dataset that was open last."""
    return kept.load().dataset


def run_app(
    explorer: Explorer | None,
    *,
    listener: str | None = None,
    run: str | None = None,
    theme: str | None = None,
    keys: Path | None = None,
    problem: str | None = None,
) -> int:
    """Run the screen until a person leaves it; return the exit status. It paints before `explorer` opens its dataset.

    `listener`, `run` and `theme` win over what was kept, `keys` over the usual file of keys. Raises UsageError for a
    theme that does not exist and for a file of keys that makes no sense, MusicrecError where the dataset cannot be
    opened.
    """
    state, keymap = kept.load(), read_keymap(keys)
    bookmark = state.bookmarks.get(explorer.name) if explorer is not None else None
    app = MusicrecApp(explorer, bookmark=bookmark, listener=listener, run=run, theme=theme, problem=problem)
    if theme is None and state.theme in app.available_themes:
        app.theme = state.theme
    app.set_keymap(keymap)
    asyncio.run(_shown(app, explorer))
    if app.trouble is not None:
        raise MusicrecError(app.trouble)
    state = replace(kept.load(), theme=app.theme)
    kept.save(state if explorer is None else state.with_bookmark(explorer.name, app.bookmark()))
    return app.return_code or 0


async def _shown(app: MusicrecApp, explorer: Explorer | None) -> None:
    try:
        await app.run_async()
    finally:
        if explorer is not None:
            explorer.close()  # before the end of the loop, which waits for whoever still asks
