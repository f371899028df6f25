"""How many threads compiled loops run on, and whether they are worth it."""

from __future__ import annotations

import os
from dataclasses import dataclass, field

from musicrec.core.errors import UsageError

VARIABLE = "MUSICREC_THREADS"
_LOOK_AGAIN = 32  # portions after which the other way is tried
_NEW = 0.5  # what the last portion counts for


def threads() -> int:
    """Return how many threads a compiled loop may take: all cores, unless OMP_NUM_THREADS or MUSICREC_THREADS says.

    They claim their work bit by bit, in contrast to torch's, which wait for each other. Raises UsageError for what is
    no number above 0.
    """
    told = os.environ.get(VARIABLE)
    if not told:
        import torch

        return torch.get_num_threads()
    if not told.isdecimal() or not int(told):
        raise UsageError(f"{VARIABLE} must be a number above 0, not {told!r}")
    return int(told)


@dataclass(slots=True)
class Crew:
    """Learns whether other threads that work on the same portions of work speed them up.

    On a machine with nothing else to do they nearly double the speed; beside other processes each phase waits for a
    thread that the system holds up. So each portion is timed, and one in _LOOK_AGAIN is done the other way.
    """

    most: int
    _seconds: dict[bool, float] = field(default_factory=dict)  # for a unit of work, with help and without
    _portions: int = 0

    def wanted(self) -> int:
        """Return how many threads should help with the next portion: `most` or none."""
        with_help = self._seconds.get(True, 0.0) <= self._seconds.get(False, float("inf"))
        if self._portions == 2 or self._portions % _LOOK_AGAIN == _LOOK_AGAIN - 1:
            with_help = not with_help
        return self.most if with_help else 0

    def took(self, helpers: int, work: int, seconds: float) -> None:
        """Book how long a portion took; the first is not counted, since it loads code."""
        self._portions += 1
        if self._portions > 1:
            before = self._seconds.get(helpers > 0, seconds / work)
            self._seconds[helpers > 0] = _NEW * seconds / work + (1 - _NEW) * before
