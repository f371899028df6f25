"""How much memory there is, for asking before taking a large piece of it."""

from __future__ import annotations

import os
from pathlib import Path

import torch

_LINUX = Path("/proc/meminfo")


def available(device: torch.device) -> int | None:
    """Return the bytes that can still be had on a device, None where nothing tells."""
    if device.type == "cuda":
        return torch.cuda.mem_get_info(device)[0]
    if _LINUX.exists():
        told = dict(line.split(":", 1) for line in _LINUX.read_text().splitlines() if ":" in line)
        return int(told["MemAvailable"].split()[0]) * 1024 if "MemAvailable" in told else None
    if hasattr(os, "sysconf") and "SC_PHYS_PAGES" in os.sysconf_names:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")  # all there is: better than not to ask
    return None
