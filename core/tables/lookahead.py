"""Looks through files in a thread of its own before their turn comes, while the database reads others."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from concurrent.futures import Future
    from types import TracebackType
    from typing import Self

    from musicrec.core.tables.sources import Source
    from musicrec.core.tables.textures import Texture

    Look = Callable[[Source, Callable[[], bool]], Texture]


class Lookahead:
    """What `look` says of files, one after the other. What goes wrong is raised where a file is asked for.

    `look` is told by what it can ask whether to give up. Leaving the block waits for the thread, which ends soon.
    """

    def __init__(self, look: Look, sources: Iterable[Source]) -> None:
        self._look, self._stopped = look, Event()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="looking-ahead")
        self._looks: dict[Source, Future[Texture]] = {
            source: self._thread.submit(look, source, self._stopped.is_set) for source in sources
        }

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stopped.set()
        self._thread.shutdown(cancel_futures=True)

    def at(self, source: Source) -> Texture:
        """Return what the file holds."""
        ahead = self._looks.pop(source, None)
        return self._look(source, self._stopped.is_set) if ahead is None else ahead.result()
