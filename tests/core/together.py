"""Processes that work together, started as torchrun does."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from typing import Any


def together(size: int, *command: str, **options: Any) -> list[subprocess.Popen[str]]:
    """Start `size` processes of Python with these arguments."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    address = {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": port, "WORLD_SIZE": str(size), "OMP_NUM_THREADS": "1"}
    return [
        subprocess.Popen(
            [sys.executable, *command],
            env=os.environ | address | {"RANK": str(rank), "LOCAL_RANK": str(rank)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            **options,
        )
        for rank in range(size)
    ]


def answers(processes: list[subprocess.Popen[str]], limit: float) -> list[tuple[str, str]]:
    """What they wrote to stdout and stderr. None of them is left behind where one takes longer than `limit` seconds."""
    try:
        return [process.communicate(timeout=limit) for process in processes]
    finally:
        for process in processes:
            process.kill()
            process.wait()
