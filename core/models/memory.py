"""How much memory there is, for asking before taking a large piece of it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import torch

_LINUX = Path("/proc/meminfo")
_OWN_GROUPS, _GROUPS = Path("/proc/self/cgroup"), Path("/sys/fs/cgroup")
_LIMITS = (  # of cgroups v2 and v1: the most, what is in use, and what of that is given back when it is asked for
    ("memory.max", "memory.current", "inactive_file"),
    ("memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file"),
)


def available(device: torch.device) -> int | None:
    """Return the bytes that can still be had on a device, None where nothing tells.

    On Linux that is what the machine has left, or the control group of this process where it may take less.
    """
    if device.type == "cuda":
        return torch.cuda.mem_get_info(device)[0]
    if _LINUX.exists():
        told = dict(line.split(":", 1) for line in _text(_LINUX).splitlines() if ":" in line)
        machine = [int(told["MemAvailable"].split()[0]) * 1024] if "MemAvailable" in told else []
        return min([*machine, *_left_in_groups()], default=None)
    if hasattr(os, "sysconf") and "SC_PHYS_PAGES" in os.sysconf_names:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")  # all there is: better than not to ask
    return None


def _left_in_groups() -> Iterator[int]:
    for folder in _groups():
        for most, used, cached in _LIMITS:
            limit = _text(folder / most).strip()
            if limit.isdecimal():  # `max` is no limit
                usage = _text(folder / used).strip()
                kept = dict(line.split(" ", 1) for line in _text(folder / "memory.stat").splitlines() if " " in line)
                taken = int(usage) - int(kept.get(cached, 0)) if usage.isdecimal() else 0
                yield max(int(limit) - max(taken, 0), 0)


def _groups() -> Iterator[Path]:
    # The groups that this process is in, and those around them, whose limits hold as well; within a container its own
    # group is the outermost
    for line in _text(_OWN_GROUPS).splitlines():
        _, controllers, path = [*line.split(":", 2), "", ""][:3]
        if controllers in ("", "memory"):
            top = _GROUPS / controllers
            inner = top / path.strip("/")
            yield from (folder for folder in (inner, *inner.parents) if folder.is_relative_to(top))


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8", errors="replace")
    except OSError:
        return ""
