"""Where numbers of double precision can be computed with."""

from __future__ import annotations

import torch


def exact_device(device: torch.device) -> torch.device:
    """Return `device`, or the CPU where it knows no double precision."""
    return torch.device("cpu") if device.type == "mps" else device
