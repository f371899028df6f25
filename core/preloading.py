"""Torch's libraries, mapped to memory while the other threads run on."""

from __future__ import annotations

import ctypes
import os
import sys
from importlib.util import find_spec
from pathlib import Path

_LIBRARIES = {"libtorch_global_deps.so": "RTLD_GLOBAL", "libtorch.so": "RTLD_LOCAL"}  # in torch's own order and modes


def preload_torch() -> None:
    """Make ready to import torch; does nothing where that cannot be done, and the import then takes its usual way.

    An import holds Python's lock while the system links torch's libraries: a third of a second in which a screen cannot
    answer a key. A foreign function is called without the lock, and what is linked by then costs the import nothing.
    None of these libraries knows of Python, so none can touch it meanwhile.
    """
    if sys.platform != "linux" or "torch" in sys.modules:
        return
    try:
        spec = find_spec("torch")
        dlopen = ctypes.CDLL(None).dlopen
    except (OSError, AttributeError, ImportError, ValueError):
        return
    dlopen.restype, dlopen.argtypes = ctypes.c_void_p, [ctypes.c_char_p, ctypes.c_int]
    for folder in (spec and spec.submodule_search_locations) or ():
        for name, mode in _LIBRARIES.items():
            if not dlopen(os.fsencode(Path(folder, "lib", name)), os.RTLD_NOW | int(getattr(os, mode))):
                return  # torch knows more places to look for what these need
