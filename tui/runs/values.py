"""How parameters of a run are written on the screen."""

from __future__ import annotations


def shown(value: object) -> str:
    """Return a parameter as it is typed; a dash stands for one that the run does not have."""
    if isinstance(value, list | tuple):
        return ", ".join(map(shown, value))
    if isinstance(value, bool):
        return str(value).lower()
    return "–" if value is None else str(value)
