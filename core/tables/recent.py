"""What was asked for last is asked for again soon: answers kept in memory, up to a number of them."""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Mapping

K = TypeVar("K", bound="Hashable")
V = TypeVar("V")


class Recent(Generic[K, V]):
    """The last `most` answers by what was asked. May be used from any thread."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._found: OrderedDict[K, V] = OrderedDict()

    def those(self, keys: Iterable[K]) -> dict[K, V]:
        """Return the answers that are kept among these."""
        with self._lock:
            found = {key: self._found[key] for key in keys if key in self._found}
            for key in found:
                self._found.move_to_end(key)
            return found

    def keep(self, answers: Mapping[K, V]) -> None:
        """Keep answers, and forget the oldest of the others where they are too many."""
        with self._lock:
            self._found.update(answers)
            while len(self._found) > self._most:
                self._found.popitem(last=False)

    def get(self, key: K, work_out: Callable[[], V]) -> V:
        """Return an answer, worked out if it is not kept. A slow one does not hold up the other threads."""
        found = self.those([key])
        if key not in found:
            found[key] = work_out()
            self.keep(found)
        return found[key]
