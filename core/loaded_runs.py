"""The runs that are loaded: the few that were asked for last, each with the weights that it had when it was loaded."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import TYPE_CHECKING

from musicrec.core.places import Places
from musicrec.core.runs import weights_mark

if TYPE_CHECKING:
    from musicrec.core.ranking import Ranking

Progress = Callable[[str], None]
KEPT = 3  # two that are compared, and one beside them; with 400,000 songs each takes about 250 MB


class LoadedRuns:
    """Loads a run by `load` when it is first asked for; those that were not asked for the longest are let go."""

    def __init__(self, places: Places, load: Callable[[str, Progress], Ranking]) -> None:
        self._places, self._load = places, load
        self._lock = threading.RLock()
        self._held: OrderedDict[str, tuple[object, Ranking]] = OrderedDict()

    def get(self, name: str, progress: Progress | None = None, look: bool = False) -> Ranking:
        """Return a run's ranking; `look` at its weights' file, too, and load it again where that is another one.

        Raises what `load` does; what was loaded before is kept then.
        """
        with self._lock:
            mark = weights_mark(self._places, name)  # before it is loaded: what is written meanwhile is another one
            if name not in self._held or (look and self._held[name][0] != mark):
                # Without a name for it here: an error within the import of torch keeps this frame and all in it
                self._held[name] = mark, self._load(name, progress or (lambda stage: None))
            self._held.move_to_end(name)
            if len(self._held) > KEPT:
                self._held.popitem(last=False)
            return self._held[name][1]
